import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TextPatch } from './terminal.ts';

/** How much text is kept in memory before it goes to disk, in UTF-16 code units. */
const SPILL_CHARACTERS = 1_000_000;
/** A movement of the cursor never reaches further back than this: see `TerminalText`. */
const REACHABLE_CHARACTERS = 70_000;
const ESCAPES = /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])/g;

/**
 * The whole text of an output that was cut: without colours, in memory while it is small and in a temporary
 * file beyond that, so that memory stays bounded however much a program prints.
 */
export class WholeOutput {
  readonly title: string;
  #recent = '';
  #folder: string | undefined;
  #file: number | undefined;
  #spilled = 0;
  #spilledLines = 0;
  #disposed = false;

  constructor(title: string) {
    this.title = title;
  }

  /** Characters kept so far; colours do not count once they are on disk. */
  get length(): number {
    return this.#spilled + this.#recent.length;
  }

  get lines(): number {
    return this.#spilledLines + countLines(this.#recent);
  }

  /** Applies what a terminal says changed at the end of the text. */
  patch({ drop, text }: TextPatch): void {
    if (this.#disposed) return;
    if (drop > 0) this.#recent = this.#recent.slice(0, Math.max(0, this.#recent.length - drop));
    this.#recent += text;
    if (this.#recent.length > SPILL_CHARACTERS + REACHABLE_CHARACTERS) this.#spill();
  }

  /** The text so far. */
  read(): string {
    const spilled = this.#folder ? readFileSync(this.#path(), 'utf8') : '';
    return spilled + plain(this.#recent);
  }

  /**
   * A file with the text so far, for editors that load it by themselves; it stays this object's own and goes
   * with it.
   */
  file(): string {
    this.#write(this.#recent.length);
    return this.#path();
  }

  dispose(): void {
    this.#disposed = true;
    this.#recent = '';
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }

  #spill(): void {
    let end = this.#recent.length - REACHABLE_CHARACTERS;
    // At a line's end, so that neither an escape sequence nor a surrogate pair is torn.
    const lineEnd = this.#recent.lastIndexOf('\n', end);
    if (lineEnd >= 0) end = lineEnd + 1;
    else if ((this.#recent.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--;
    this.#write(end);
  }

  #write(end: number): void {
    if (this.#file === undefined) {
      this.#folder = mkdtempSync(path.join(tmpdir(), 'python-code-mode-'));
      // What a program prints can be private: nobody else reads it, and nobody edits it by mistake.
      this.#file = openSync(this.#path(), 'wx', 0o400);
    }
    const text = plain(this.#recent.slice(0, end));
    let bytes: Uint8Array = Buffer.from(text);
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(this.#file, bytes));
    this.#spilled += text.length;
    this.#spilledLines += countLines(text);
    this.#recent = this.#recent.slice(end);
  }

  #path(): string {
    if (!this.#folder) throw new Error('This output has no file.');
    return path.join(this.#folder, 'output.txt');
  }
}

function plain(text: string): string {
  return text.includes('\x1b') ? text.replace(ESCAPES, '') : text;
}

function countLines(text: string): number {
  let lines = 0;
  for (let index = text.indexOf('\n'); index >= 0; index = text.indexOf('\n', index + 1)) lines++;
  return lines;
}
