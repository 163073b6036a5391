import { lstatSync, type Stats, statSync } from 'node:fs';
import { lstat, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { draftFile, renamePatiently, temporaryPath } from '../../common/files/atomicWrite.ts';
import { isSameVersion } from '../../common/files/fileVersion.ts';
import { makeFolders } from '../../common/files/folders.ts';
import { inSlices } from '../../common/files/slices.ts';
import { isMissing, systemCode } from '../../common/files/systemErrors.ts';
import { ClosedError, CodeModeError, UsageError } from '../../contract/errors.ts';
import type {
  ArtifactDataType,
  ArtifactDetails,
  ArtifactInfo,
  ArtifactReader,
  ArtifactStore,
  ArtifactWriter,
  RemovedArtifact,
} from '../../contract/storage.ts';
import { type IndexEntry, indexTime, readAs } from '../artifactEntry.ts';
import { artifactSegments } from '../names.ts';
import {
  artifactNames,
  entryOfFile,
  entryOfStatus,
  isArtifactName,
  isHidden,
  missing,
} from './artifactNames.ts';
import { resolveInside } from './containment.ts';
import { storageError } from './fileErrors.ts';
import { ABANDONED_MS, removeAbandoned } from './folderWalk.ts';
import { IndexFile } from './indexFile.ts';
import { type OpenFile, openRegularFile, readPiece } from './openFile.ts';

/** How often and for how many milliseconds a reader waits for the index of a file that was put in place just now. */
const CHANGE_WAITS = 40;
const CHANGE_WAIT_MS = 5;

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
  readonly #log: (line: string) => void;
  /** Readers and writers that nobody has disposed, and what was removed and can be brought back. */
  readonly #open = new Set<AsyncDisposable>();
  #closed = false;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(folder: string, log: (line: string) => void) {
    this.#folder = folder;
    this.#index = new IndexFile(folder, log);
    this.#log = log;
  }

  async save(name: string, content: Uint8Array, details: ArtifactDetails): Promise<ArtifactInfo> {
    await using writer = await this.create(name);
    await writer.write(content);
    return await writer.commit(details);
  }

  async create(name: string): Promise<ArtifactWriter> {
    const segments = artifactSegments(name);
    const failed = (error: unknown) => storageError(error, `The artifact "${name}" could not be saved`);
    try {
      // Looked at before anything is made: a folder of the name may be a link that leads out.
      const target = await resolveInside(this.#folder, segments);
      await makeFolders(path.dirname(target));
      await this.#sweep();
      const draft = await draftFile(target);
      const writer: ArtifactWriter = {
        write: async (chunk) => {
          try {
            await draft.write(chunk);
          } catch (error) {
            throw failed(error);
          }
        },
        commit: async (details) => {
          try {
            const prepared = await draft.finish();
            const entry: IndexEntry = { ...details, createdAt: indexTime(new Date()) };
            await this.#index.change(async (index) => {
              const replaces = (await stat(target).catch(missing)) !== undefined;
              index.set(name, entry);
              return { apply: () => prepared.commit(), ...(replaces ? {} : { meanwhile: index }) };
            });
            return this.#info(name, entry);
          } catch (error) {
            throw failed(error);
          }
        },
        [Symbol.asyncDispose]: async () => {
          this.#open.delete(writer);
          await draft[Symbol.asyncDispose]();
        },
      };
      return await this.#keep(writer);
    } catch (error) {
      throw failed(error);
    }
  }

  async load(name: string): Promise<{ content: Uint8Array; dataType: ArtifactDataType }> {
    await using reader = await this.open(name);
    return { content: await reader.read(0, reader.size), dataType: reader.dataType };
  }

  async open(name: string): Promise<ArtifactReader> {
    const segments = artifactSegments(name);
    const failed = (error: unknown) => storageError(error, `The artifact "${name}" could not be loaded`);
    try {
      const { file, entry } = await this.#openVersion(name, await resolveInside(this.#folder, segments));
      const reader: ArtifactReader = {
        size: file.size,
        dataType: readAs(name, entry?.dataType),
        metadata: entry?.metadata ?? {},
        read: async (position, length) => {
          try {
            return await readPiece(file, position, length);
          } catch (error) {
            throw failed(error);
          }
        },
        [Symbol.asyncDispose]: async () => {
          this.#open.delete(reader);
          await file.handle.close();
        },
      };
      return await this.#keep(reader);
    } catch (error) {
      if (isMissing(error) || systemCode(error) === 'EISDIR') throw noArtifact(name, error);
      throw failed(error);
    }
  }

  async list(): Promise<ArtifactInfo[]> {
    try {
      const index = await this.#index.read();
      const found: ArtifactInfo[] = [];
      await inSlices(await artifactNames(this.#folder, index), (name) => {
        const entry = index.get(name) ?? entryOfStatus(orMissing(() => statSync(this.#pathOf(name))));
        if (entry !== undefined) found.push(this.#info(name, entry));
      });
      return found;
    } catch (error) {
      throw storageError(error, 'The artifacts could not be listed');
    }
  }

  async sizes(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
    try {
      const parents = new Map<string, string | undefined>();
      for (const parent of new Set(names.map(path.posix.dirname))) {
        parents.set(parent, parent === '.' ? this.#folder : await this.#resolved(parent));
      }
      const sizes = new Map<string, number>();
      const links: string[] = [];
      await inSlices(names.filter(isArtifactName), (name) => {
        const parent = parents.get(path.posix.dirname(name));
        if (parent === undefined) return;
        const status = orMissing(() => lstatSync(path.join(parent, path.posix.basename(name))));
        if (status?.isFile()) sizes.set(name, status.size);
        else if (status?.isSymbolicLink()) links.push(name);
      });
      for (const name of links) {
        const file = await this.#resolved(name);
        const status = file === undefined ? undefined : await stat(file).catch(missing);
        if (status?.isFile()) sizes.set(name, status.size);
      }
      return sizes;
    } catch (error) {
      throw storageError(error, 'The sizes of the artifacts could not be read');
    }
  }

  async get(name: string): Promise<ArtifactInfo | undefined> {
    const segments = artifactSegments(name);
    try {
      const asFile = await entryOfFile(await resolveInside(this.#folder, segments));
      if (asFile === undefined) return undefined;
      return this.#info(name, (await this.#index.read()).get(name) ?? asFile);
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
      const to = await resolveInside(this.#folder, newSegments);
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
    await this.#sweep();
    let kept = '';
    const taken = await this.#take(name, async (file) => {
      // In its own folder: what a crash leaves of it is swept like all that is unfinished.
      kept = temporaryPath(file);
      await renamePatiently(file, kept);
    });
    if (taken === undefined) return undefined;
    const drop: AsyncDisposable = { [Symbol.asyncDispose]: () => rm(kept, { force: true }) };
    await this.#keep(drop);
    return {
      restore: async () => {
        try {
          await this.#index.change(async (index) => {
            if ((await lstat(kept).catch(missing)) === undefined) throw isGone(name);
            if ((await lstat(taken.file).catch(missing)) !== undefined) throw isTaken(name);
            if (taken.entry === undefined) index.delete(name);
            else index.setText(name, taken.entry);
            return { apply: () => renamePatiently(kept, taken.file), meanwhile: index };
          });
          this.#open.delete(drop);
        } catch (error) {
          throw storageError(error, `The artifact "${name}" could not be brought back`);
        }
      },
    };
  }

  /** Closes what is still open and drops what was removed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#open].map((resource) => resource[Symbol.asyncDispose]()));
    this.#open.clear();
  }

  /**
   * Takes an artifact and its entry away. The file is taken first: a crash in between leaves an entry without one, which is
   * nothing.
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

  /** The file and the index entry that belong to one version of the artifact. */
  async #openVersion(name: string, file: string): Promise<{ file: OpenFile; entry: IndexEntry | undefined }> {
    for (let waits = 0; ; ) {
      const before = await this.#index.status();
      const entry = (await this.#index.read()).get(name);
      const opened = await openRegularFile(file);
      if (opened === undefined) throw noArtifact(name);
      try {
        // A writer puts the file in place first, then the index.
        const isAhead = opened.changed > (before?.ctimeMs ?? 0) && this.#index.isChanging();
        const isOld = !isSameVersion(before, await this.#index.status());
        if (!isOld && (!isAhead || waits === CHANGE_WAITS)) return { file: opened, entry };
        if (!isOld) waits += 1;
      } catch (error) {
        await opened.handle.close();
        throw error;
      }
      await opened.handle.close();
      await delay(CHANGE_WAIT_MS);
    }
  }

  /** Where the artifact itself is: the last part is not followed, for it may be a link. */
  async #ownPath(segments: readonly string[]): Promise<string> {
    const parent = await resolveInside(this.#folder, segments.slice(0, -1));
    return path.join(parent, segments.at(-1) ?? '');
  }

  /** Undefined for what can be no artifact. */
  async #resolved(name: string): Promise<string | undefined> {
    try {
      return await resolveInside(this.#folder, artifactSegments(name));
    } catch (error) {
      if (CodeModeError.is(error, 'usage')) return undefined;
      throw error;
    }
  }

  /** Has it closed together with the store. */
  async #keep<T extends AsyncDisposable>(resource: T): Promise<T> {
    if (this.#closed) {
      await resource[Symbol.asyncDispose]();
      throw new ClosedError('The store');
    }
    this.#open.add(resource);
    return resource;
  }

  /** Not `join`: for the listing of a large store that would take longer than anything else. */
  #pathOf(name: string): string {
    return this.#folder + path.sep + (path.sep === '/' ? name : name.replaceAll('/', path.sep));
  }

  #info(name: string, entry: IndexEntry): ArtifactInfo {
    return {
      name,
      path: this.#pathOf(name),
      description: entry.description,
      metadata: entry.metadata,
      created_at: entry.createdAt,
    };
  }

  async #sweep(): Promise<void> {
    if (performance.now() - this.#sweptAt < ABANDONED_MS) return;
    this.#sweptAt = performance.now();
    // Housekeeping: whether it succeeds is nothing to the one who saves.
    await removeAbandoned(this.#folder).catch((error: unknown) => {
      this.#log(`storage: unfinished files could not be removed: ${CodeModeError.describe(error)}`);
    });
  }
}

function isArtifactFile(status: Stats | undefined): boolean {
  return status !== undefined && (status.isFile() || status.isSymbolicLink());
}

/** Undefined where there is no such file. */
function orMissing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    return missing(error);
  }
}

/** Whether a file system that does not tell `a` from `A` shows the same file under the new name. */
function isOtherSpelling(name: string, newName: string, a: Stats, b: Stats): boolean {
  return name.toLowerCase() === newName.toLowerCase() && a.ino === b.ino && a.dev === b.dev;
}

function noArtifact(name: string, cause?: unknown): CodeModeError {
  return new CodeModeError('not-found', `There is no artifact "${name}".`, { cause });
}

function isTaken(name: string): UsageError {
  return new UsageError(
    `There is already something named "${name}".`,
    'Choose another name, or delete it first.',
  );
}

function isGone(name: string): CodeModeError {
  return new CodeModeError('not-found', `The artifact "${name}" cannot be brought back any more.`, {
    hint: 'What was removed is kept for an hour, and while its store is open.',
  });
}
