import { StringDecoder } from 'node:string_decoder';

/** How long a line of a program may be that is shown to people; what is longer is cut. */
export const LINE_CHARACTERS = 2_000;

/** Makes lines of what comes in pieces; what a carriage return would write over is a line as well. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  write(chunk: Buffer): void {
    const parts = (this.#rest + this.#decoder.write(chunk)).split(/\r\n|[\r\n]/);
    // Without an end it can grow only so far.
    this.#rest = (parts.pop() ?? '').slice(-LINE_CHARACTERS);
    for (const part of parts) this.#onLine(part);
  }

  end(): void {
    this.#onLine(this.#rest + this.#decoder.end());
    this.#rest = '';
  }
}
