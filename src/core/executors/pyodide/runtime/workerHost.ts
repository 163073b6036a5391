import { Worker } from 'node:worker_threads';
import { allocateSharedMemory, HostEnd } from './sharedMemory.ts';

/** What the worker posts: the stream has something to read, or output has gathered that wants a flush soon. */
export type WorkerNote = 'doorbell' | 'flush';

/** What the worker is started with. */
export interface WorkerStart {
  readonly memory: ReturnType<typeof allocateSharedMemory>;
  /** Absolute paths. */
  readonly pyodideFolder: string;
  /** Undefined: start without the snapshot, from the Python sources. */
  readonly snapshotFile: string | undefined;
  readonly pythonFolder: string;
}

/** Milliseconds after which gathered output is flushed while Python is busy. */
const FLUSH_DELAY_MS = 25;
/** Stack of Pyodide's thread in MiB: Python's recursion limit is to be met before the stack's end. */
const STACK_MIB = 16;

/** Who hears the worker. `onBytes` may return a promise: nothing more is read before it resolves. */
export interface WorkerListener {
  onBytes(bytes: Uint8Array): void | Promise<void>;
  /** After the last byte. `failure` is undefined for a wanted end. */
  onExit(failure: string | undefined): void;
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
  #reading: Promise<void> | undefined;
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
      name: 'Pyodide',
    });
    this.#worker.on('message', (note: WorkerNote) => {
      if (note === 'doorbell') this.#read();
      else this.#scheduleFlush();
    });
    this.#worker.on('error', (error: Error) => {
      this.#failure ??= describeFailure(error);
    });
    this.#worker.on('exit', (code) => {
      clearTimeout(this.#flushTimer);
      this.#read();
      void (this.#reading ?? Promise.resolve()).then(() =>
        listener.onExit(this.#failure ?? (code === 0 ? undefined : `exit code ${code}`)),
      );
    });
  }

  /** Hands bytes of the stream to Python. */
  write(bytes: Uint8Array): void {
    this.#worker.postMessage(bytes);
    this.#end.announce();
  }

  /** Interrupts run `run` if it is the one that computes. */
  interrupt(run: number): void {
    this.#end.raiseInterrupt(run);
  }

  /** Ends the thread, whatever it is doing. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #read(): void {
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
  }

  async #readAll(): Promise<void> {
    for (let bytes = this.#end.read(); bytes; bytes = this.#end.read()) {
      await this.#listener.onBytes(bytes);
      // A flood leaves the other work of this thread its turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #scheduleFlush(): void {
    this.#flushTimer ??= setTimeout(() => {
      this.#flushTimer = undefined;
      this.#end.raiseFlush();
    }, FLUSH_DELAY_MS);
  }
}

function describeFailure(error: Error & { code?: string }): string {
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') return 'it ran out of memory';
  // The message of a Python exception is its traceback, which says what it is in its last line.
  return error.message.trim().split('\n').at(-1) || error.name;
}
