import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { reasonOf } from '../../../common/files/systemErrors.ts';
import { InstallError } from '../../../contract/errors.ts';
import {
  type RequirementLine,
  RequirementsDocument,
} from '../../../deps/configuration/requirementsDocument.ts';
import type { PackageSourcesSpec } from '../../../deps/depsSpec.ts';

/** What a requirements file asks for, with those that it includes. */
export interface RequirementsFile {
  /** As they are written, with their markers. */
  readonly requirements: readonly string[];
  /** Ranges of versions for packages that something else needs. */
  readonly constraints: readonly string[];
  /** Hashes (SHA-256, hexadecimal) that are allowed, by normalised name; undefined: no hash plays a part. */
  readonly hashes: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  /** Where its options say that packages come from. */
  readonly sources: PackageSourcesSpec;
}

/** Said of options that change nothing where only wheels are installed. */
const IDLE_OPTIONS = /^--(?:only-binary|prefer-binary)(?:[\s=]|$)/;
const OPTION =
  /^(--index-url|-i|--extra-index-url|--find-links|-f|--no-index|--require-hashes)(?:[\s=]+|$)(.*)$/;
const HASH = /--hash(?:=|\s+)(\w+):([0-9a-fA-F]+)/g;
const MOST_FILES = 100;

/**
 * Reads a requirements file as pip does. What can't be kept for Pyodide is refused rather than left out.
 *
 * @param file - absolute path
 * @throws InstallError that names the line
 */
export async function readRequirementsFile(file: string): Promise<RequirementsFile> {
  const reader = new Reader();
  await reader.read(file, false);
  return reader.found();
}

class Reader {
  readonly #requirements: string[] = [];
  readonly #constraints: string[] = [];
  readonly #hashes = new Map<string, Set<string>>();
  readonly #extraIndexUrls: string[] = [];
  readonly #wheelFolders: string[] = [];
  readonly #read = new Set<string>();
  #indexUrl: string | undefined;
  #offline = false;
  #requiresHashes = false;

  async read(file: string, isConstraint: boolean): Promise<void> {
    if (this.#read.has(file)) return;
    this.#read.add(file);
    if (this.#read.size > MOST_FILES)
      throw new InstallError(`${file} is one of too many files that include others.`);
    for (const line of RequirementsDocument.parse(await readText(file)).lines) {
      await this.#take(line, file, isConstraint);
    }
  }

  found(): RequirementsFile {
    return {
      requirements: this.#requirements,
      constraints: this.#constraints,
      // As with pip: one package with hashes, and all have to have some.
      hashes: this.#requiresHashes || this.#hashes.size > 0 ? this.#hashes : undefined,
      sources: {
        ...(this.#indexUrl === undefined ? {} : { indexUrl: this.#indexUrl }),
        ...(this.#extraIndexUrls.length === 0 ? {} : { extraIndexUrls: this.#extraIndexUrls }),
        ...(this.#wheelFolders.length === 0 ? {} : { wheelFolders: this.#wheelFolders }),
        ...(this.#offline ? { offline: true } : {}),
      },
    };
  }

  async #take(line: RequirementLine, file: string, isConstraint: boolean): Promise<void> {
    const { content, number } = line;
    const refuse = (reason: string) =>
      new InstallError(`${path.basename(file)}, line ${number}: ${reason}`, {
        hint: 'Change the line, or use the executor "subprocess", whose installers know all of this.',
      });
    if (content.kind === 'include') {
      await this.read(path.resolve(path.dirname(file), content.target), isConstraint || content.isConstraint);
    } else if (content.kind === 'other') {
      this.#takeOption(line.text.replace(/(?:^|\s)#.*$/s, '').trim(), file, refuse);
    } else if (content.name === undefined || /@|:\/\/|^-/.test(content.spec)) {
      throw refuse(`${content.spec} is no package of an index, which is all that Pyodide can install.`);
    } else {
      (isConstraint ? this.#constraints : this.#requirements).push(content.spec);
      this.#takeHashes(content.name, line.text, refuse);
    }
  }

  #takeHashes(name: string, text: string, refuse: (reason: string) => InstallError): void {
    const hashes = [...text.matchAll(HASH)];
    if (hashes.length === 0) return;
    const ours = hashes.filter(([, kind]) => kind?.toLowerCase() === 'sha256');
    if (ours.length === 0) throw refuse(`${name} has hashes of a kind that no index says; write sha256.`);
    const known = this.#hashes.get(name) ?? new Set();
    for (const [, , hash = ''] of ours) known.add(hash.toLowerCase());
    this.#hashes.set(name, known);
  }

  #takeOption(text: string, file: string, refuse: (reason: string) => InstallError): void {
    if (text === '' || IDLE_OPTIONS.test(text)) return;
    const [, option, rawValue = ''] = OPTION.exec(text) ?? [];
    const value = rawValue.trim().replace(/^(["'])(.*)\1$/, '$2');
    if (option === '--no-index') this.#offline = true;
    else if (option === '--require-hashes') this.#requiresHashes = true;
    else if (option === undefined || value === '')
      throw refuse(`Pyodide's installer does not know "${text}".`);
    else if (option === '--extra-index-url') this.#extraIndexUrls.push(value);
    else if (option === '--find-links' || option === '-f')
      this.#wheelFolders.push(folderOf(value, file, refuse));
    else this.#indexUrl = value;
  }
}

function folderOf(value: string, file: string, refuse: (reason: string) => InstallError): string {
  if (/^https?:/i.test(value)) throw refuse('only a folder can be given for --find-links.');
  return value.startsWith('file:') ? fileURLToPath(value) : path.resolve(path.dirname(file), value);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new InstallError(`${file} can't be read: ${reasonOf(error)}.`, { cause: error });
  }
}
