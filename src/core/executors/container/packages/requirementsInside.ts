import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { reasonOf } from '../../../common/files/systemErrors.ts';
import { InstallError } from '../../../contract/errors.ts';
import {
  type RequirementLine,
  RequirementsDocument,
} from '../../../deps/configuration/requirementsDocument.ts';
import type { OfferedFiles } from './offeredFiles.ts';

/** Files for a container, and which of them pip begins with. */
export interface RequirementsInside {
  /** Absolute path inside. */
  readonly file: string;
  /** By their absolute paths inside. */
  readonly files: Readonly<Record<string, string>>;
}

const MOST_FILES = 100;
const FIND_LINKS = /^(\s*(?:--find-links|-f)[\s=]*)(["']?)([^"'\s#]+)\2/;
/** What stands before the path of a package: its name, or that it is to be changed in place. */
const LOCAL = /^((?:-e|--editable)[\s=]*|[A-Za-z0-9._-]+(?:\s*\[[^\]]*\])?\s*@\s*)?(.+)$/;

/**
 * A requirements file with those that it includes as pip can read them in a container, where this machine's files are not:
 * archives and folders of them, which it names, are offered.
 *
 * @param file - absolute path
 * @param folder - absolute path inside that the files are for
 * @throws InstallError for what a container can't have, such as a folder to build
 */
export async function requirementsInside(
  file: string,
  folder: string,
  offered: OfferedFiles,
): Promise<RequirementsInside> {
  const reader = new Reader(folder, offered);
  return { file: await reader.add(file), files: reader.files };
}

class Reader {
  readonly files: Record<string, string> = {};
  /** By their paths outside. */
  readonly #insides = new Map<string, string>();
  readonly #folder: string;
  readonly #offered: OfferedFiles;

  constructor(folder: string, offered: OfferedFiles) {
    this.#folder = folder;
    this.#offered = offered;
  }

  /** @returns its path inside */
  async add(file: string): Promise<string> {
    const known = this.#insides.get(file);
    if (known !== undefined) return known;
    if (this.#insides.size >= MOST_FILES)
      throw new InstallError(`${file} is one of too many files that include others.`);
    const inside = `${this.#folder}/${this.#insides.size}-requirements.txt`;
    this.#insides.set(file, inside);
    const lines: string[] = [];
    for (const line of RequirementsDocument.parse(await readText(file)).lines)
      lines.push(await this.#translate(line, file));
    this.files[inside] = lines.join('');
    return inside;
  }

  async #translate({ text, content, number }: RequirementLine, file: string): Promise<string> {
    const beside = path.dirname(file);
    if (content.kind === 'include') {
      const inside = await this.add(path.resolve(beside, content.target));
      return `${content.isConstraint ? '--constraint' : '--requirement'} ${inside}\n`;
    }
    if (content.kind === 'other') {
      return text.replace(FIND_LINKS, (whole, option: string, _quote: string, place: string) =>
        /^https?:/i.test(place) ? whole : `${option}${this.#offered.addFolder(localPath(place, beside))}`,
      );
    }
    const [, before = '', place = ''] = LOCAL.exec(content.spec.split(/\s;/)[0] ?? '') ?? [];
    const isNamed = content.name !== undefined && before === '';
    if (isNamed || (/^[a-z][a-z+]+:/i.test(place) && !/^file:/i.test(place))) return text;
    const local = localPath(place, beside);
    const status = await stat(local).catch(() => undefined);
    if (status?.isFile() !== true) {
      throw new InstallError(
        `${path.basename(file)}, line ${number}: ${place} is no file of a package that a container can be given.`,
        { hint: 'Build a wheel of it, name that in its place, or use the executor "subprocess".' },
      );
    }
    return text.replace(place, this.#offered.addFile(local));
  }
}

function localPath(place: string, beside: string): string {
  return /^file:/i.test(place) ? fileURLToPath(place) : path.resolve(beside, place);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new InstallError(`${file} can't be read: ${reasonOf(error)}.`, { cause: error });
  }
}
