import { StringDecoder } from 'node:string_decoder';
import type { ReadStream } from 'node:tty';
import { CodeModeError } from '../core/contract/errors.ts';

type Input = NodeJS.ReadStream & { setRawMode?: ReadStream['setRawMode'] };

/** Why no line came. */
class EndOfInput extends CodeModeError {
  constructor() {
    super('cancelled', 'Standard input is at its end.');
  }
}

/**
 * Lines from standard input, for `input()` and `getpass()`. Nothing is read before the first line is asked for,
 * so that a run that asks for nothing leaves standard input to others.
 */
export class TerminalInput {
  readonly #input: Input;
  readonly #decoder = new StringDecoder('utf8');
  #buffer = '';
  #ended = false;
  #listening = false;
  #wake: (() => void) | undefined;

  constructor(input: Input = process.stdin) {
    this.#input = input;
  }

  /**
   * The next line, without its end.
   *
   * @throws CodeModeError `cancelled` at the end of the input, or where `signal` is aborted
   */
  async readLine(signal: AbortSignal): Promise<string> {
    this.#listen();
    try {
      for (;;) {
        const newline = this.#buffer.indexOf('\n');
        if (newline >= 0) {
          const line = this.#buffer.slice(0, newline).replace(/\r$/, '');
          this.#buffer = this.#buffer.slice(newline + 1);
          return line;
        }
        if (this.#ended) return this.#rest();
        await this.#more(signal);
      }
    } finally {
      this.#input.pause();
    }
  }

  /** As {@link readLine}, without showing what is typed where the input is a terminal. */
  async readPassword(signal: AbortSignal): Promise<string> {
    if (!this.#input.isTTY || !this.#input.setRawMode) return this.readLine(signal);
    // Switching raw mode off again is what leaves the person a usable terminal.
    this.#input.setRawMode(true);
    try {
      return await this.#readUnechoed(signal);
    } finally {
      this.#input.setRawMode(false);
      this.#input.pause();
    }
  }

  /** Stops listening; a read under way is the caller's to abort. */
  close(): void {
    this.#input.pause();
    this.#input.removeAllListeners('data');
    this.#input.unref?.();
  }

  async #readUnechoed(signal: AbortSignal): Promise<string> {
    this.#listen();
    let typed: string[] = [];
    for (;;) {
      while (this.#buffer !== '') {
        const [character] = this.#buffer;
        this.#buffer = this.#buffer.slice(character!.length);
        switch (character) {
          case '\r':
          case '\n':
            return typed.join('');
          case '\u0003':
            // In raw mode the terminal makes no signal of Ctrl+C.
            process.kill(process.pid, 'SIGINT');
            break;
          case '\u0004':
            if (typed.length === 0) throw new EndOfInput();
            break;
          case '\u007f':
          case '\b':
            typed.pop();
            break;
          case '\u0015':
            typed = [];
            break;
          default:
            typed.push(character!);
        }
      }
      if (this.#ended) throw new EndOfInput();
      await this.#more(signal);
    }
  }

  #rest(): string {
    if (this.#buffer === '') throw new EndOfInput();
    const line = this.#buffer;
    this.#buffer = '';
    return line;
  }

  #listen(): void {
    if (!this.#listening) {
      this.#listening = true;
      this.#input.on('data', (chunk: Buffer) => this.#receive(this.#decoder.write(chunk)));
      this.#input.on('end', () => this.#finish());
      this.#input.on('error', () => this.#finish());
      this.#input.on('close', () => this.#finish());
    }
    if (!this.#ended) this.#input.resume();
  }

  #receive(text: string): void {
    this.#buffer += text;
    this.#wake?.();
  }

  #finish(): void {
    this.#buffer += this.#decoder.end();
    this.#ended = true;
    this.#wake?.();
  }

  async #more(signal: AbortSignal): Promise<void> {
    const cancelled = () => this.#wake?.();
    try {
      if (!signal.aborted) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
          signal.addEventListener('abort', cancelled, { once: true });
        });
      }
    } finally {
      this.#wake = undefined;
      signal.removeEventListener('abort', cancelled);
    }
    if (signal.aborted) throw new CodeModeError('cancelled', 'The question was withdrawn.');
  }
}
