import { type Stats, statSync } from 'node:fs';
import { lstat, rm } from 'node:fs/promises';
import path from 'node:path';
import { draftFile, renamePatiently, temporaryPath } from '../../common/files/atomicWrite.ts';
import { makeFolders } from '../../common/files/folders.ts';
import { isMissing, systemCode } from '../../common/files/systemErrors.ts';
import { inSlices } from '../../common/slices.ts';
import { CodeModeError, UsageError } from '../../contract/errors.ts';
import type {
  ArtifactDataType,
  ArtifactDetails,
  ArtifactInfo,
  ArtifactReader,
  ArtifactStore,
  ArtifactWriter,
  RemovedArtifact,
} from '../../contract/storage.ts';
import { artifactSegments } from '../names.ts';
import {
  artifactInfo,
  artifactNames,
  artifactPath,
  entryOfFile,
  entryOfStatus,
  isHidden,
  missing,
  orMissing,
} from './artifactNames.ts';
import { FileArtifactReader, notLoaded, openVersion } from './artifactReader.ts';
import { artifactSizes } from './artifactSizes.ts';
import { FileArtifactWriter, notSaved } from './artifactWriter.ts';
import { resolveInside } from './containment.ts';
import { storageError } from './fileErrors.ts';
import { IndexFile } from './indexFile.ts';
import { OpenResources } from './openResources.ts';
import { FileRemovedArtifact, isTaken } from './removedArtifact.ts';
import { Sweep } from './sweep.ts';

/**
 * Artifacts as files of a folder, with an index of descriptions and metadata beside them.
 *
 * What is a file in the folder is an artifact: one without an entry (copied there by hand, or lost from the
 * index when py-code-mode wrote at the same moment) has no description and is read by its name; an entry
 * without a file is not an artifact. Hidden files need an entry. Reading makes no folder and no file.
 */
export class FileArtifactStore implements ArtifactStore, AsyncDisposable {
  readonly #folder: string;
  readonly #index: IndexFile;
  readonly #sweep: Sweep;
  readonly #resources = new OpenResources();

  constructor(folder: string, log: (line: string) => void) {
    this.#folder = folder;
    this.#index = new IndexFile(folder, log);
    this.#sweep = new Sweep(folder, log);
  }

  async save(name: string, content: Uint8Array, details: ArtifactDetails): Promise<ArtifactInfo> {
    await using writer = await this.create(name);
    await writer.write(content);
    return await writer.commit(details);
  }

  async create(name: string): Promise<ArtifactWriter> {
    const segments = artifactSegments(name);
    try {
      // Looked at before anything is made: a folder of the name may be a link that leads out.
      const target = await resolveInside(this.#folder, segments);
      await makeFolders(path.dirname(target));
      await this.#sweep.ifDue();
      return await this.#resources.keep(
        new FileArtifactWriter({
          name,
          folder: this.#folder,
          target,
          draft: await draftFile(target),
          index: this.#index,
          resources: this.#resources,
        }),
      );
    } catch (error) {
      throw notSaved(name, error);
    }
  }

  async load(name: string): Promise<{ content: Uint8Array; dataType: ArtifactDataType }> {
    await using reader = await this.open(name);
    return { content: await reader.read(0, reader.size), dataType: reader.dataType };
  }

