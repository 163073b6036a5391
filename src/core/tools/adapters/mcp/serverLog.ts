const MAX_BYTES = 256 * 1024;
const MAX_LINE_CHARACTERS = 8 * 1024;

/** The newest lines of what a server said and of what became of it. */
export class ServerLog {
  readonly #lines: { readonly text: string; readonly bytes: number }[] = [];
  #bytes = 0;

  /** @param line without secrets */
  add(line: string): void {
    const said = line.length > MAX_LINE_CHARACTERS ? `${line.slice(0, MAX_LINE_CHARACTERS)} …` : line;
    const text = `${new Date().toISOString()} ${said}\n`;
    const bytes = Buffer.byteLength(text);
    this.#lines.push({ text, bytes });
    this.#bytes += bytes;
    while (this.#bytes > MAX_BYTES) this.#bytes -= this.#lines.shift()?.bytes ?? 0;
  }

  /** All that is kept, oldest first; at most 256 KiB. */
  text(): string {
    return this.#lines.map(({ text }) => text).join('');
  }
}
