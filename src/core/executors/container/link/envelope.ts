/**
 * How interpreters, text and messages share the two streams of a container: in pieces of a kind (1 byte), a number that
 * says whose it is (4 bytes, big-endian), a length (4 bytes, big-endian) and as many bytes.
 * `src/python/container_init/streams.py` is the other end.
 */

/** What a piece for the container is. */
export const ToContainer = { INPUT: 0, CONTROL: 1, TUNNEL: 2 } as const;
/** What a piece of the container is. */
export const FromContainer = {
  OUTPUT: 0,
  STDOUT: 1,
  STDERR: 2,
  REPORT: 3,
  TUNNEL: 4,
  COMPILED: 5,
} as const;

const HEAD_BYTES = 9;
/** Of a piece that is kept until it is whole. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;

/** A piece that is to be sent. */
export function encodePiece(kind: number, owner: number, data: Uint8Array): Buffer {
  const piece = Buffer.allocUnsafe(HEAD_BYTES + data.byteLength);
  piece[0] = kind;
  piece.writeUInt32BE(owner, 1);
  piece.writeUInt32BE(data.byteLength, 5);
  piece.set(data, HEAD_BYTES);
  return piece;
}

/** Takes the container's stream apart. */
export class PieceDecoder {
  readonly #accept: (kind: number, owner: number, data: Buffer) => void;
  readonly #isWhole: (kind: number) => boolean;
  #head: Buffer = Buffer.alloc(0);
  #kind = 0;
  #owner = 0;
  #missing: number | undefined;
  #parts: Buffer[] = [];

  /**
   * `accept` gets what came, long pieces in parts, but those in one that `isWhole` is true for. No bytes are a piece
   * without any.
   */
  constructor(
    accept: (kind: number, owner: number, data: Buffer) => void,
    isWhole: (kind: number) => boolean,
  ) {
    this.#accept = accept;
    this.#isWhole = isWhole;
  }

  /** @throws Error where nobody of ours can have written that */
  push(chunk: Buffer): void {
    let rest = this.#head.byteLength > 0 ? Buffer.concat([this.#head, chunk]) : chunk;
    this.#head = Buffer.alloc(0);
    for (;;) {
      if (this.#missing === undefined) {
        if (rest.byteLength < HEAD_BYTES) {
          this.#head = rest;
          return;
        }
        this.#kind = rest.readUInt8(0);
        this.#owner = rest.readUInt32BE(1);
        this.#missing = rest.readUInt32BE(5);
        if (this.#missing > MAX_WHOLE_BYTES && this.#isWhole(this.#kind)) {
          throw new Error(`a message of ${this.#missing} bytes`);
        }
        rest = rest.subarray(HEAD_BYTES);
      }
      const part = rest.subarray(0, this.#missing);
      rest = rest.subarray(part.byteLength);
      this.#missing -= part.byteLength;
      const isComplete = this.#missing === 0;
      this.#take(part, isComplete);
      if (!isComplete) return;
      this.#missing = undefined;
    }
  }

  #take(part: Buffer, isComplete: boolean): void {
    if (!this.#isWhole(this.#kind)) {
      if (isComplete || part.byteLength > 0) this.#accept(this.#kind, this.#owner, part);
      return;
    }
    this.#parts.push(part);
    if (isComplete) this.#accept(this.#kind, this.#owner, Buffer.concat(this.#parts.splice(0)));
  }
}
