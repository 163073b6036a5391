import { Emitter } from '../../common/events.ts';
import { encodeFrame, type Frame, FrameDecoder, FrameError } from '../../connection/frames.ts';
import type { ExitReason, Transport } from '../../connection/transport.ts';
import type { PyodideFiles } from './runtime/files.ts';
import { WorkerHost } from './runtime/workerHost.ts';

/** Pyodide on a worker thread of this very process. */
export class ThreadTransport implements Transport {
  readonly #frames = new Emitter<Frame>();
  readonly #exit = new Emitter<ExitReason>();
  readonly #decoder = new FrameDecoder();
  readonly #host: WorkerHost;
  readonly #gone: Promise<void>;
  #killed = false;

  readonly onFrame = this.#frames.event;
  readonly onExit = this.#exit.event;

  constructor(files: PyodideFiles, packagesFolder: string | undefined) {
    let onGone: () => void;
    this.#gone = new Promise((resolve) => {
      onGone = resolve;
    });
    this.#host = new WorkerHost(
      files.workerFile,
      {
        pyodideFolder: files.pyodideFolder,
        pythonFolder: files.pythonFolder,
        snapshotFile: files.snapshotFile,
        packagesFolder,
      },
      {
        onBytes: (bytes) => {
          try {
            for (const frame of this.#decoder.push(bytes)) this.#frames.fire(frame);
          } catch (error) {
            if (!(error instanceof FrameError)) throw error;
            void this.#host.terminate();
          }
        },
        onExit: (exitCode, failure) => {
          this.#exit.fire({ description: this.#killed ? 'killed' : (failure ?? `exit code ${exitCode}`) });
          onGone();
        },
      },
    );
  }

  send(frame: Frame): void {
    for (const bytes of encodeFrame(frame)) this.#host.write(bytes);
  }

  interrupt(run: number): void {
    this.#host.interrupt(run);
  }

  /** Of Python alone: the rest of the thread is JavaScript's, which is not told apart. */
  async memory(): Promise<number | undefined> {
    return this.#host.memory();
  }

  async kill(): Promise<void> {
    this.#killed = true;
    await this.#host.terminate();
    await this.#gone;
  }
}
