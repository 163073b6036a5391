import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay, setImmediate as immediate } from 'node:timers/promises';
import { endProcessTree, killGroupOf } from './processTree.ts';
import { startProgram } from './startProgram.ts';

/** What is run, and how. */
export interface ProgramOptions {
  /** A path, or a name on the search path of `env`. */
  readonly file: string;
  readonly args: readonly string[];
  /** Absolute path of the folder that it runs in. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What it reads; undefined: its input ends at once. */
  readonly stdin: Uint8Array | undefined;
  readonly timeoutS: number;
  /** Bytes of standard output that are kept. */
  readonly maxOutputBytes: number;
  readonly signal: AbortSignal;
}

/** How a program ended. */
export interface ProgramEnd {
  /** Why it was ended before it ended by itself; undefined: it was not. */
  readonly stopped: 'timeout' | 'aborted' | undefined;
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly exitSignal: NodeJS.Signals | null;
  /** The beginning of standard output. */
  readonly stdout: Uint8Array;
  /** Bytes of standard output in all. */
  readonly stdoutTotal: number;
  /** The end of standard error. */
  readonly stderr: Uint8Array;
}

const STDERR_BYTES = 16_384;
/** Milliseconds without output after which the pipes of a program that has ended are closed, whoever holds them. */
const DRAIN_MS = 500;
/** How often that is waited for where a process that has detached itself goes on writing. */
const DRAIN_ROUNDS = 10;

/**
 * Runs a program to its end. It is the head of a process group of which nothing is left afterwards: what it has started
 * and left running ends with it, but for what has detached itself (setsid), as services do. When the time is over or
 * `signal` is aborted, it ends together with all processes below it.
 *
 * @throws the system's error where it can't be started
 */
export async function runProgram(options: ProgramOptions): Promise<ProgramEnd> {
  const { stdin: input, timeoutS, maxOutputBytes, signal } = options;
  const { child, stdin, started, ...streams } = await startProgram(options);
  const stdout = new KeptBeginning(streams.stdout, maxOutputBytes);
  const stderr = new KeptEnd(streams.stderr, STDERR_BYTES);
  // A program may end, or close its input, before it has read all.
  stdin?.on('error', () => undefined);
  const exited = new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('exit', (...end) => resolve(end));
  });
  const closed = Promise.all([closeOf(streams.stdout), closeOf(streams.stderr)]);
  const closeStreams = () => {
    for (const stream of [stdin, streams.stdout, streams.stderr]) stream?.destroy();
  };
  try {
    await started;
  } catch (error) {
    closeStreams();
    throw error;
  }
  running.add(child);
  stdin?.end(input);

  let stopped: ProgramEnd['stopped'];
  let ending: Promise<void> | undefined;
  const stop = (why: ProgramEnd['stopped']) => {
    stopped ??= why;
    ending ??= endProcessTree(child, exited);
  };
  const timeout = setTimeout(() => stop('timeout'), timeoutS * 1000);
  const onAbort = () => stop('aborted');
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const [exitCode, exitSignal] = await exited;
    clearTimeout(timeout);
    await ending;
    await drain(child, () => stdout.total + stderr.total, closed);
    return {
      stopped,
      exitCode,
      exitSignal,
      stdout: stdout.take(),
      stdoutTotal: stdout.total,
      stderr: stderr.take(),
    };
  } finally {
    clearTimeout(timeout);
    signal.removeEventListener('abort', onAbort);
    killGroupOf(child);
    closeStreams();
    running.delete(child);
  }
}

/**
 * Waits for what is still in the pipes of a child that has ended. What it has left running has a moment to write, and is
 * killed then.
 *
 * @param total - bytes that have come so far
 */
async function drain(child: ChildProcess, total: () => number, closed: Promise<unknown>): Promise<void> {
  const patience = new AbortController();
  void closed.then(() => patience.abort());
  for (let round = 0; round < DRAIN_ROUNDS && !patience.signal.aborted; round += 1) {
    const before = total();
    await delay(DRAIN_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    // Where this thread was busy all that time, what has come meanwhile is read only now.
    await immediate();
    if (total() === before) return;
    killGroupOf(child);
  }
}

function closeOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', () => resolve());
  });
}

/** What runs right now; it does not outlive this process. */
class RunningPrograms {
  readonly #children = new Set<ChildProcess>();
  readonly #killAll = () => {
    for (const child of this.#children) killGroupOf(child);
  };

  add(child: ChildProcess): void {
    if (this.#children.size === 0) process.on('exit', this.#killAll);
    this.#children.add(child);
  }

  delete(child: ChildProcess): void {
    if (this.#children.delete(child) && this.#children.size === 0) process.off('exit', this.#killAll);
  }
}

const running = new RunningPrograms();

/** Reads a stream to its end and keeps the beginning, so that its writer never waits. */
class KeptBeginning {
  total = 0;
  #chunks: Buffer[] = [];

  constructor(stream: Readable, limit: number) {
    stream.on('data', (chunk: Buffer) => {
      const room = limit - this.total;
      if (room > 0) this.#chunks.push(room < chunk.length ? chunk.subarray(0, room) : chunk);
      this.total += chunk.length;
    });
    stream.on('error', () => undefined);
  }

  /** What was kept; nothing is kept any longer. */
  take(): Uint8Array {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  }
}

/** Reads a stream to its end and keeps the end. */
class KeptEnd {
  total = 0;
  #kept: Buffer = Buffer.alloc(0);

  constructor(stream: Readable, limit: number) {
    stream.on('data', (chunk: Buffer) => {
      this.total += chunk.length;
      this.#kept = Buffer.concat([this.#kept, chunk]).subarray(-limit);
    });
    stream.on('error', () => undefined);
  }

  take(): Uint8Array {
    return this.#kept;
  }
}
