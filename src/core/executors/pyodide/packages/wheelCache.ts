import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { temporaryPath } from '../../../common/files/atomicWrite.ts';
import { makeFolders } from '../../../common/files/folders.ts';
import { isMissing } from '../../../common/files/systemErrors.ts';
import type { IndexFile } from '../../../deps/index/indexProject.ts';
import type { OnBytes } from '../../../deps/index/packageIndex.ts';

/** Where wheels that are not here yet come from. */
export interface FileSource {
  /** @throws InstallError where it can't be had, or is another one than the index says; CodeModeError `cancelled` */
  download(file: IndexFile, to: string, signal?: AbortSignal, onBytes?: OnBytes): Promise<void>;
}

/** What nobody has used for so long is downloaded again when it is wanted. */
const KEPT_MS = 180 * 24 * 3600_000;

/** Wheels, and descriptions of wheels, that were downloaded: by their content, so that all workspaces share them. */
export class WheelCache {
  readonly #folder: string;
  /** Wheels of this process whose hash the index does not say, by address. */
  readonly #unnamed = new Map<string, string>();
  #swept: Promise<void> | undefined;

  /** @param folder - absolute path */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * A wheel on the disk, of the content that the index says.
   *
   * @returns absolute path of a file to read from: one of a folder of wheels stays where it is
   * @throws as {@link FileSource.download}
   */
  async get(
    file: IndexFile,
    source: FileSource,
    signal: AbortSignal | undefined,
    onBytes?: OnBytes,
  ): Promise<string> {
    const expected = file.sha256 ?? this.#unnamed.get(file.url);
    if (expected !== undefined) {
      const kept = this.#place(expected);
      if ((await hashOf(kept)) === expected) {
        const now = new Date();
        await utimes(kept, now, now).catch(() => undefined);
        return kept;
      }
    } else if (file.url.startsWith('file:')) {
      return fileURLToPath(file.url);
    }
    await makeFolders(this.#folder);
    const draft = temporaryPath(this.#place('new'));
    try {
      await source.download(file, draft, signal, onBytes);
      const hash = (await hashOf(draft)) ?? '';
      await rename(draft, this.#place(hash));
      this.#unnamed.set(file.url, hash);
      return this.#place(hash);
    } finally {
      await rm(draft, { force: true });
      this.#swept ??= this.#sweep();
    }
  }

  async #sweep(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const file = path.join(this.#folder, name);
      const status = await stat(file).catch(() => undefined);
      if (status && Date.now() - status.mtimeMs > KEPT_MS)
        await rm(file, { force: true }).catch(() => undefined);
    }
  }

  #place(sha256: string): string {
    return path.join(this.#folder, sha256);
  }
}

/** In hexadecimal; undefined: there is no such file. */
async function hashOf(file: string): Promise<string | undefined> {
  try {
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    return hash.digest('hex');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
