import { lstat, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { TEMPORARY_PREFIX } from '../../common/files/atomicWrite.ts';
import { isMissing } from '../../common/files/systemErrors.ts';

/** What a folder and those below it hold. */
export interface FolderContent {
  /** Relative names of the regular files, with `/` between folders. */
  readonly files: string[];
  /** Relative names of links, which are not followed. */
  readonly links: string[];
  /** Relative names of what some write has not finished (yet), or of what was removed and may come back. */
  readonly unfinished: string[];
}

/** Lists everything under `folder`; nothing if there is no such folder. */
export async function walkFolder(folder: string): Promise<FolderContent> {
  const content: FolderContent = { files: [], links: [], unfinished: [] };
  await walk(folder, '', content);
  return content;
}

async function walk(folder: string, prefix: string, content: FolderContent): Promise<void> {
  const entries = await readdir(path.join(folder, prefix), { withFileTypes: true }).catch(
    (error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    },
  );
  for (const entry of entries) {
    const name = prefix + entry.name;
    if (entry.isDirectory()) await walk(folder, `${name}/`, content);
    else if (entry.name.startsWith(TEMPORARY_PREFIX)) content.unfinished.push(name);
    else if (entry.isFile()) content.files.push(name);
    else if (entry.isSymbolicLink()) content.links.push(name);
  }
}

/** Milliseconds for which what is unfinished or removed is left alone. */
export const ABANDONED_MS = 3_600_000;

/**
 * Removes what a program that was killed left unfinished, and what was removed and not brought back, an hour ago or
 * earlier.
 * @param now milliseconds since 1970
 */
export async function removeAbandoned(folder: string, now = Date.now()): Promise<void> {
  const { unfinished } = await walkFolder(folder);
  for (const name of unfinished) {
    const file = path.join(folder, name);
    // The time of its last change of any kind: what was removed keeps the time when it was written.
    const changed = await lstat(file).then(
      (status) => Math.max(status.mtimeMs, status.ctimeMs),
      () => now,
    );
    if (now - changed > ABANDONED_MS) await rm(file, { force: true });
  }
}
