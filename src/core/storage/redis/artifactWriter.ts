import { CodeModeError } from '../../contract/errors.ts';
import type { ArtifactDetails, ArtifactInfo, ArtifactWriter } from '../../contract/storage.ts';
import type { RedisConnection } from './connection.ts';

/** How long what is being written outlives its writer. */
const UNFINISHED_MS = 3600_000;
/** The most that Redis keeps in one value. */
const MAX_BYTES = 512 * 1024 * 1024;

/** @throws CodeModeError `storage` for more than one value of Redis can be */
export function checkValueSize(name: string, bytes: number): void {
  if (bytes <= MAX_BYTES) return;
  throw new CodeModeError('storage', `The artifact "${name}" could not be saved: it is larger than 512 MB.`, {
    hint: 'Redis takes no more in one value. Save it in parts, or keep the store in files.',
  });
}

/** Puts the written content in its place. */
export type CommitArtifact = (key: string, size: number, details: ArtifactDetails) => Promise<ArtifactInfo>;

/** An artifact that is collected under a key of its own, which expires by itself if it is never finished. */
export class RedisArtifactWriter implements ArtifactWriter {
  readonly #name: string;
  readonly #key: string;
  readonly #connection: RedisConnection;
  readonly #commit: CommitArtifact;
  #size = 0;
  #finished = false;

  constructor(name: string, key: string, connection: RedisConnection, commit: CommitArtifact) {
    this.#name = name;
    this.#key = key;
    this.#connection = connection;
    this.#commit = commit;
  }

  async write(chunk: Uint8Array): Promise<void> {
    const start = this.#size;
    const end = start + chunk.length;
    checkValueSize(this.#name, end);
    if (chunk.length === 0) return;
    await this.#connection.run(`The artifact "${this.#name}" could not be saved`, async (link, repeated) => {
      // At its place, not at the end: so that it can be repeated where the connection was lost.
      const replies = await link.transaction([
        ['STRLEN', this.#key],
        ['SETRANGE', this.#key, String(start), asBuffer(chunk)],
        ['PEXPIRE', this.#key, String(UNFINISHED_MS)],
      ]);
      const before = replies?.[0];
      if (before !== start && !(repeated && before === end)) throw lostPieces(this.#name);
    });
    this.#size = end;
  }

  async commit(details: ArtifactDetails): Promise<ArtifactInfo> {
    const info = await this.#commit(this.#key, this.#size, details);
    this.#finished = true;
    return info;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#finished || this.#size === 0) return;
    this.#finished = true;
    // It expires by itself where the server is away.
    await this.#connection
      .run(`The artifact "${this.#name}" could not be dropped`, (link) => link.send(['UNLINK', this.#key]))
      .catch(() => undefined);
  }
}

/** The server was emptied, or has given up the key for want of memory. */
export function lostPieces(name: string): CodeModeError {
  return new CodeModeError(
    'storage',
    `The artifact "${name}" could not be saved: Redis no longer has what was written of it.`,
    { hint: 'Save it again. What was there before is unchanged.' },
  );
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
