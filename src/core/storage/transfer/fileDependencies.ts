import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../../common/files/atomicWrite.ts';
import { FileLock } from '../../common/files/fileLock.ts';
import { makeFolders } from '../../common/files/folders.ts';
import { isMissing } from '../../common/files/systemErrors.ts';
import { parsePackageSpec } from '../../deps/packageSpec.ts';
import { parseRequirements } from '../../deps/requirements.ts';
import { storageError } from '../file/fileErrors.ts';
import { storedDependency } from './dependencies.ts';
import type { DependencyStore, StoredDependency } from './transferStore.ts';

/** Packages as lines of `requirements.txt`; comments, options and the lines of other packages stay as they are. */
export class FileDependencyStore implements DependencyStore {
  readonly #file: string;
  readonly #lock: FileLock;

  /** @param file - absolute path */
  constructor(file: string, log: (line: string) => void) {
    this.#file = file;
    this.#lock = new FileLock(path.join(path.dirname(file), '.requirements.txt.lock'), { log });
  }

  async list(): Promise<ReadonlyMap<string, StoredDependency>> {
    try {
      return new Map(parseRequirements(await this.#text()).map(storedDependency));
    } catch (error) {
      throw storageError(error, 'The packages could not be listed');
    }
  }

  async save(spec: string): Promise<void> {
    const { name, text } = parsePackageSpec(spec);
    await this.#change(`The package "${text}" could not be saved`, (lines) => {
      const newLine = lines.some((line) => line.endsWith('\r\n')) ? '\r\n' : '\n';
      const index = lines.findIndex((line) => packageOf(line)?.name === name);
      if (index >= 0) return lines.with(index, withSpec(lines[index]!, text, newLine));
      const last = lines.at(-1);
      const before = last === undefined || last.endsWith('\n') ? lines : lines.with(-1, last + newLine);
      return [...before, text + newLine];
    });
  }

  async delete(name: string): Promise<void> {
    await this.#change(`The package "${name}" could not be removed`, (lines) =>
      lines.filter((line) => packageOf(line)?.name !== name),
    );
  }

  async #change(what: string, change: (lines: string[]) => string[]): Promise<void> {
    try {
      await makeFolders(path.dirname(this.#file));
      await this.#lock.hold(async (held) => {
        const text = await this.#text();
        const changed = change(logicalLines(text)).join('');
        held.confirm();
        if (changed !== text) await writeFileAtomically(this.#file, changed);
      });
    } catch (error) {
      throw storageError(error, what);
    }
  }

  async #text(): Promise<string> {
    try {
      return await readFile(this.#file, 'utf8');
    } catch (error) {
      if (isMissing(error)) return '';
      throw error;
    }
  }
}

/** The lines with their ends, those that a backslash continues as one: joined they are the text again. */
function logicalLines(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=(?<!\\\r?)\n)/);
}

/** What a line names, and as which text; undefined for a comment, an option or what no store can name. */
function packageOf(line: string): { name: string; written: string } | undefined {
  const [written] = parseRequirements(line);
  if (written === undefined) return undefined;
  const [name, stored] = storedDependency(written);
  return 'spec' in stored ? { name, written } : undefined;
}

/** The line with another version of its package; its comment stays, hashes of files of the old version go. */
function withSpec(line: string, spec: string, newLine: string): string {
  const { written } = packageOf(line) ?? {};
  if (written === undefined || !line.includes(written) || /\s--\S/.test(line)) return spec + newLine;
  return line.replace(written, () => spec);
}
