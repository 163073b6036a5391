import { existsSync } from 'node:fs';
import { lstat, rm } from 'node:fs/promises';
import path from 'node:path';
import { prepareFile } from '../../common/files/atomicWrite.ts';
import { FileLock } from '../../common/files/fileLock.ts';
import { makeFolders } from '../../common/files/folders.ts';
import { moveFile } from '../../common/files/moveFile.ts';
import { isMissing } from '../../common/files/systemErrors.ts';
import { CodeModeError, UsageError } from '../../contract/errors.ts';
import type { WorkflowRecord, WorkflowSource, WorkflowStore } from '../../contract/storage.ts';
import { checkWorkflowName, isWorkflowName } from '../names.ts';
import { resolveInside } from './containment.ts';
import { storageError } from './fileErrors.ts';
import { OLDER_FOLDER, WORKFLOWS_FOLDER, WORKFLOWS_LOCK } from './skills.ts';
import { Sweep } from './sweep.ts';
import { WorkflowFolder } from './workflowFolder.ts';

/**
 * Workflows as `workflows/{name}.py`; files that begin with `_` and names that Python cannot say are skipped. What
 * an older layout keeps in `skills/` is there as well, unless `workflows/` has one of that name. Everything is
 * written to `workflows/`.
 */
export class FileWorkflowStore implements WorkflowStore {
  readonly #folder: WorkflowFolder;
  readonly #older: WorkflowFolder;
  readonly #sweep: Sweep;
  readonly #lock: FileLock;

  constructor(root: string, log: (line: string) => void) {
    this.#folder = new WorkflowFolder(path.join(root, WORKFLOWS_FOLDER), log);
    this.#older = new WorkflowFolder(path.join(root, OLDER_FOLDER), log);
    this.#sweep = new Sweep(this.#folder.path, log);
    this.#lock = new FileLock(path.join(root, WORKFLOWS_LOCK), { log: (line) => log(`storage: ${line}`) });
  }

  async list(): Promise<readonly WorkflowSource[]> {
    const found = await this.#folder.list();
    const older = await this.#older.list();
    if (older.length > 0) {
      const names = new Set(found.map(({ name }) => name));
      found.push(...older.filter(({ name }) => !names.has(name)));
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async get(name: string): Promise<WorkflowSource | undefined> {
    if (!isWorkflowName(name)) return undefined;
    return (await this.#folder.get(name)) ?? (await this.#older.get(name));
  }

  async save({ name, source }: WorkflowRecord): Promise<void> {
    checkWorkflowName(name);
    if (/\p{Surrogate}/u.test(source)) {
      throw new UsageError(`The source of the workflow "${name}" is not valid Unicode.`);
    }
    try {
      const file = await resolveInside(this.#folder.path, [path.basename(this.#folder.fileOf(name))]);
      await makeFolders(path.dirname(file));
      await this.#sweep.ifDue();
      await using prepared = await prepareFile(file, source);
      await this.#lock.hold(async (held) => {
        held.confirm();
        await prepared.commit();
      });
    } catch (error) {
      throw storageError(error, `The workflow "${name}" could not be saved`);
    }
  }

  async rename(name: string, newName: string): Promise<void> {
    checkWorkflowName(newName);
    try {
      if ((await this.#holders(name)).length === 0) throw noWorkflow(name);
      await this.#lock.hold(async (held) => {
        const isSpelling = name.toLowerCase() === newName.toLowerCase();
        if (!isSpelling && (await this.#holders(newName)).length > 0) throw isTaken(newName);
        held.confirm();
        let found = false;
        // Where both folders have one, the one in the older folder stays behind the other under the new name as well.
        for (const folder of this.#folders) {
          if (!(await hasFile(folder, name))) continue;
          found = true;
          if (!(await moveFile(folder.fileOf(name), folder.fileOf(newName)))) throw isTaken(newName);
        }
        if (!found) throw noWorkflow(name);
      });
    } catch (error) {
      throw storageError(error, `The workflow "${name}" could not be renamed to "${newName}"`);
    }
  }

  /** From both folders, so that an older one does not come to light. */
  async delete(name: string): Promise<boolean> {
    try {
      if ((await this.#holders(name)).length === 0) return false;
      return await this.#lock.hold(async (held) => {
        const holders = await this.#holders(name);
        held.confirm();
        for (const holder of holders) await rm(holder.fileOf(name), { force: true });
        return holders.length > 0;
      });
    } catch (error) {
      throw storageError(error, `The workflow "${name}" could not be deleted`);
    }
  }

  pathOf(name: string): string {
    const older = this.#older.fileOf(name);
    const file = this.#folder.fileOf(name);
    return isWorkflowName(name) && existsSync(older) && !existsSync(file) ? older : file;
  }

  get #folders(): readonly WorkflowFolder[] {
    return [this.#folder, this.#older];
  }

  /** The folders that have a workflow of that name. */
  async #holders(name: string): Promise<WorkflowFolder[]> {
    const holders: WorkflowFolder[] = [];
    for (const folder of this.#folders) if (await hasFile(folder, name)) holders.push(folder);
    return holders;
  }
}

/** Whether there is a file or a link of that name; nothing of another name is a workflow. */
async function hasFile(folder: WorkflowFolder, name: string): Promise<boolean> {
  if (!isWorkflowName(name)) return false;
  try {
    const status = await lstat(folder.fileOf(name));
    return status.isFile() || status.isSymbolicLink();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isTaken(name: string): UsageError {
  return new UsageError(`There is already a workflow "${name}".`, 'Choose another name, or delete it first.');
}

function noWorkflow(name: string): CodeModeError {
  return new CodeModeError('not-found', `There is no workflow "${name}".`);
}
