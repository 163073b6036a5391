import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { interpreterIn } from './layout.ts';

/** A place where an interpreter seems to be; only starting it tells. */
export interface Candidate {
  /** Absolute path. */
  readonly executable: string;
  /** `3.12`, by its name or its folder's; undefined where they say nothing. */
  readonly version: string | undefined;
}

/** The interpreter of a folder with an installation or an environment in it, if it has one. */
export async function installation(folder: string): Promise<Candidate[]> {
  const executable = await interpreterIn(folder);
  if (executable === undefined) return [];
  return [{ executable, version: versionInName(path.basename(folder)) }];
}

/**
 * The interpreters of all folders in `folder`, each with an installation or an environment in it.
 * @param pattern of their names; by default any
 */
export async function installationsIn(folder: string, pattern = /^/): Promise<Candidate[]> {
  if (!path.isAbsolute(folder)) return [];
  const names = (await childrenOf(folder)).filter((name) => pattern.test(name));
  const found = await Promise.all(names.map((name) => installation(path.join(folder, name))));
  return found.flat();
}

/** The names in a folder; none if it can't be read. */
export async function childrenOf(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** `3.12` of `python3.12`, `3.12.1`, `cpython-3.12.1-linux` and `Python312`. */
export function versionInName(name: string): string | undefined {
  const [, dotted, minor] =
    /^(?:c?python-?)?(?:(\d+\.\d+)|3(\d+)(?:-\d+)?$)/i.exec(name.replace(/\.exe$/i, '')) ?? [];
  return dotted ?? (minor && `3.${minor}`);
}
