import os from 'node:os';
import path from 'node:path';
import type { Transport } from '../../connection/transport.ts';
import { ClosedError } from '../../contract/errors.ts';
import type { CapabilityReport } from '../../contract/executor.ts';
import type { ExecutorContext } from '../registry.ts';
import { subprocessCapabilities } from './capabilities.ts';
import type { PythonStart, StartedPython } from './launch.ts';
import type { SubprocessSettings } from './settings.ts';
import { sparePool } from './spares.ts';

/** The interpreters of one executor: started afresh, or taken from those that are kept ready. */
export class Subprocess {
  readonly #context: ExecutorContext;
  readonly #settings: SubprocessSettings;
  #leavePool: (() => Promise<void>) | undefined;
  #latest: StartedPython | undefined;
  #closed = false;

  constructor(context: ExecutorContext, settings: SubprocessSettings) {
    this.#context = context;
    this.#settings = settings;
  }

  /** What the newest start has shown. */
  capabilities(): readonly CapabilityReport[] {
    return subprocessCapabilities(this.#settings, this.#latest);
  }

  async launch(signal: AbortSignal): Promise<Transport> {
    if (this.#closed) throw new ClosedError('The executor');
    // Loaded with the first start.
    const { startPython } = await import('./launch.ts');
    const { log } = this.#context;
    const start = await this.#plan(signal);
    const key = this.#key(start);
    const spare = this.#settings.warmSpare ? sparePool.take(key) : undefined;
    const started = spare ?? (await startPython(start, signal, log));
    this.#latest = started;
    if (spare) {
      const { workingFolder: folder } = start;
      // Its number is nobody's request: the answer is not waited for.
      spare.transport.send({
        header: { type: 'request', id: 0, method: 'chdir', params: { folder } },
        buffers: [],
      });
    }
    if (this.#settings.warmSpare) {
      this.#leavePool ??= sparePool.enter();
      sparePool.refill(key, (spareSignal) => startPython(start, spareSignal, log), log);
    }
    return started.transport;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#leavePool?.();
  }

  async #plan(signal: AbortSignal): Promise<PythonStart> {
    const { resolveEnvironment } = await import('./environment/index.ts');
    const { distFolder, workspaceFolder, baseFolder, startTimeoutS, log } = this.#context;
    const environment = await resolveEnvironment({
      python: this.#settings.python,
      ...(workspaceFolder === undefined ? {} : { workspaceFolder }),
      ...(startTimeoutS === undefined ? {} : { timeoutMs: startTimeoutS * 1000 }),
      log,
      signal,
    });
    const workingFolder = this.#context.workingFolder ?? workspaceFolder;
    return {
      distFolder,
      environment,
      settings: this.#settings,
      writableFolder: workspaceFolder ?? workingFolder,
      // What is a tool is the host's to run.
      readOnlyFolders: baseFolder === undefined ? [] : [path.join(baseFolder, 'tools')],
      workingFolder: workingFolder ?? os.homedir(),
    };
  }

  /** Starts with the same key are the same but for the folder that they begin in. */
  #key({ workingFolder: _, ...start }: PythonStart): string {
    return JSON.stringify(start);
  }
}
