import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { FileLock } from '../../common/files/fileLock.ts';
import { makeFolders } from '../../common/files/folders.ts';
import { isMissing } from '../../common/files/systemErrors.ts';
import { inSlices } from '../../common/slices.ts';

const MAGIC = 'CMVECT01';
const HASH_BYTES = 32;
/** Of a record: the SHA-256 of the text, the number of dimensions, the check sum of all the rest of the record. */
const RECORD_HEAD_BYTES = HASH_BYTES + 8;
const FLOAT_BYTES = 4;
/** More than any model has: what says more is no record. */
const MAX_DIMENSIONS = 65_536;

/**
 * The vectors of one model in a file that only grows: a head that names the model, then records. Numbers are in
 * little-endian order, as on every machine that the editor runs on. What comes after the last whole record is of a
 * writer that was killed, or of one that is at work: readers stop there, the next writer goes on from there.
 */
export class VectorFile {
  readonly #path: string;
  readonly #head: Buffer;
  readonly #lock: FileLock;
  readonly #log: (line: string) => void;
  readonly #vectors = new Map<string, Float32Array>();
  /** Up to which byte the file is known. */
  #end = 0;
  #inode = 0;
  /** Those who read or write wait here, so that each part is read once. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(file: string, model: string, log: (line: string) => void) {
    this.#path = file;
    this.#head = headOf(model);
    this.#lock = new FileLock(`${file}.lock`, { log: (line) => log(`storage: ${line}`) });
    this.#log = log;
  }

  /** All vectors by the hash of their text, those that others have added included; not to be changed. */
  read(): Promise<ReadonlyMap<string, Float32Array>> {
    return this.#inTurn(async () => {
      const file = await open(this.#path, 'r').catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      });
      if (file === undefined) {
        this.#forget();
        return this.#vectors;
      }
      try {
        await this.#catchUp(file);
        return this.#vectors;
      } finally {
        await file.close();
      }
    });
  }

  append(vectors: ReadonlyMap<string, Float32Array>): Promise<void> {
    return this.#inTurn(async () => {
      await makeFolders(path.dirname(this.#path));
      await this.#lock.hold(async (held) => {
        await using file = await openOrCreate(this.#path);
        let size = await this.#catchUp(file);
        if (size > this.#end) {
          // To be cut off, unless another program has cut off more than that since, and added to what was left.
          this.#forget();
          size = await this.#catchUp(file);
        }
        const fresh = [...vectors].filter(([hash]) => !this.#vectors.has(hash));
        if (fresh.length === 0) return;
        const records = Buffer.concat([
          ...(this.#end === 0 ? [this.#head] : []),
          ...fresh.map(([hash, vector]) => recordOf(hash, vector)),
        ]);
        held.confirm();
        if (size > this.#end) {
          this.#log(`storage: ${this.#path}: ${size - this.#end} bytes of an unfinished write were dropped`);
          await file.truncate(this.#end);
        }
        for (let written = 0; written < records.length; ) {
          const left = records.length - written;
          written += (await file.write(records, written, left, this.#end + written)).bytesWritten;
        }
        await this.#catchUp(file);
      });
    });
  }

  /** Reads what has been added. @returns the size of the file in bytes */
  async #catchUp(file: FileHandle): Promise<number> {
    const { ino, size } = await file.stat();
    if (ino !== this.#inode || size < this.#end) this.#forget();
    this.#inode = ino;
    if (size <= this.#end) return size;
    const added = await readRange(file, this.#end, size);
    let at = 0;
    if (this.#end === 0) {
      if (!added.subarray(0, this.#head.length).equals(this.#head)) return size;
      at = this.#head.length;
    }
    await inSlices(recordsFrom(added, at), ({ hash, vector, end }) => {
      this.#vectors.set(hash, vector);
      at = end;
    });
    this.#end += at;
    return size;
  }

  #forget(): void {
    this.#vectors.clear();
    this.#end = 0;
    this.#inode = 0;
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#last.then(action);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** Of a length that leaves the numbers behind it where a Float32Array can begin. */
function headOf(model: string): Buffer {
  const name = Buffer.from(model);
  const head = Buffer.alloc(Math.ceil((MAGIC.length + 4 + name.length) / FLOAT_BYTES) * FLOAT_BYTES);
  head.write(MAGIC, 'latin1');
  head.writeUInt32LE(name.length, MAGIC.length);
  name.copy(head, MAGIC.length + 4);
  return head;
}

function recordOf(hash: string, vector: Float32Array): Buffer {
  const record = Buffer.alloc(RECORD_HEAD_BYTES + vector.length * FLOAT_BYTES);
  record.write(hash, 'hex');
  record.writeUInt32LE(vector.length, HASH_BYTES);
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).copy(record, RECORD_HEAD_BYTES);
  record.writeUInt32LE(checkSum(record), HASH_BYTES + 4);
  return record;
}

/** The records from byte `start` on, up to the first place where there is no whole one. */
function* recordsFrom(
  bytes: Buffer,
  start: number,
): Generator<{ hash: string; vector: Float32Array; end: number }> {
  for (let at = start; at + RECORD_HEAD_BYTES <= bytes.length; ) {
    const dimensions = bytes.readUInt32LE(at + HASH_BYTES);
    const end = at + RECORD_HEAD_BYTES + dimensions * FLOAT_BYTES;
    if (dimensions > MAX_DIMENSIONS || end > bytes.length) return;
    const record = bytes.subarray(at, end);
    if (record.readUInt32LE(HASH_BYTES + 4) !== checkSum(record)) return;
    yield {
      hash: record.toString('hex', 0, HASH_BYTES),
      vector: new Float32Array(bytes.buffer, record.byteOffset + RECORD_HEAD_BYTES, dimensions),
      end,
    };
    at = end;
  }
}

function checkSum(record: Buffer): number {
  return crc32(record.subarray(RECORD_HEAD_BYTES), crc32(record.subarray(0, HASH_BYTES + 4)));
}

async function readRange(file: FileHandle, start: number, end: number): Promise<Buffer> {
  // Of its own memory, in which Float32Arrays begin where they may.
  const buffer = Buffer.from(new ArrayBuffer(end - start));
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** For reading and for writing anywhere in it. */
async function openOrCreate(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r+');
  } catch (error) {
    if (!isMissing(error)) throw error;
    return await open(file, 'w+');
  }
}
