import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../../common/files/atomicWrite.ts';
import { isMissing } from '../../common/files/systemErrors.ts';
import { CodeModeError, UsageError } from '../../contract/errors.ts';
import type { WorkflowSource, WorkflowStore } from '../../contract/storage.ts';
import { resolveInside } from './containment.ts';
import { storageError } from './fileErrors.ts';
import { checkWorkflowName, isWorkflowName } from './names.ts';

const SUFFIX = '.py';
/** Enough to keep the disk busy, few enough to leave files for others to open. */
const READS_AT_ONCE = 32;

/** Workflows as `{name}.py` in a folder; files that begin with `_` and names that Python cannot say are skipped. */
export class FileWorkflowStore implements WorkflowStore {
  readonly #folder: string;
  readonly #log: (line: string) => void;

  constructor(folder: string, log: (line: string) => void) {
    this.#folder = folder;
    this.#log = log;
  }

  /** All that can be read, by name; the others are reported in the log. */
  async list(): Promise<WorkflowSource[]> {
    const entries = await this.#entries();
    const found: WorkflowSource[] = [];
    for (let start = 0; start < entries.length; start += READS_AT_ONCE) {
      const sources = entries.slice(start, start + READS_AT_ONCE).map((entry) => this.#readOrReport(entry));
      for (const workflow of await Promise.all(sources)) if (workflow) found.push(workflow);
    }
    return found;
  }

  async get(name: string): Promise<WorkflowSource | undefined> {
    if (!isWorkflowName(name)) return undefined;
    return await this.#read(name);
  }

  async save(name: string, source: string): Promise<void> {
    checkWorkflowName(name);
    if (/\p{Surrogate}/u.test(source)) {
      throw new UsageError(`The source of the workflow "${name}" is not valid Unicode.`);
    }
    try {
      const file = await resolveInside(this.#folder, [name + SUFFIX]);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFileAtomically(file, source);
    } catch (error) {
      throw storageError(error, `The workflow "${name}" could not be saved`);
    }
  }

  async delete(name: string): Promise<boolean> {
    if (!isWorkflowName(name)) return false;
    try {
      await rm(path.join(this.#folder, name + SUFFIX));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw storageError(error, `The workflow "${name}" could not be deleted`);
    }
  }

  async #entries(): Promise<{ name: string; isLink: boolean }[]> {
    const entries = await readdir(this.#folder, { withFileTypes: true }).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw storageError(error, 'The workflows could not be listed');
    });
    return entries
      .filter((entry) => entry.name.endsWith(SUFFIX) && (entry.isFile() || entry.isSymbolicLink()))
      .map((entry) => ({ name: entry.name.slice(0, -SUFFIX.length), isLink: entry.isSymbolicLink() }))
      .filter(({ name }) => isWorkflowName(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #readOrReport({
    name,
    isLink,
  }: {
    name: string;
    isLink: boolean;
  }): Promise<WorkflowSource | undefined> {
    try {
      return await this.#read(name, isLink);
    } catch (error) {
      this.#log(`storage: the workflow "${name}" was skipped: ${CodeModeError.describe(error)}`);
      return undefined;
    }
  }

  /** @param mayBeLink false where a listing has just shown a plain file: that spares a large store its checks */
  async #read(name: string, mayBeLink = true): Promise<WorkflowSource | undefined> {
    try {
      const segments = [name + SUFFIX];
      const file = mayBeLink
        ? await resolveInside(this.#folder, segments)
        : path.join(this.#folder, ...segments);
      // Fatal: a source that is not UTF-8 would come out with other characters in it. A leading mark is dropped.
      return { name, source: new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file)) };
    } catch (error) {
      if (isMissing(error)) return undefined;
      if (error instanceof TypeError) {
        throw new CodeModeError('storage', `The workflow "${name}" is not UTF-8 text.`, {
          hint: `Save ${path.join(this.#folder, name + SUFFIX)} in UTF-8.`,
          cause: error,
        });
      }
      throw storageError(error, `The workflow "${name}" could not be read`);
    }
  }
}
