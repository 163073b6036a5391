/** Bytes that were sent to somebody inside and not taken yet, at the most; the rest waits here. */
const WINDOW_BYTES = 1024 * 1024;
/** Bytes of one piece, so that others come between. */
const PIECE_BYTES = 128 * 1024;

interface Waiting {
  bytes: Uint8Array;
  readonly onSent: (() => void) | undefined;
}

/** Sends to somebody inside only as much as is taken there: what waits is kept by this process, not by the container. */
export class Window {
  readonly #send: (bytes: Uint8Array) => void;
  readonly #waiting: Waiting[] = [];
  #free = WINDOW_BYTES;

  constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send;
  }

  /** `onSent` is called once all of it has left. */
  write(bytes: Uint8Array, onSent?: () => void): void {
    if (bytes.byteLength === 0) {
      // To send it would be to end; servers write nothing where a response ends.
      onSent?.();
      return;
    }
    this.#waiting.push({ bytes, onSent });
    this.#pump();
  }

  /** As many bytes were taken. */
  taken(size: number): void {
    this.#free += size;
    this.#pump();
  }

  #pump(): void {
    for (let next = this.#waiting[0]; next && this.#free > 0; next = this.#waiting[0]) {
      const piece = next.bytes.subarray(0, Math.min(PIECE_BYTES, this.#free));
      this.#free -= piece.byteLength;
      this.#send(piece);
      next.bytes = next.bytes.subarray(piece.byteLength);
      if (next.bytes.byteLength > 0) continue;
      this.#waiting.shift();
      next.onSent?.();
    }
  }
}
