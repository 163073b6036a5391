import path from 'node:path';
import { folderKey } from '../../../common/files/folderKey.ts';
import { Turns } from '../../../common/turns.ts';
import { CodeModeError } from '../../../contract/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { keptLabels, LABEL } from '../labels.ts';
import type { ContainerSettings } from '../settings.ts';
import { buildImage } from './buildImage.ts';
import type { ContainerImage } from './containerImage.ts';
import { contentDigest } from './contentDigest.ts';
import { type FoundImage, findImage } from './findImage.ts';
import { type FetchedImage, type ImageBuild, readImageSource } from './imageSource.ts';
import { removeOldImages } from './oldImages.ts';
import { pullImage } from './pullImage.ts';

/** What image is wanted, and where. */
export interface ImageRequest {
  readonly engine: Engine;
  readonly settings: ContainerSettings;
  /** Absolute path; undefined: no folder is open. */
  readonly workspaceFolder: string | undefined;
  readonly signal: AbortSignal;
  /** What is done, one line each, for people; nothing where the image is there already. */
  readonly onProgress: (line: string) => void;
  /** Whether it is fetched or built anew, without what the engine has of it. */
  readonly fresh?: boolean;
}

/** Of two who want the same, the second finds what the first has made. */
const turns = new Turns(1);

/** By it the images that were built for one folder are found. */
const FOLDER_LABEL = `${LABEL}.image`;

const TAG_CHARACTERS = 24;

/**
 * Has the engine have the image that the settings name, or that is built from a file of the workspace. One that was built
 * is called by what it was built from, and is not built again before that changes; what was built for the folder earlier
 * is removed then.
 *
 * @throws SettingsError, or CodeModeError `file`, where the file to build from is not there or can't be used; `not-found`
 *   where the image is not there and may not be fetched; `start-failed` where it can't be fetched or built; `cancelled`
 */
export async function prepareImage(request: ImageRequest): Promise<ContainerImage> {
  try {
    request.signal.throwIfAborted();
    const source = await readImageSource(request.settings, request.workspaceFolder);
    const tell = () => source.notices.forEach(request.onProgress);
    const found =
      source.origin.kind === 'built'
        ? await builtImage(source.origin, request, tell)
        : await fetchedImage(source.origin, request, tell);
    return { id: found.id, name: source.name, environment: source.environment(found.environment) };
  } catch (error) {
    if (!request.signal.aborted || CodeModeError.is(error)) throw error;
    throw new CodeModeError('cancelled', 'The image was not prepared: it was cancelled.', { cause: error });
  }
}

/**
 * The image that {@link prepareImage} would give where it is there already; undefined: it would have to be made.
 *
 * @throws as {@link prepareImage}, but for what is not there
 */
export async function findPrepared({
  engine,
  settings,
  workspaceFolder,
  signal,
}: Omit<ImageRequest, 'onProgress' | 'fresh'>): Promise<ContainerImage | undefined> {
  const { origin, name, environment } = await readImageSource(settings, workspaceFolder);
  const called = origin.kind === 'built' ? (await nameOf(origin, workspaceFolder, signal)).tag : origin.name;
  const found = await findImage(engine, called, signal);
  return found && { id: found.id, name, environment: environment(found.environment) };
}

async function fetchedImage(
  { name }: FetchedImage,
  { engine, settings, signal, onProgress, fresh = false }: ImageRequest,
  tell: () => void,
): Promise<FoundImage> {
  const mayStay = (found: FoundImage | undefined): found is FoundImage =>
    found !== undefined &&
    (found.isLocal || settings.pull === 'never' || !(fresh || settings.pull === 'always'));
  const there = await findImage(engine, name, signal);
  if (mayStay(there)) return there;
  if (settings.pull === 'never') {
    throw new CodeModeError(
      'not-found',
      `The image ${name} is not there, and codeMode.container.pull is "never".`,
      {
        hint: `Fetch it: ${engine.kind} pull ${name}, or set codeMode.container.pull to "missing".`,
      },
    );
  }
  return turns.run(signal, async () => {
    const meanwhile = there ? undefined : await findImage(engine, name, signal);
    if (mayStay(meanwhile)) return meanwhile;
    tell();
    await pullImage(engine, name, settings, { signal, onProgress });
    return made(engine, name, signal);
  });
}

async function builtImage(
  build: ImageBuild,
  { engine, settings, workspaceFolder, signal, onProgress, fresh = false }: ImageRequest,
  tell: () => void,
): Promise<FoundImage> {
  const { key, repository, tag } = await nameOf(build, workspaceFolder, signal);
  const isWanted = fresh || settings.pull === 'always';
  const there = isWanted ? undefined : await findImage(engine, tag, signal);
  if (there) return there;
  return turns.run(signal, async () => {
    const meanwhile = isWanted ? undefined : await findImage(engine, tag, signal);
    if (meanwhile) return meanwhile;
    tell();
    const labels = { ...keptLabels(workspaceFolder), [FOLDER_LABEL]: key };
    await buildImage(engine, build, { tag, labels, fresh, settings, signal, onProgress });
    const image = await made(engine, tag, signal);
    await removeOldImages(engine, { repository, label: `${FOLDER_LABEL}=${key}`, tag }, onProgress);
    return image;
  });
}

/** What a built image is called, by its folder and by what it is built from. */
async function nameOf(
  build: ImageBuild,
  workspaceFolder: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly key: string; readonly repository: string; readonly tag: string }> {
  const folder = workspaceFolder ?? path.dirname(build.dockerfile);
  const [key, digest] = await Promise.all([folderKey(folder), contentDigest(build, signal)]);
  const repository = `localhost/${LABEL}/${key.toLowerCase().replaceAll(/[_-]+/gu, '-')}`;
  return { key, repository, tag: `${repository}:${digest.slice(0, TAG_CHARACTERS)}` };
}

async function made(engine: Engine, name: string, signal: AbortSignal): Promise<FoundImage> {
  const found = await findImage(engine, name, signal);
  if (found) return found;
  throw new CodeModeError(
    'start-failed',
    `${engine.label} has made the image ${name}, and does not have it.`,
    {
      hint: 'Something else may remove images at the same time. Start again.',
    },
  );
}
