import { CodeModeError } from '../../contract/errors.ts';
import type { ArtifactDataType, ArtifactReader } from '../../contract/storage.ts';
import type { RedisConnection } from './connection.ts';
import { type Command, textOf } from './link.ts';

/** How much is fetched at once: more would keep other calls waiting. */
export const PIECE_BYTES = 1024 * 1024;
/** Milliseconds for which the copy of an artifact that is being read outlives the last read. */
export const COPY_EXPIRY = '600000';

/** How a version of an artifact is read. */
export type ContentKind = Pick<ArtifactReader, 'dataType' | 'metadata'>;

/** An artifact that came whole when it was opened. */
export class WholeArtifactReader implements ArtifactReader {
  readonly dataType: ArtifactDataType;
  readonly metadata: ArtifactReader['metadata'];
  readonly #content: Uint8Array;

  constructor(content: Uint8Array, { dataType, metadata }: ContentKind) {
    this.#content = content;
    this.dataType = dataType;
    this.metadata = metadata;
  }

  get size(): number {
    return this.#content.length;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    return this.#content.subarray(position, position + length);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Which version of an artifact is read, and from where. */
export interface OpenedArtifact extends ContentKind {
  readonly name: string;
  readonly size: number;
  /** The key that is read. */
  readonly key: string;
  /** Whether the key is a copy that belongs to the reader; otherwise it may change while it is read. */
  readonly isCopy: boolean;
  readonly close: () => Promise<void>;
  /** What the index says of the version that was opened. */
  readonly entry: string | null;
  readonly indexKey: string;
}

/** An artifact that is fetched in pieces. */
export class RedisArtifactReader implements ArtifactReader {
  readonly size: number;
  readonly dataType: ArtifactDataType;
  readonly metadata: ArtifactReader['metadata'];
  readonly #connection: RedisConnection;
  readonly #opened: OpenedArtifact;

  constructor(connection: RedisConnection, opened: OpenedArtifact) {
    this.#connection = connection;
    this.#opened = opened;
    this.size = opened.size;
    this.dataType = opened.dataType;
    this.metadata = opened.metadata;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const end = Math.min(position + length, this.size);
    const pieces: Uint8Array[] = [];
    for (let start = position; start < end; start += PIECE_BYTES) {
      pieces.push(await this.#piece(start, Math.min(start + PIECE_BYTES, end)));
    }
    return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.close();
  }

  async #piece(start: number, end: number): Promise<Uint8Array> {
    const { key, indexKey, name, size, isCopy, entry } = this.#opened;
    return await this.#connection.run(`The artifact "${name}" could not be read`, async (link) => {
      const commands: Command[] = isCopy
        ? [
            ['GETRANGE', key, String(start), String(end - 1)],
            ['STRLEN', key],
            ['PEXPIRE', key, COPY_EXPIRY],
          ]
        : [
            ['HGET', indexKey, name],
            ['GETRANGE', key, String(start), String(end - 1)],
            ['STRLEN', key],
            ['HGET', indexKey, name],
          ];
      const replies = await link.inTurn(commands, end - start);
      const [content, length] = isCopy ? replies : replies.slice(1);
      const same = isCopy || [replies[0], replies[3]].every((indexed) => textOf(indexed) === entry);
      if (same && length === size && Buffer.isBuffer(content) && content.length === end - start)
        return content;
      throw new CodeModeError('storage', `The artifact "${name}" was changed while it was read.`, {
        hint: 'Read it again.',
      });
    });
  }
}