  async open(name: string): Promise<ArtifactReader> {
    const segments = artifactSegments(name);
    try {
      const version = await openVersion(this.#index, name, await resolveInside(this.#folder, segments));
      if (version === undefined) throw noArtifact(name);
      return await this.#resources.keep(new FileArtifactReader(name, version, this.#resources));
    } catch (error) {
      if (isMissing(error) || systemCode(error) === 'EISDIR') throw noArtifact(name, error);
      throw notLoaded(name, error);
    }
  }

  async list(): Promise<ArtifactInfo[]> {
    try {
      const index = await this.#index.read();
      const found: ArtifactInfo[] = [];
      await inSlices(await artifactNames(this.#folder, index), (name) => {
        const entry =
          index.get(name) ?? entryOfStatus(orMissing(() => statSync(artifactPath(this.#folder, name))));
        if (entry !== undefined) found.push(artifactInfo(this.#folder, name, entry));
      });
      return found;
    } catch (error) {
      throw storageError(error, 'The artifacts could not be listed');
    }
  }

  async sizes(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
    try {
      return await artifactSizes(this.#folder, names);
    } catch (error) {
      throw storageError(error, 'The sizes of the artifacts could not be read');
    }
  }

  async get(name: string): Promise<ArtifactInfo | undefined> {
    const segments = artifactSegments(name);
    try {
      const asFile = await entryOfFile(await resolveInside(this.#folder, segments));
      if (asFile === undefined) return undefined;
      return artifactInfo(this.#folder, name, (await this.#index.read()).get(name) ?? asFile);
    } catch (error) {
      throw storageError(error, `The artifact "${name}" could not be read`);
    }
  }

  async exists(name: string): Promise<boolean> {
    const segments = artifactSegments(name);
    try {
      return (await entryOfFile(await resolveInside(this.#folder, segments))) !== undefined;
    } catch (error) {
      throw storageError(error, `The artifact "${name}" could not be read`);
    }
  }

  async rename(name: string, newName: string): Promise<ArtifactInfo> {
    const segments = artifactSegments(name);
    const newSegments = artifactSegments(newName);
    try {
      const from = await this.#ownPath(segments);
      const asFile = await entryOfFile(await resolveInside(this.#folder, segments));
      if (asFile === undefined) throw noArtifact(name);
      const to = await this.#ownPath(newSegments);
      await makeFolders(path.dirname(to));
      await this.#index.change(async (index) => {
        const source = await lstat(from).catch(missing);
        if (source === undefined) throw noArtifact(name);
        if (source.isSymbolicLink() && path.dirname(from) !== path.dirname(to)) {
          throw new UsageError(
            `"${name}" is a link, which would not lead to the same file from another folder.`,
          );
        }
        const there = await lstat(to).catch(missing);
        if (there !== undefined && !isOtherSpelling(name, newName, source, there)) throw isTaken(newName);
        const entry = index.text(name);
        index.delete(newName);
        if (entry !== undefined) index.setText(newName, entry);
        else if (isHidden(newName)) index.set(newName, asFile);
        const meanwhile = index.copy();
        if (newName !== name) index.delete(name);
        return { apply: () => renamePatiently(from, to), meanwhile };
      });
      const renamed = await this.get(newName);
      if (renamed === undefined) throw noArtifact(newName);
      return renamed;
    } catch (error) {
      throw storageError(error, `The artifact "${name}" could not be renamed to "${newName}"`);
    }
  }

  async delete(name: string): Promise<boolean> {
    return (await this.#take(name, (file) => rm(file, { force: true }))) !== undefined;
  }

  async remove(name: string): Promise<RemovedArtifact | undefined> {
    await this.#sweep.ifDue();
    let kept = '';
    const taken = await this.#take(name, async (file) => {
      // In its own folder: what a crash leaves of it is swept like all that is unfinished.
      kept = temporaryPath(file);
      await renamePatiently(file, kept);
    });
    if (taken === undefined) return undefined;
    const removed = new FileRemovedArtifact({ name, kept, ...taken }, this.#index, this.#resources);
    return await this.#resources.keep(removed);
  }

  /** Closes what is still open and drops what was removed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources[Symbol.asyncDispose]();
  }

  /**
   * Takes an artifact and its entry away. The file is taken first: a crash in between leaves an entry without one,
   * which is nothing.
   * @returns what was taken, or undefined where there was no file
   */
  async #take(
    name: string,
    away: (file: string) => Promise<void>,
  ): Promise<{ file: string; entry: string | undefined } | undefined> {
    const segments = artifactSegments(name);
    try {
      const file = await this.#ownPath(segments);
      const present = async () => isArtifactFile(await lstat(file).catch(missing));
      if (!(await present()) && !(await this.#index.read()).has(name)) return undefined;
      let taken: { file: string; entry: string | undefined } | undefined;
      await this.#index.change(async (index) => {
        const entry = index.text(name);
        taken = (await present()) ? { file, entry } : undefined;
        if (entry === undefined && taken === undefined) return undefined;
        index.delete(name);
        return { apply: async () => (taken === undefined ? undefined : await away(file)) };
      });
      return taken;
    } catch (error) {
      throw storageError(error, `The artifact "${name}" could not be deleted`);
    }
  }

  /** Where the artifact itself is: the last part is not followed, for it may be a link. */
  async #ownPath(segments: readonly string[]): Promise<string> {
    const parent = await resolveInside(this.#folder, segments.slice(0, -1));
    return path.join(parent, segments.at(-1) ?? '');
  }
}

function isArtifactFile(status: Stats | undefined): boolean {
  return status !== undefined && (status.isFile() || status.isSymbolicLink());
}

/** Whether a file system that does not tell `a` from `A` shows the same file under the new name. */
function isOtherSpelling(name: string, newName: string, a: Stats, b: Stats): boolean {
  return name.toLowerCase() === newName.toLowerCase() && a.ino === b.ino && a.dev === b.dev;
}

function noArtifact(name: string, cause?: unknown): CodeModeError {
  return new CodeModeError('not-found', `There is no artifact "${name}".`, { cause });
}
