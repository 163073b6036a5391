import { Worker } from 'node:worker_threads';
import { allocateSharedMemory, HostEnd, type WorkerStart } from './sharedMemory.ts';

/** Milliseconds between the flushes of gathered output while a run goes on. */
const FLUSH_INTERVAL_MS = 25;
/**
 * Stack of Pyodide's thread in MiB, taken as it is needed: Python is to meet its own recursion limits, which
 * are errors, before the thread's, which is its end.
 */
const STACK_MIB = 64;

/** Who hears the worker. `onBytes` may return a promise: nothing more is read before it resolves. */
export interface WorkerListener {
  onBytes(bytes: Uint8Array): void | Promise<void>;
  /** After the last byte. `failure` says what went wrong where the thread itself could say it. */
  onExit(exitCode: number, failure: string | undefined): void;
}

/**
 * Pyodide on a worker thread, seen from the thread that hosts it: bytes in both directions and signals.
 * The `in-process` executor uses it where the core runs, the `sandbox` executor in the child process.
 */
export class WorkerHost {
  readonly #worker: Worker;
  readonly #end: HostEnd;
  readonly #listener: WorkerListener;
  #flushTimer: NodeJS.Timeout | undefined;
  #reading = Promise.resolve();
  #isReading = false;
  #failure: string | undefined;

  constructor(workerFile: string, start: Omit<WorkerStart, 'memory'>, listener: WorkerListener) {
    const memory = allocateSharedMemory();
    this.#listener = listener;
    this.#end = new HostEnd(memory);
    this.#worker = new Worker(workerFile, {
      workerData: { ...start, memory } satisfies WorkerStart,
      resourceLimits: { stackSizeMb: STACK_MIB },
      // Python gets no part of the host's environment, which may hold secrets.
      env: {},
      execArgv: [],
      // What Pyodide itself prints is for its maintainers; what a person needs to know is in the failure.
      stdout: true,
      stderr: true,
      name: 'Pyodide',
    });
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.on('message', () => this.#read());
    this.#worker.on('error', (error: Error) => {
      this.#failure ??= describeFailure(error);
    });
    this.#worker.on('exit', (code) => void this.#finish(code));
  }

  /** Hands bytes of the stream to Python. */
  write(bytes: Uint8Array): void {
    this.#worker.postMessage(bytes);
    this.#end.announceMessage();
    this.#flushWhileBusy();
  }

  /** Interrupts run `run` if it is the one that computes. */
  interrupt(run: number): void {
    this.#end.raiseInterrupt(run);
  }

  /** Bytes of Python's WebAssembly memory, as of its last output or flush; undefined before the first. */
  memory(): number | undefined {
    return this.#end.memory();
  }

  /** Ends the thread, whatever it is doing. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#reading = this.#readAll().finally(() => {
      this.#isReading = false;
    });
  }

  async #readAll(): Promise<void> {
    for (let bytes = this.#end.read(); bytes; bytes = this.#end.read()) {
      await this.#listener.onBytes(bytes);
      // A flood leaves the other work of this thread its turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Delivers what was written last, also by a thread that was killed in the middle of its work. */
  async #finish(code: number): Promise<void> {
    clearInterval(this.#flushTimer);
    await this.#reading;
    await this.#readAll();
    for (const bytes of this.#end.takeLeftText()) await this.#listener.onBytes(bytes);
    this.#listener.onExit(code, this.#failure);
  }

  #flushWhileBusy(): void {
    this.#flushTimer ??= setInterval(() => {
      if (this.#end.isBusy()) {
        this.#end.raiseFlush();
        return;
      }
      clearInterval(this.#flushTimer);
      this.#flushTimer = undefined;
    }, FLUSH_INTERVAL_MS);
  }
}

function describeFailure(error: Error & { code?: string }): string {
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') return 'it ran out of memory';
  // The message of a Python exception is its traceback, which says what it is in its last line.
  return error.message.trim().split('\n').at(-1) || error.name;
}
