import { type Dirent, readFileSync, type Stats, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isSameVersion, isSettled } from '../../common/files/fileVersion.ts';
import { isMissing } from '../../common/files/systemErrors.ts';
import { inSlices } from '../../common/slices.ts';
import { CodeModeError } from '../../contract/errors.ts';
import type { WorkflowSource } from '../../contract/storage.ts';
import { isWorkflowName } from '../names.ts';
import { resolveInside } from './containment.ts';
import { storageError } from './fileErrors.ts';

const SUFFIX = '.py';

/** What one version of a file was found to be. */
interface KnownFile {
  readonly status: Stats;
  /** Whether a later version would have another status. */
  readonly settled: boolean;
  readonly content: WorkflowSource | CodeModeError;
}

/** A folder of workflows, `{name}.py` each. Files are read once and looked at for changes each time. */
export class WorkflowFolder {
  readonly path: string;
  readonly #known = new Map<string, KnownFile>();
  /** The last version that was reported, by name. */
  readonly #reported = new Map<string, string>();
  readonly #log: (line: string) => void;

  constructor(folder: string, log: (line: string) => void) {
    this.path = folder;
    this.#log = log;
  }

  fileOf(name: string): string {
    // Not `join`: that would take a tenth of the time of a listing.
    return this.path + path.sep + name + SUFFIX;
  }

  /** All that can be read, in no order; the others are reported in the log, once for each version. */
  async list(): Promise<WorkflowSource[]> {
    const found: WorkflowSource[] = [];
    const links: string[] = [];
    const entries = await this.#entries();
    const visit = (name: string, file: string) => {
      const known = this.#look(name, file);
      if (known?.content instanceof CodeModeError) {
        this.#report(name, known.content, `${known.status.ino} ${known.status.mtimeMs} ${known.status.size}`);
      } else if (known !== undefined) found.push(known.content);
    };
    let count = 0;
    await inSlices(entries, (entry) => {
      const name = this.#nameOf(entry);
      if (name === undefined) return;
      count += 1;
      if (entry.isSymbolicLink()) links.push(name);
      else visit(name, this.fileOf(name));
    });
    for (const name of links) {
      try {
        visit(name, await this.#resolve(name));
      } catch (error) {
        this.#report(name, error, 'link');
      }
    }
    if (this.#known.size > count) this.#forgetAllBut(new Set(entries.map((entry) => entry.name)));
    return found;
  }

  /** Undefined where there is none. @throws CodeModeError where it cannot be read */
  async get(name: string): Promise<WorkflowSource | undefined> {
    const known = this.#look(name, await this.#resolve(name));
    if (known?.content instanceof CodeModeError) throw known.content;
    return known?.content;
  }

  #forgetAllBut(fileNames: ReadonlySet<string>): void {
    for (const known of [this.#known, this.#reported]) {
      for (const name of known.keys()) if (!fileNames.has(name + SUFFIX)) known.delete(name);
    }
  }

  async #entries(): Promise<Dirent[]> {
    try {
      return await readdir(this.path, { withFileTypes: true });
    } catch (error) {
      if (isMissing(error)) return [];
      throw storageError(error, 'The workflows could not be listed');
    }
  }

  /** Undefined for what is no workflow. */
  #nameOf(entry: Dirent): string | undefined {
    if (!entry.name.endsWith(SUFFIX) || !(entry.isFile() || entry.isSymbolicLink())) return undefined;
    const name = entry.name.slice(0, -SUFFIX.length);
    return this.#known.has(name) || isWorkflowName(name) ? name : undefined;
  }

  async #resolve(name: string): Promise<string> {
    try {
      return await resolveInside(this.path, [name + SUFFIX]);
    } catch (error) {
      throw storageError(error, `The workflow "${name}" could not be read`);
    }
  }

  /** @param file that of `name`, links followed */
  #look(name: string, file: string): KnownFile | undefined {
    try {
      const status = statSync(file, { throwIfNoEntry: false });
      if (!status?.isFile()) return undefined;
      const known = this.#known.get(name);
      if (known?.settled && isSameVersion(known.status, status)) return known;
      const settled = isSettled(status);
      const read = this.#read(name, file);
      // Not settled: it was read again, and may be what it was.
      const isSame = known !== undefined && isEqual(known.content, read);
      const looked = { status, settled, content: isSame ? known.content : read };
      this.#known.set(name, looked);
      return looked;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw storageError(error, `The workflow "${name}" could not be read`);
    }
  }

  #read(name: string, file: string): WorkflowSource | CodeModeError {
    try {
      // Fatal: a source that is not UTF-8 would come out with other characters in it. A leading mark is dropped.
      return { name, source: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)) };
    } catch (error) {
      if (isMissing(error)) throw error;
      if (!(error instanceof TypeError))
        return storageError(error, `The workflow "${name}" could not be read`);
      return new CodeModeError('storage', `The workflow "${name}" is not UTF-8 text.`, {
        hint: `Save ${file} in UTF-8.`,
        cause: error,
      });
    }
  }

  #report(name: string, error: unknown, version: string): void {
    if (this.#reported.get(name) === version) return;
    this.#reported.set(name, version);
    this.#log(`storage: the workflow "${name}" was skipped: ${CodeModeError.describe(error)}`);
  }
}

function isEqual(a: WorkflowSource | CodeModeError, b: WorkflowSource | CodeModeError): boolean {
  if (a instanceof CodeModeError || b instanceof CodeModeError) return false;
  return a.source === b.source;
}
