import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { TEMPORARY_PREFIX } from '../../common/files/atomicWrite.ts';
import { isMissing } from '../../common/files/systemErrors.ts';

/** What a folder and those below it hold. */
export interface FolderContent {
  /** Relative names of the regular files, with `/` between folders. */
  readonly files: string[];
  /** Relative names of links, which are not followed. */
  readonly links: string[];
  /** Relative names of files that some write has not finished (yet). */
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
    else if (entry.isSymbolicLink()) content.links.push(name);
    else if (!entry.isFile()) continue;
    else if (entry.name.startsWith(TEMPORARY_PREFIX)) content.unfinished.push(name);
    else content.files.push(name);
  }
}

const ABANDONED_MS = 3_600_000;

/** Removes what a program that was killed an hour ago or earlier left unfinished. */
export async function removeAbandoned(folder: string): Promise<void> {
  const { unfinished } = await walkFolder(folder);
  for (const name of unfinished) {
    const file = path.join(folder, name);
    const age =
      Date.now() -
      (await stat(file)
        .catch(() => undefined)
        .then((status) => status?.mtimeMs ?? Date.now()));
    if (age > ABANDONED_MS) await rm(file, { force: true });
  }
}
