/**
 * Frames: how messages cross a stream of bytes.
 *
 * A frame is the header's length (unsigned 32-bit, big-endian), the header (JSON in UTF-8) and raw buffers,
 * whose lengths stand in the header under `buffers`. Bytes cross as bytes: nothing is base64.
 */

/** One message: JSON, and bytes beside it. */
export interface Frame {
  readonly header: Readonly<Record<string, unknown>>;
  readonly buffers: readonly Uint8Array[];
}

/** A header longer than this (bytes) is no header: the stream is out of step or written by someone else. */
export const MAX_HEADER_BYTES = 64 * 1024 * 1024;
/** A frame's buffers together (bytes); Node cannot hold more in one piece. */
export const MAX_BUFFER_BYTES = 2 * 1024 * 1024 * 1024 - 1;

const LENGTH_BYTES = 4;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The stream does not hold frames: what follows cannot be understood. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** The pieces of a frame in the order in which they are written; `buffers` are not copied. */
export function encodeFrame(frame: Frame): Uint8Array[] {
  const { buffers } = frame;
  const header =
    buffers.length === 0 ? frame.header : { ...frame.header, buffers: buffers.map((b) => b.byteLength) };
  return [encodeHeader(JSON.stringify(header)), ...buffers];
}

/** Length and text of a header that is JSON already, with its buffers' lengths in it. */
export function encodeHeader(json: string): Uint8Array {
  const text = encoder.encode(json);
  const head = new Uint8Array(LENGTH_BYTES + text.byteLength);
  new DataView(head.buffer).setUint32(0, text.byteLength);
  head.set(text, LENGTH_BYTES);
  return head;
}

/** A decoded frame, with its header as the text that it came in as well. */
export interface DecodedFrame extends Frame {
  readonly headerText: string;
}

interface OpenFrame {
  readonly header: Readonly<Record<string, unknown>>;
  readonly headerText: string;
  readonly lengths: readonly number[];
  readonly size: number;
}

/** Finds the frames in pieces of a stream, however it was cut. */
export class FrameDecoder {
  /** What is left of the newest piece. */
  #rest: Uint8Array = new Uint8Array(0);
  /** What has begun to arrive and is longer than the piece that it began in, and how much of it is there. */
  #partial: Uint8Array | undefined;
  #filled = 0;
  #headerLength: number | undefined;
  #open: OpenFrame | undefined;

  /**
   * Takes the next piece and gives the frames that are complete with it. Buffers may share `chunk`'s memory.
   * @throws FrameError where the bytes are no frames; the decoder is of no use afterwards
   */
  *push(chunk: Uint8Array): Generator<DecodedFrame> {
    this.#rest = chunk;
    for (let frame = this.#next(); frame; frame = this.#next()) yield frame;
  }

  #next(): DecodedFrame | undefined {
    if (this.#headerLength === undefined) {
      const head = this.#take(LENGTH_BYTES);
      if (!head) return undefined;
      const length = new DataView(head.buffer, head.byteOffset, LENGTH_BYTES).getUint32(0);
      if (length > MAX_HEADER_BYTES) throw new FrameError(`a header of ${length} bytes`);
      this.#headerLength = length;
    }
    if (!this.#open) {
      const bytes = this.#take(this.#headerLength);
      if (!bytes) return undefined;
      this.#open = parseHeader(decoder.decode(bytes));
    }
    const { header, headerText, lengths, size } = this.#open;
    const body = this.#take(size);
    if (!body) return undefined;
    this.#headerLength = undefined;
    this.#open = undefined;
    let offset = 0;
    const buffers = lengths.map((length) => {
      offset += length;
      return body.subarray(offset - length, offset);
    });
    return { header, headerText, buffers };
  }

  /** The next `size` bytes in one piece, or undefined while they are not all there. */
  #take(size: number): Uint8Array | undefined {
    const rest = this.#rest;
    if (!this.#partial && rest.byteLength >= size) {
      this.#rest = rest.subarray(size);
      return rest.subarray(0, size);
    }
    // Each piece is put in its place as it comes: kept until the last, a hundred megabytes would be there twice.
    const whole = this.#partial ?? allocate(size);
    const part = rest.subarray(0, size - this.#filled);
    whole.set(part, this.#filled);
    this.#rest = rest.subarray(part.byteLength);
    this.#filled += part.byteLength;
    const isWhole = this.#filled === size;
    this.#partial = isWhole ? undefined : whole;
    if (!isWhole) return undefined;
    this.#filled = 0;
    return whole;
  }
}

function allocate(size: number): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch {
    throw new FrameError(`${size} bytes, for which there is no memory`);
  }
}

function parseHeader(headerText: string): OpenFrame {
  let header: unknown;
  try {
    header = JSON.parse(headerText);
  } catch {
    throw new FrameError('a header that is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new FrameError('a header that is not an object');
  }
  const lengths = (header as { buffers?: unknown }).buffers ?? [];
  if (!Array.isArray(lengths) || !lengths.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    throw new FrameError('a header whose buffer lengths are not numbers');
  }
  const size = lengths.reduce((sum: number, length: number) => sum + length, 0);
  if (size > MAX_BUFFER_BYTES) throw new FrameError(`buffers of ${size} bytes`);
  return { header: header as Record<string, unknown>, headerText, lengths, size };
}
