import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isMissing } from '../../common/files/systemErrors.ts';
import type { ConfiguredDependency } from '../../contract/dependencies.ts';
import { CodeModeError } from '../../contract/errors.ts';
import { isInside } from '../../storage/file/containment.ts';
import { RequirementsDocument } from './requirementsDocument.ts';

const MAX_BYTES = 1_000_000;
const MAX_FILES = 100;
const MAX_DEPTH = 20;

/** A requirements file that was read. */
export interface RequirementsFile {
  /** Absolute path by which it was reached. */
  readonly path: string;
  /** Without links. */
  readonly realPath: string;
  readonly document: RequirementsDocument;
  /** What its text is written in, so that nothing is lost where it is written again: UTF-8 or bytes of an older encoding. */
  readonly encoding: 'utf8' | 'latin1';
}

/** A requirements file with those that it includes. */
export interface RequirementsTree {
  /** In the order in which they are read; empty where there is none. */
  readonly files: readonly RequirementsFile[];
  /** In the order in which they are read, each line once. */
  readonly dependencies: readonly ConfiguredDependency[];
}

/** Where a file is included. */
interface Place {
  readonly file: string;
  readonly line: number;
}

/** Where the files of a {@link RequirementsTree} are. */
export interface TreePlaces {
  /** Absolute path; it need not be there. */
  readonly file: string;
  /** Absolute path of the folder that is the person's own beside that of the file. */
  readonly workspace: string;
}

/** Whether a file is one of the workspace's own. @param file - absolute path without links */
export async function isOwnFile({ file: main, workspace }: TreePlaces, file: string): Promise<boolean> {
  for (const folder of [path.dirname(main), workspace]) {
    if (isInside(await realpath(folder).catch(() => folder), file)) return true;
  }
  return false;
}

/**
 * @throws CodeModeError `storage` with file and line for what is missing, goes in a circle or is too much
 * @param onFile - hears the absolute path of every file that is looked for, before it is read
 */
export async function readRequirements(
  places: TreePlaces,
  onFile: (file: string) => void,
): Promise<RequirementsTree> {
  const reading = new Reading(places, onFile);
  await reading.visit(places.file, [], false);
  return { files: reading.files, dependencies: reading.dependencies };
}

class Reading {
  readonly files: RequirementsFile[] = [];
  readonly dependencies: ConfiguredDependency[] = [];
  readonly #places: TreePlaces;
  readonly #onFile: (file: string) => void;
  /** Real paths of those that need not be read again. */
  readonly #done = new Set<string>();
  #count = 0;

  constructor(places: TreePlaces, onFile: (file: string) => void) {
    this.#places = places;
    this.#onFile = onFile;
  }

  /** @param chain - who includes it, the outermost first */
  async visit(file: string, chain: readonly (Place & { realPath: string })[], isConstraint: boolean) {
    this.#onFile(file);
    const from = chain.at(-1);
    const realPath = await realpath(file).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
    if (realPath === undefined) {
      if (from) throw problem(`${this.#at(from)} includes ${this.#label(file)}, which is not there.`);
      return;
    }
    if (realPath !== file) this.#onFile(realPath);
    if (from && chain.some((one) => one.realPath === realPath))
      throw problem(`${this.#at(from)} includes ${this.#label(file)}, by which it is included itself.`);
    this.#count += 1;
    if (from && (chain.length > MAX_DEPTH || this.#count > MAX_FILES))
      throw problem(`${this.#at(from)} includes one file too many: ${this.#label(file)}.`);
    // As what is to be installed it says more than as constraints.
    const key = `${isConstraint} ${realPath}`;
    if (this.#done.has(key)) return;
    this.#done.add(key);
    if (from) await this.#checkPlace(file, realPath, from);
    const { text, encoding } = await this.#read(file, from);
    const read = { path: file, realPath, document: RequirementsDocument.parse(text), encoding } as const;
    if (!isConstraint) this.files.push(read);
    for (const { content, number } of read.document.lines) {
      if (content.kind === 'include') {
        const target = path.resolve(path.dirname(file), withVariables(content.target));
        const next = [...chain, { file, line: number, realPath }];
        await this.visit(target, next, isConstraint || content.isConstraint);
      } else if (content.kind === 'requirement' && !isConstraint) {
        const { name, spec } = content;
        this.dependencies.push({ name: name ?? spec, spec, source: 'requirements.txt', file, line: number });
      }
    }
  }

  /** What code writes into a requirements file must not show it the lines of files that it can't read itself. */
  async #checkPlace(file: string, realPath: string, from: Place): Promise<void> {
    if (/\.(?:txt|in)$/i.test(realPath) || (await isOwnFile(this.#places, realPath))) return;
    throw problem(
      `${this.#at(from)} includes ${this.#label(file)}, which lies outside of the workspace and is neither .txt nor .in.`,
    );
  }

  async #read(
    file: string,
    from: Place | undefined,
  ): Promise<{ text: string; encoding: RequirementsFile['encoding'] }> {
    const who = from ? `${this.#at(from)} includes ${this.#label(file)}, which` : this.#label(file);
    const status = await stat(file);
    if (!status.isFile()) throw problem(`${who} is no file.`);
    if (status.size > MAX_BYTES) throw problem(`${who} is larger than ${MAX_BYTES / 1e6} MB.`);
    const bytes = await readFile(file);
    if (bytes.includes(0)) throw problem(`${who} is not text in UTF-8.`);
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      return { text, encoding: 'utf8' };
    } catch {
      return { text: bytes.toString('latin1'), encoding: 'latin1' };
    }
  }

  #label(file: string): string {
    return path.relative(path.dirname(this.#places.file), file) || path.basename(file);
  }

  #at({ file, line }: Place): string {
    return `${this.#label(file)}, line ${line},`;
  }
}

/** As pip does: `${NAME}` stands for a variable of the environment where there is such a one. */
function withVariables(text: string): string {
  return text.replace(/\$\{([A-Z0-9_]+)\}/g, (whole, name: string) => process.env[name] ?? whole);
}

function problem(message: string): CodeModeError {
  return new CodeModeError('storage', message, { hint: 'Correct that file and try again.' });
}
