import { createHash, type Hash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { CodeModeError } from '../../../contract/errors.ts';
import { parseIgnorePatterns } from './ignorePatterns.ts';
import type { ImageBuild } from './imageSource.ts';

/** Folders that change without anybody's doing: work on the project alone builds no image anew. */
const RESTLESS_FOLDERS: ReadonlySet<string> = new Set(['.git', '.code-mode', '__pycache__']);

/** Whether a Dockerfile takes anything from the folder that it is built in. */
const TAKES_FILES = /^\s*(?:ONBUILD\s+)?(?:COPY|ADD)\b|--mount=/imu;

/**
 * What stands for all that an image is built from: the Dockerfile, its arguments and stage, and, where it takes any, the
 * files that go into it.
 *
 * @returns hexadecimal digits
 * @throws CodeModeError `file` for what can't be read; the signal's reason
 */
export async function contentDigest(build: ImageBuild, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    const dockerfile = await readFile(build.dockerfile, 'utf8');
    add(hash, [dockerfile, Object.entries(build.args).sort(), build.target ?? null]);
    if (TAKES_FILES.test(dockerfile)) await addFolder(hash, build, signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new CodeModeError('file', `What ${build.name} is built from cannot be read: ${String(cause)}`, {
      hint: 'Let it be read, or leave it out by a line in the .dockerignore of the folder.',
      cause,
    });
  }
  return hash.digest('hex');
}

async function addFolder(hash: Hash, build: ImageBuild, signal: AbortSignal): Promise<void> {
  const ignoreFile = findIgnoreFile(build);
  const patterns = parseIgnorePatterns(ignoreFile === undefined ? '' : await readFile(ignoreFile, 'utf8'));
  const walk = async (folder: string): Promise<void> => {
    const entries = await readdir(path.join(build.context, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      signal.throwIfAborted();
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const isIgnored = patterns.isIgnored(name);
      if (entry.isDirectory()) {
        const isEntered = !RESTLESS_FOLDERS.has(entry.name) && (!isIgnored || patterns.hasExceptions);
        if (isEntered) await walk(name);
      } else if (!isIgnored) {
        await addFile(hash, build.context, name);
      }
    }
  };
  await walk('');
}

async function addFile(hash: Hash, context: string, name: string): Promise<void> {
  const file = path.join(context, name);
  const status = await lstat(file);
  if (status.isSymbolicLink()) {
    add(hash, [name, 'link', await readlink(file)]);
  } else if (status.isFile()) {
    const content = createHash('sha256');
    for await (const chunk of createReadStream(file)) content.update(chunk as Buffer);
    add(hash, [name, status.mode & 0o777, content.digest('hex')]);
  }
}

/** What says which files are left out: for this one Dockerfile, else for the folder; undefined: all go in. */
function findIgnoreFile(build: ImageBuild): string | undefined {
  const files = [ownIgnoreFile(build), path.join(build.context, '.dockerignore')];
  return files.find((file) => existsSync(file));
}

/** Where a Dockerfile may have an ignore file that is only for it; Podman has to be told. */
export function ownIgnoreFile({ dockerfile }: ImageBuild): string {
  return `${dockerfile}.dockerignore`;
}

/** As JSON, so that what two parts say together can't be said by two others. */
function add(hash: Hash, parts: unknown): void {
  hash.update(`${JSON.stringify(parts)}\n`);
}
