import { execFile } from 'node:child_process';
import { close, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** A pipe for what a program writes, as two file descriptors; whoever takes it closes both. */
export interface Pipe {
  /** Does not block. */
  readonly reading: number;
  /** The program's. */
  readonly writing: number;
}

/** How many are made at once, since it takes a process to make them. */
const BATCH = 32;
const MAKE_TIMEOUT_MS = 5_000;

/**
 * Pipes of the system. What Node itself connects a child with are sockets, which no program can open by their names: with
 * them, `echo … > /dev/stderr` fails in a script. They are not for what a program reads: one that opens /dev/stdin after
 * all has been written would wait for ever.
 */
class Pipes {
  readonly #ready: Pipe[] = [];
  #making: Promise<boolean> | undefined;

  /** Undefined where there are none to be had, as on Windows. */
  async take(): Promise<Pipe | undefined> {
    if (process.platform === 'win32') return undefined;
    while (true) {
      const pipe = this.#ready.pop();
      if (pipe) return pipe;
      this.#making ??= this.#make().finally(() => {
        this.#making = undefined;
      });
      if (!(await this.#making)) return undefined;
    }
  }

  /** @returns whether there are some now */
  async #make(): Promise<boolean> {
    let folder: string | undefined;
    try {
      folder = await mkdtemp(path.join(tmpdir(), 'code-mode-pipes-'));
      const names = Array.from({ length: BATCH }, (_, index) => path.join(folder ?? '', `${index}`));
      await promisify(execFile)('mkfifo', names, { timeout: MAKE_TIMEOUT_MS });
      for (const name of names) this.#ready.push(open(name));
      return true;
    } catch {
      // There is no such program, or no room for more files.
      return this.#ready.length > 0;
    } finally {
      // Their names are not needed any more; without them, nobody else can open them.
      if (folder !== undefined) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

/** Those of this process. */
export const pipes = new Pipes();

/** Closes an end of a pipe. */
export function closeEnd(descriptor: number): void {
  close(descriptor, () => undefined);
}

function open(name: string): Pipe {
  const reading = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    // At once, since somebody reads.
    return { reading, writing: openSync(name, constants.O_WRONLY) };
  } catch (error) {
    closeEnd(reading);
    throw error;
  }
}
