import type { Writable } from 'node:stream';

/**
 * Standard output or standard error. Remembers whether the last line is complete, and says once when whoever
 * reads has gone (`| head`).
 */
export class TerminalOutput {
  readonly #stream: Writable;
  #broken = false;
  #atLineStart = true;

  constructor(stream: Writable, onBroken: () => void) {
    this.#stream = stream;
    // Also ENOTCONN and the like: output that can't be written any more is one condition, whatever its name.
    stream.on('error', () => {
      if (this.#broken) return;
      this.#broken = true;
      onBroken();
    });
  }

  /** Whether the last thing written ended its line. */
  get atLineStart(): boolean {
    return this.#atLineStart;
  }

  write(text: string): void {
    if (text === '' || this.#broken) return;
    this.#atLineStart = text.endsWith('\n');
    this.#stream.write(text);
  }

  writeBytes(bytes: Uint8Array): void {
    if (bytes.byteLength === 0 || this.#broken) return;
    this.#atLineStart = bytes.at(-1) === 0x0a;
    this.#stream.write(bytes);
  }

  /** Writes `text` and a newline where it has none. */
  writeLine(text: string): void {
    this.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Resolves when everything is written, or when that has become impossible. */
  async flush(): Promise<void> {
    if (this.#broken || this.#stream.writableLength === 0) return;
    await new Promise<void>((resolve) => {
      this.#stream.once('error', () => resolve());
      this.#stream.write('', () => resolve());
    });
  }
}
