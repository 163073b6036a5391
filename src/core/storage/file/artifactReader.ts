import { setTimeout as delay } from 'node:timers/promises';
import { isSameVersion } from '../../common/files/fileVersion.ts';
import type { ArtifactDataType, ArtifactReader } from '../../contract/storage.ts';
import { type IndexEntry, readAs } from '../artifactEntry.ts';
import { storageError } from './fileErrors.ts';
import type { IndexFile } from './indexFile.ts';
import { type OpenFile, openRegularFile, readPiece } from './openFile.ts';
import type { OpenResources } from './openResources.ts';

/** How often and for how many milliseconds a reader waits for the index of a file that was put in place just now. */
const CHANGE_WAITS = 40;
const CHANGE_WAIT_MS = 5;

/** Reads one version of an artifact, whatever becomes of its name. */
export class FileArtifactReader implements ArtifactReader {
  readonly size: number;
  readonly dataType: ArtifactDataType;
  readonly metadata: ArtifactReader['metadata'];
  readonly #name: string;
  readonly #file: OpenFile;
  readonly #resources: OpenResources;

  constructor(name: string, { file, entry }: ArtifactVersion, resources: OpenResources) {
    this.size = file.size;
    this.dataType = readAs(name, entry?.dataType);
    this.metadata = entry?.metadata ?? {};
    this.#name = name;
    this.#file = file;
    this.#resources = resources;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    try {
      return await readPiece(this.#file, position, length);
    } catch (error) {
      throw notLoaded(this.#name, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#resources.release(this);
    await this.#file.handle.close();
  }
}

/** A file and the index entry that belongs to it. */
export interface ArtifactVersion {
  readonly file: OpenFile;
  readonly entry: IndexEntry | undefined;
}

/** Opens the version of an artifact that is there; undefined where there is no file. */
export async function openVersion(
  index: IndexFile,
  name: string,
  path: string,
): Promise<ArtifactVersion | undefined> {
  for (let waits = 0; ; ) {
    const before = await index.status();
    const entry = (await index.read()).get(name);
    const file = await openRegularFile(path);
    if (file === undefined) return undefined;
    try {
      // A writer puts the file in place first, then the index.
      const isAhead = file.changed > (before?.ctimeMs ?? 0) && index.isChanging();
      const isOld = !isSameVersion(before, await index.status());
      if (!isOld && (!isAhead || waits === CHANGE_WAITS)) return { file, entry };
      if (!isOld) waits += 1;
    } catch (error) {
      await file.handle.close();
      throw error;
    }
    await file.handle.close();
    await delay(CHANGE_WAIT_MS);
  }
}

export function notLoaded(name: string, error: unknown): Error {
  return storageError(error, `The artifact "${name}" could not be loaded`);
}
