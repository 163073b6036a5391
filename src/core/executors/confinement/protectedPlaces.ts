import { mkdirSync, rmdirSync, statSync, utimesSync } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../common/files/systemErrors.ts';
import { isRunning } from '../../common/processes.ts';
import { SettingsError } from '../../contract/errors.ts';
import { homeFolders } from './homeFolders.ts';
import { isAtOrBelow, type Wish } from './mounts.ts';

/** In a workspace: what an editor, Git, a shell or an agent runs by itself, outside of the confinement. */
const RUNS_OUTSIDE = [
  '.vscode',
  '.idea',
  '.devcontainer',
  '.devcontainer.json',
  '.cursor',
  '.claude',
  '.mcp.json',
  '.envrc',
  '.husky',
  '.gitmodules',
];

/** Keeps what runs outside of the confinement as it is within one writable folder. */
export interface Protection {
  /** The folder's real path. */
  readonly folder: string;
  readonly wishes: readonly Wish[];
  /** Folders that have to be there, since only what exists can be made read-only; parents first. */
  readonly placeholders: readonly string[];
}

/**
 * What is protected in a writable folder, by what is in it now.
 * @param more paths that are to be protected as well; those that are not in the folder do not count
 * @throws SettingsError where the folder is missing or cannot be writable as a whole
 */
export async function protectionOf(writable: string, more: readonly string[]): Promise<Protection> {
  const folder = await checkWritable(writable);
  const names = await readdir(folder).catch(() => []);
  const workspaceFiles = names.filter((name) => name.endsWith('.code-workspace'));
  const readOnly = [...RUNS_OUTSIDE, ...workspaceFiles];
  // Nothing of these can be made, either.
  const required = more
    .map((place) => path.relative(writable, place).split(path.sep).join('/'))
    .filter(isInside);
  required.push('.vscode');
  const repository = await lstat(path.join(folder, '.git')).catch(() => undefined);
  if (repository?.isDirectory()) {
    readOnly.push('.git/config', '.git/config.worktree', '.git/modules');
    required.push('.git/hooks');
  } else if (repository) {
    // Of a linked worktree it is a file that names the repository.
    readOnly.push('.git');
  }
  const absolute = (place: string) => path.join(folder, place);
  const places = [...readOnly, ...required];
  // What a place lies in cannot be renamed, to be replaced by another.
  const pinned = new Set(places.flatMap(foldersAbove));
  return {
    folder,
    wishes: [
      ...places.map((place): Wish => ({ path: absolute(place), kind: 'readOnly' })),
      ...[...pinned].map((place): Wish => ({ path: absolute(place), kind: 'pinned' })),
    ],
    placeholders: required.flatMap((place) => [...foldersAbove(place), place]).map(absolute),
  };
}

function isInside(relative: string): boolean {
  return relative !== '' && relative !== '..' && !relative.startsWith('../') && !path.isAbsolute(relative);
}

/** `['a', 'a/b']` of `a/b/c`. */
function foldersAbove(place: string): string[] {
  const parts = place.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** @returns the folder's real path. @throws SettingsError where it is missing, or too much */
async function checkWritable(folder: string): Promise<string> {
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined) {
    throw new SettingsError(
      `"${folder}" is to be writable for Python, but it is not there.`,
      'Make it first.',
    );
  }
  const homes = await Promise.all(homeFolders().map((home) => realpath(home).catch(() => home)));
  if (!homes.some((home) => isAtOrBelow(real, home))) return real;
  throw new SettingsError(
    `A confined Python cannot be given all of "${folder}" to write: what your login runs by itself is in it.`,
    'Open the folder of a project instead, or switch the sandbox off.',
  );
}

/** How many confined processes need each of the placeholders that this process made. */
const holders = new Map<string, number>();
/** Linux gives process ids up to this one. */
const MAX_PROCESS_ID = 2 ** 22;

// All of what follows is synchronous, so that nothing comes between a look and the deed.

/**
 * Makes a folder unless there is something of that name already.
 * @returns what removes it again, if it is empty and no other confined process needs it
 */
export function holdPlaceholder(folder: string): () => void {
  if (!holders.has(folder) && !makePlaceholder(folder)) return () => undefined;
  holders.set(folder, (holders.get(folder) ?? 0) + 1);
  return () => {
    const others = (holders.get(folder) ?? 1) - 1;
    if (others > 0) {
      holders.set(folder, others);
      return;
    }
    holders.delete(folder);
    try {
      rmdirSync(folder);
    } catch {
      // It is used, or gone.
    }
  };
}

/** Makes a placeholder, or takes over one that a killed process has left. @returns whether it is ours now */
function makePlaceholder(folder: string): boolean {
  try {
    mkdirSync(folder);
  } catch (error) {
    // Where nothing can be made, Python cannot make anything either.
    if (systemCode(error) !== 'EEXIST') return false;
    const owner = placeholderOwner(folder);
    if (owner === undefined || isRunning(owner)) return false;
  }
  utimesSync(folder, process.pid, process.pid);
  return true;
}

/**
 * Which process made a placeholder: it is kept in its time of modification, in seconds of the year 1970. Whatever is
 * put into a folder changes that time, so what somebody uses is never taken for a placeholder.
 */
function placeholderOwner(folder: string): number | undefined {
  const found = statSync(folder, { throwIfNoEntry: false });
  const seconds = found?.isDirectory() ? found.mtimeMs / 1000 : 0;
  return Number.isInteger(seconds) && seconds > 0 && seconds <= MAX_PROCESS_ID ? seconds : undefined;
}
