import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import path from 'node:path';
import { DIST_FOLDER } from './subject.ts';

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is started. */
export interface CommandOptions {
  /** What its standard input holds; undefined: it is empty. Null: it stays open. */
  readonly stdin?: string | Uint8Array | null;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether it leads a process group, as a command in a terminal does. */
  readonly group?: boolean;
}

/** The `code-mode` command under way. */
export class RunningCommand {
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';
  #onOutput: (() => void)[] = [];

  constructor(args: readonly string[], options: CommandOptions = {}) {
    this.process = spawn(process.execPath, [path.join(DIST_FOLDER, 'cli.js'), ...args], {
      cwd: options.cwd,
      env: options.env ?? process.env,
      detached: options.group ?? false,
    });
    this.process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#notify();
    });
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#notify();
    });
    this.process.stdin.on('error', () => undefined);
    if (options.stdin !== null) this.process.stdin.end(options.stdin ?? '');
    this.ended = new Promise((resolve) => {
      this.process.on('close', (code, signal) => {
        this.#notify();
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  /** Resolves when standard output (or error) holds `text`. Rejects when the command ends without it. */
  async printed(text: string): Promise<void> {
    while (!this.#stdout.includes(text) && !this.#stderr.includes(text)) {
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        throw new Error(`It ended without printing "${text}": ${this.#stdout}${this.#stderr}`);
      }
      await new Promise<void>((resolve) => this.#onOutput.push(resolve));
    }
  }

  #notify(): void {
    for (const wake of this.#onOutput.splice(0)) wake();
  }
}

/** Runs `code-mode` to its end. */
export function codeMode(args: readonly string[], options?: CommandOptions): Promise<Ended> {
  return new RunningCommand(args, options).ended;
}
