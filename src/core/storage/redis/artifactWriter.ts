import { CodeModeError, UsageError } from '../../contract/errors.ts';
import type { ArtifactDetails, ArtifactInfo, ArtifactWriter } from '../../contract/storage.ts';
import type { RedisConnection } from './connection.ts';

/** How long what is being written outlives its writer. */
const UNFINISHED_MS = 3600_000;
/** The most that Redis keeps in one value. */
const MAX_BYTES = 512 * 1024 * 1024;

/** @throws UsageError for more than one value of Redis can be: it is this artifact, not the store, that cannot be used */
export function checkValueSize(name: string, bytes: number): void {
  if (bytes <= MAX_BYTES) return;
  throw new UsageError(
    `The artifact "${name}" could not be saved: it is larger than 512 MB.`,
    'Redis takes no more in one value. Save it in parts, or keep the store in files.',
  );
}

/** What becomes of the pieces. */
export interface WriterEnd {
  /** Puts them in their place. */
  readonly commit: (size: number, details: ArtifactDetails) => Promise<ArtifactInfo>;
  readonly drop: () => Promise<void>;
}

/** An artifact that is collected under a key of its own, which expires by itself if it is never finished. */
export class RedisArtifactWriter implements ArtifactWriter {
  readonly #name: string;
  readonly #key: string;
  readonly #connection: RedisConnection;
  readonly #end: WriterEnd;
  #size = 0;

  constructor(name: string, key: string, connection: RedisConnection, end: WriterEnd) {
    this.#name = name;
    this.#key = key;
    this.#connection = connection;
    this.#end = end;
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
    return await this.#end.commit(this.#size, details);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end.drop();
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
