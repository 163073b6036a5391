const NEWLINE = 0x0a;

/** Cuts a stream of bytes into lines. Each byte is looked at once and copied once, however long a line is. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  readonly #maxBytes: number;
  readonly #onTooLong: () => void;
  #pieces: Buffer[] = [];
  #bytes = 0;

  /**
   * @param onLine gets each line without its end
   * @param maxBytes of a line; what is longer is dropped, and `onTooLong` is told
   */
  constructor(onLine: (line: string) => void, maxBytes: number, onTooLong: () => void) {
    this.#onLine = onLine;
    this.#maxBytes = maxBytes;
    this.#onTooLong = onTooLong;
  }

  push(bytes: Buffer): void {
    let begin = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, begin)) {
      this.#keep(bytes.subarray(begin, end));
      this.end();
      begin = end + 1;
    }
    this.#keep(bytes.subarray(begin));
  }

  /** The stream is over: what is there is a line. */
  end(): void {
    const line = Buffer.concat(this.#pieces);
    const isWhole = this.#bytes <= this.#maxBytes;
    this.#pieces = [];
    this.#bytes = 0;
    if (isWhole && line.length > 0) this.#onLine(line.toString('utf8').replace(/\r$/u, ''));
  }

  #keep(piece: Buffer): void {
    const wasWhole = this.#bytes <= this.#maxBytes;
    this.#bytes += piece.length;
    if (this.#bytes <= this.#maxBytes) {
      if (piece.length > 0) this.#pieces.push(piece);
    } else if (wasWhole) {
      this.#pieces = [];
      this.#onTooLong();
    }
  }
}
