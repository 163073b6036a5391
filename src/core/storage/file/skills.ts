import { readdir, readFile, realpath, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { FileLock } from '../../common/files/fileLock.ts';
import { makeFolders } from '../../common/files/folders.ts';
import { moveFile } from '../../common/files/moveFile.ts';
import { isMissing, reasonOf } from '../../common/files/systemErrors.ts';
import { isWorkflowName } from '../names.ts';
import { storageError } from './fileErrors.ts';

/** The folder of a store that has its workflows, and its name in the layout of older versions of py-code-mode. */
export const WORKFLOWS_FOLDER = 'workflows';
export const OLDER_FOLDER = 'skills';
/** Beside them: who changes workflows holds it, so that nobody's change is lost to another's. */
export const WORKFLOWS_LOCK = '.workflows.lock';

/** What became of the files of the older folder, by their file names. */
export interface SkillsMigration {
  readonly moved: string[];
  /** What stays there; the reason is a part of a sentence: `workflows/ has another one`. */
  readonly kept: { readonly name: string; readonly reason: string }[];
}

/**
 * Whether a store has workflows in the older folder. @param root the store's folder, that of the workspace where it
 * has one
 */
export async function hasSkills(root: string): Promise<boolean> {
  if (await isOneFolder(root)) return false;
  const entries = await entriesOf(path.join(root, OLDER_FOLDER));
  return entries.some(({ name }) => name.endsWith('.py') && isWorkflowName(name.slice(0, -'.py'.length)));
}

/**
 * Moves what is in `skills/` to `workflows/`, and replaces nothing there.
 * @param root as for {@link hasSkills}
 * @throws CodeModeError `storage` where the folders cannot be used at all
 */
export async function migrateSkills(
  root: string,
  log: (line: string) => void = () => undefined,
): Promise<SkillsMigration> {
  const from = path.join(root, OLDER_FOLDER);
  const to = path.join(root, WORKFLOWS_FOLDER);
  const migration: SkillsMigration = { moved: [], kept: [] };
  try {
    const entries = (await isOneFolder(root)) ? [] : await entriesOf(from);
    if (entries.length > 0) await makeFolders(to);
    const lock = new FileLock(path.join(root, WORKFLOWS_LOCK), { log });
    for (const entry of entries) {
      const move = () => moveOrSay(path.join(from, entry.name), path.join(to, entry.name));
      const reason = entry.isFile() ? await lock.hold(move) : 'it is no file';
      if (reason === undefined) migration.moved.push(entry.name);
      else migration.kept.push({ name: entry.name, reason });
    }
    if (migration.kept.length === 0) await rmdir(from).catch(() => undefined);
    return migration;
  } catch (error) {
    throw storageError(error, `The workflows in ${from} could not be moved to ${to}`);
  }
}

/** Why the file stays where it is; undefined where it was moved. */
async function moveOrSay(from: string, to: string): Promise<string | undefined> {
  try {
    if (await moveFile(from, to)) return undefined;
    const [old, present] = await Promise.all([readFile(from), readFile(to)]);
    if (!old.equals(present)) return `${WORKFLOWS_FOLDER}/ has another one`;
    await rm(from);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Whether one of the folders is a link to the other. */
async function isOneFolder(root: string): Promise<boolean> {
  const [older, folder] = await Promise.all(
    [OLDER_FOLDER, WORKFLOWS_FOLDER].map((name) => realpath(path.join(root, name)).catch(() => undefined)),
  );
  return older !== undefined && older === folder;
}

async function entriesOf(folder: string) {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}
