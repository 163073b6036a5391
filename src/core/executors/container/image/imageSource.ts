import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { CodeModeError, SettingsError } from '../../../contract/errors.ts';
import type { ContainerSettings } from '../settings.ts';
import { workspaceInside } from '../wall/inside.ts';
import { type Devcontainer, type DevcontainerBuild, parseDevcontainer } from './devcontainer.ts';
import { type DevcontainerVariables, fillVariables, localVariables } from './devcontainerVariables.ts';

/** Where an image comes from. */
export interface ImageSource {
  /** For people: the name that the settings have, or the file that it is built from. */
  readonly name: string;
  readonly origin: FetchedImage | ImageBuild;
  /** What of it is not followed, a line each for people. */
  readonly notices: readonly string[];
  /** What is set besides in a container of an image that sets these. */
  environment(ofImage: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
}

/** An image that has a name, by which it is fetched. */
export interface FetchedImage {
  readonly kind: 'fetched';
  readonly name: string;
}

/** An image that is built. */
export interface ImageBuild {
  readonly kind: 'built';
  /** For people. */
  readonly name: string;
  /** Absolute path of the Dockerfile. */
  readonly dockerfile: string;
  /** Absolute path of the folder that its files come from. */
  readonly context: string;
  readonly args: Readonly<Record<string, string>>;
  /** The stage that is wanted; undefined: the last. */
  readonly target: string | undefined;
}

/** The files that the workspace may have for it, most telling first. */
const USUAL_FILES = [
  '.devcontainer/devcontainer.json',
  '.devcontainer.json',
  'Dockerfile',
  'Containerfile',
  '.devcontainer/Dockerfile',
];

/**
 * Where the image of the settings comes from.
 *
 * @param workspaceFolder absolute path; undefined: none is open
 * @throws SettingsError where the file to build from is not there; CodeModeError `file` where it can't be used
 */
export async function readImageSource(
  settings: ContainerSettings,
  workspaceFolder: string | undefined,
): Promise<ImageSource> {
  if (settings.build === '') return plain({ kind: 'fetched', name: settings.image });
  if (workspaceFolder === undefined && !path.isAbsolute(settings.build)) {
    throw new SettingsError(
      `codeMode.container.build is ${settings.build}, but no folder is open that it could be in.`,
      'Open the folder, or give an absolute path.',
    );
  }
  const file = path.resolve(workspaceFolder ?? '', settings.build);
  await checkBuildFile(file, settings.build, workspaceFolder);
  if (!/\.jsonc?$/iu.test(file)) {
    const context = path.dirname(file);
    return plain({
      kind: 'built',
      name: settings.build,
      dockerfile: file,
      context,
      args: {},
      target: undefined,
    });
  }
  const devcontainer = parseDevcontainer(await readFile(file, 'utf8'), settings.build);
  return fromDevcontainer(devcontainer, file, settings, workspaceFolder ?? path.dirname(file));
}

function plain(origin: ImageSource['origin']): ImageSource {
  return { name: origin.name, origin, notices: [], environment: () => ({}) };
}

async function fromDevcontainer(
  devcontainer: Devcontainer,
  file: string,
  settings: ContainerSettings,
  workspaceFolder: string,
): Promise<ImageSource> {
  const { base, containerEnvironment, remoteEnvironment, ignored } = devcontainer;
  const variables: DevcontainerVariables = {
    // The file is the workspace's: what of this machine it gets, the settings say.
    localEnv: Object.fromEntries(settings.passEnvironment.map((name) => [name, process.env[name]])),
    containerEnv: {},
    localWorkspaceFolder: workspaceFolder,
    containerWorkspaceFolder: workspaceInside(workspaceFolder),
  };
  const texts = [
    ...Object.values(containerEnvironment),
    ...Object.values(remoteEnvironment).map((value) => value ?? ''),
    ...('image' in base ? [base.image] : Object.values(base.args)),
  ];
  const withheld = new Set(
    texts.flatMap(localVariables).filter((name) => !settings.passEnvironment.includes(name)),
  );
  return {
    name: settings.build,
    origin:
      'image' in base
        ? { kind: 'fetched', name: fillVariables(base.image, variables) }
        : await fromBuild(base, file, settings.build, variables),
    notices: [
      ...(ignored.length > 0 ? [`${settings.build}: not followed here: ${ignored.join(', ')}`] : []),
      ...(withheld.size > 0
        ? [
            `${settings.build}: left empty: ${[...withheld].join(', ')}; codeMode.container.passEnvironment hands them on`,
          ]
        : []),
    ],
    environment(ofImage) {
      const fill = (value: string, containerEnv: Readonly<Record<string, string>>) =>
        fillVariables(value, { ...variables, containerEnv });
      const container = mapValues(containerEnvironment, (value) => fill(value, ofImage));
      const all = { ...ofImage, ...container };
      const remote = mapValues(remoteEnvironment, (value) => (value === null ? null : fill(value, all)));
      const merged = Object.entries<string | null>({ ...container, ...remote });
      return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
    },
  };
}

async function fromBuild(
  base: DevcontainerBuild,
  file: string,
  name: string,
  variables: DevcontainerVariables,
): Promise<ImageBuild> {
  const folder = path.dirname(file);
  const dockerfile = path.resolve(folder, fillVariables(base.dockerfile, variables));
  const context = path.resolve(folder, fillVariables(base.context, variables));
  const missing = !(await isKind(dockerfile, 'isFile'))
    ? `the Dockerfile ${base.dockerfile}`
    : !(await isKind(context, 'isDirectory'))
      ? `the folder ${base.context}`
      : undefined;
  if (missing !== undefined) {
    throw new CodeModeError('file', `${name} builds from ${missing}, which is not there.`, {
      hint: 'Its paths are relative to the folder that it lies in. Correct it, then start again.',
    });
  }
  const args = mapValues(base.args, (value) => fillVariables(value, variables));
  return { kind: 'built', name, dockerfile, context, args, target: base.target };
}

/** @throws SettingsError where there is no such file, with what there is */
async function checkBuildFile(
  file: string,
  name: string,
  workspaceFolder: string | undefined,
): Promise<void> {
  if (await isKind(file, 'isFile')) return;
  const folder = workspaceFolder ?? path.dirname(file);
  const there = await Promise.all(USUAL_FILES.map((usual) => isKind(path.join(folder, usual), 'isFile')));
  const found = USUAL_FILES.filter((_, index) => there[index]);
  throw new SettingsError(
    `codeMode.container.build is ${name}, and there is no such file.`,
    found.length > 0
      ? `Set it to one that is there: ${found.join(', ')}; or leave it empty for codeMode.container.image.`
      : 'Set it to a Dockerfile or devcontainer.json of the folder, or leave it empty for codeMode.container.image.',
  );
}

async function isKind(file: string, kind: 'isFile' | 'isDirectory'): Promise<boolean> {
  return stat(file).then(
    (status) => status[kind](),
    () => false,
  );
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
