import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../../common/files/atomicWrite.ts';
import { makeFolders } from '../../common/files/folders.ts';
import { isMissing } from '../../common/files/systemErrors.ts';
import { UsageError } from '../../contract/errors.ts';
import type { Json } from '../../contract/execution.ts';
import { isToolFile, nameOfEntry } from '../../tools/definition/entries.ts';
import { toYaml } from '../../tools/definition/yaml.ts';
import { resolveInside } from '../file/containment.ts';
import { storageError } from '../file/fileErrors.ts';
import { artifactSegments } from '../names.ts';
import { parseToolYaml } from './toolYaml.ts';
import type { StoredTool, ToolStore } from './transferStore.ts';

/** Of files that are made. */
const SUFFIX = '.yaml';

/** Tools as `tools/*.yaml`; those in `*.yml` are read as well. */
export class FileToolStore implements ToolStore {
  readonly #folder: string;
  /** The files of the tools that were seen: a tool's name is what its file says, not what the file is called. */
  #files = new Map<string, string>();

  /** @param folder - absolute path */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** One whose file can't be read stands there by the name of its file. */
  async list(): Promise<ReadonlyMap<string, StoredTool>> {
    const found = new Map<string, StoredTool>();
    const files = new Map<string, string>();
    for (const entry of await this.#entries()) {
      const { name, tool } = await this.#read(entry);
      found.set(name, tool);
      files.set(name, entry);
    }
    this.#files = files;
    return found;
  }

  async save(name: string, config: Readonly<Record<string, Json>>): Promise<void> {
    const [file, ...more] = artifactSegments(this.#files.get(name) ?? name + SUFFIX);
    if (file === undefined || more.length > 0) {
      throw new UsageError(`A file cannot be named after the tool "${name}".`, 'Rename the tool.');
    }
    try {
      await makeFolders(this.#folder);
      await writeFileAtomically(await resolveInside(this.#folder, [file]), toYaml(config));
      this.#files.set(name, file);
    } catch (error) {
      throw storageError(error, `The tool "${name}" could not be saved`);
    }
  }

  async delete(name: string): Promise<void> {
    const file = this.#files.get(name);
    if (file === undefined) return;
    try {
      await rm(path.join(this.#folder, file), { force: true });
      this.#files.delete(name);
    } catch (error) {
      throw storageError(error, `The tool "${name}" could not be deleted`);
    }
  }

  async #entries(): Promise<string[]> {
    try {
      return (await readdir(this.#folder)).filter(isToolFile).sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw storageError(error, 'The tools could not be listed');
    }
  }

  async #read(entry: string): Promise<{ name: string; tool: StoredTool }> {
    try {
      const file = await resolveInside(this.#folder, [entry]);
      const config = parseToolYaml(await readFile(file, 'utf8'));
      return { name: config.name, tool: { config } };
    } catch (error) {
      const problem = `${entry} can't be read: ${(error as Error).message}`;
      return { name: nameOfEntry(entry), tool: { problem } };
    }
  }
}
