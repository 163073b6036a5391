import { readdir, realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { TEMPORARY_PREFIX, writeFileAtomically } from '../../common/files/atomicWrite.ts';
import { FileLock, type HeldLock } from '../../common/files/fileLock.ts';
import { makeFolders } from '../../common/files/folders.ts';
import type { ConfiguredDependency } from '../../contract/dependencies.ts';
import { CodeModeError } from '../../contract/errors.ts';
import { storageError } from '../../storage/file/fileErrors.ts';
import { ABANDONED_MS } from '../../storage/file/folderWalk.ts';
import { parsePackageSpec } from '../packageSpec.ts';
import type { DependencyStore } from './dependencyStore.ts';
import { RequirementsDocument } from './requirementsDocument.ts';
import {
  isOwnFile,
  type RequirementsFile,
  type RequirementsTree,
  readRequirements,
  type TreePlaces,
} from './requirementsTree.ts';

/** Where a {@link FileDependencyStore} is. */
export interface FileDependencyStoreOptions {
  /** Absolute path of the requirements file; it need not be there. */
  readonly file: string;
  /** Absolute path of the folder in which included files may be changed; by default that of the file alone. */
  readonly workspace?: string;
  /** One line. */
  readonly log: (line: string) => void;
}

/** A file with its new text. */
interface Edit {
  readonly file: RequirementsFile;
  readonly text: string;
}

/**
 * Packages as lines of `requirements.txt` and of the files that it includes. A package is changed where it is written;
 * comments, options and the lines of other packages stay as they are. Many processes may write at once.
 */
export class FileDependencyStore implements DependencyStore {
  readonly #places: TreePlaces;
  readonly #log: (line: string) => void;
  readonly #lock: FileLock;
  #files: readonly string[] = [];

  constructor({ file, workspace = path.dirname(file), log }: FileDependencyStoreOptions) {
    this.#places = { file, workspace };
    this.#log = log;
    this.#lock = lockOf(file, log);
  }

  get files(): readonly string[] {
    return this.#files;
  }

  async list(): Promise<readonly ConfiguredDependency[]> {
    try {
      return (await this.#read()).dependencies;
    } catch (error) {
      throw storageError(error, 'The packages could not be listed');
    }
  }

  async requirementsFile(): Promise<string | undefined> {
    const { file } = this.#places;
    return await stat(file).then(
      (status) => (status.isFile() ? file : undefined),
      () => undefined,
    );
  }

  async save(spec: string): Promise<void> {
    const parsed = parsePackageSpec(spec);
    await this.#change(
      `The package "${parsed.text}" could not be saved`,
      parsed.name,
      ([first, ...others]) => {
        const text = first.document.textWith(parsed);
        if (text !== first.document.text) checkOneLine(parsed.name, [first, ...others]);
        return [
          { file: first, text },
          ...others.map((file) => ({ file, text: file.document.textWithout(parsed.name) })),
        ];
      },
    );
  }

  async delete(name: string): Promise<boolean> {
    return await this.#change(`The package "${name}" could not be removed`, name, (files) =>
      files.map((file) => ({ file, text: file.document.textWithout(name) })),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #read(): Promise<RequirementsTree> {
    const files = new Set<string>();
    try {
      return await readRequirements(this.#places, (file) => files.add(file));
    } finally {
      this.#files = [...files];
    }
  }

  /**
   * @param name - of the package
   * @param edit - takes the files that have it, else the one that it goes to
   * @returns whether anything was written
   */
  async #change(
    what: string,
    name: string,
    edit: (files: [RequirementsFile, ...RequirementsFile[]]) => readonly Edit[],
  ): Promise<boolean> {
    const { file } = this.#places;
    try {
      await makeFolders(path.dirname(file));
      return await this.#lock.hold(async (held) => {
        const { files } = await this.#read();
        const [first = files[0] ?? (await emptyFile(file)), ...others] = files.filter(
          ({ document }) => document.linesOf(name).length > 0,
        );
        const edits = edit([first, ...others]).filter(
          ({ file: { document }, text }) => text !== document.text,
        );
        for (const { file } of edits) await this.#checkMayChange(name, file);
        for (const each of edits) await this.#write(each, held);
        return edits.length > 0;
      });
    } catch (error) {
      throw storageError(error, what);
    }
  }

  async #write(
    { file: { path: given, realPath, document, encoding }, text }: Edit,
    held: HeldLock,
  ): Promise<void> {
    const bytes = Buffer.from(text, encoding);
    if (given === this.#places.file) {
      held.confirm();
      await writeFileAtomically(realPath, bytes);
      await removeAbandoned(path.dirname(realPath));
      return;
    }
    // Whoever has it as the file of a store of its own is not to be overwritten.
    await lockOf(realPath, this.#log).hold(async (own) => {
      const { files } = await readRequirements({ ...this.#places, file: realPath }, () => undefined);
      if (files[0]?.document.text !== document.text)
        throw new CodeModeError('storage', `${given} was changed meanwhile.`, { hint: 'Try again.' });
      held.confirm();
      own.confirm();
      await writeFileAtomically(realPath, bytes);
    });
  }

  async #checkMayChange(name: string, { path: given, realPath }: RequirementsFile): Promise<void> {
    if (!(await isOwnFile(this.#places, realPath))) {
      throw new CodeModeError(
        'storage',
        `The package "${name}" is configured in ${given}, which lies outside of the workspace and is not changed.`,
        { hint: `Change it by hand in ${realPath}.` },
      );
    }
    const mode = await stat(realPath).then(
      (status) => status.mode,
      () => undefined,
    );
    if (mode !== undefined && (mode & 0o222) === 0) {
      throw new CodeModeError('storage', `${given} is read-only.`, { hint: 'Allow writing to that file.' });
    }
  }
}

function lockOf(file: string, log: (line: string) => void): FileLock {
  return new FileLock(path.join(path.dirname(file), `.${path.basename(file)}.lock`), { log });
}

/** What is not there yet, in a folder that is. */
async function emptyFile(file: string): Promise<RequirementsFile> {
  const realPath = path.join(await realpath(path.dirname(file)), path.basename(file));
  return { path: file, realPath, document: RequirementsDocument.parse(''), encoding: 'utf8' };
}

/** Which of several lines is meant, each for another environment, only a person can say. */
function checkOneLine(name: string, files: readonly RequirementsFile[]): void {
  const lines = files.flatMap(({ path: file, document }) =>
    document.linesOf(name).map(({ number, content }) => ({ file, number, content })),
  );
  const isSplit = lines.some(({ content }) => content.kind === 'requirement' && content.isConditional);
  if (lines.length < 2 || !isSplit) return;
  const places = lines.map(({ file, number }) => `line ${number} of ${file}`).join(', ');
  throw new CodeModeError('storage', `The package "${name}" has a line for each environment: ${places}.`, {
    hint: 'Change the one that is meant by hand.',
  });
}

/** What a writer that was killed has left in a folder. Never fails: to the one who writes it is nothing. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(TEMPORARY_PREFIX)) continue;
    const file = path.join(folder, name);
    const changed = await stat(file).then(
      ({ ctimeMs }) => ctimeMs,
      () => Date.now(),
    );
    if (Date.now() - changed > ABANDONED_MS) await rm(file, { force: true }).catch(() => undefined);
  }
}
