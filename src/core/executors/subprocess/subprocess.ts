import os from 'node:os';
import path from 'node:path';
import type { Transport } from '../../connection/transport.ts';
import type { PackageEnvironment } from '../../contract/dependencies.ts';
import { ClosedError, CodeModeError } from '../../contract/errors.ts';
import type { CapabilityReport } from '../../contract/executor.ts';
import type { ExecutorContext } from '../registry.ts';
import { SparePool } from '../sparePool.ts';
import { subprocessCapabilities } from './capabilities.ts';
import {
  type ExistingEnvironment,
  existingEnvironment,
  type PythonEnvironment,
  resolveEnvironment,
} from './environment/index.ts';
import { isThere } from './environment/layout.ts';
import { SubprocessInstaller } from './installer/index.ts';
import type { PythonStart, StartedPython } from './launch.ts';
import type { SubprocessSettings } from './settings.ts';

/** The interpreters that are kept ready, over all sessions of this process. */
const sparePool = new SparePool<StartedPython>(2);

/** The interpreters of one executor, started afresh or taken from those that are kept ready, and their packages. */
export class Subprocess {
  readonly packages: SubprocessInstaller;
  readonly #context: ExecutorContext;
  readonly #settings: SubprocessSettings;
  #leavePool: (() => Promise<void>) | undefined;
  #latest: StartedPython | undefined;
  /** Of the newest start or installation. */
  #environment: PythonEnvironment | undefined;
  /** As it was at the newest start. */
  #packages: PackageEnvironment | undefined;
  #lookingAround: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(context: ExecutorContext, settings: SubprocessSettings) {
    this.#context = context;
    this.#settings = settings;
    this.packages = new SubprocessInstaller({
      environment: (signal, onProgress) => this.#currentEnvironment(signal, onProgress),
      existing: () => this.#existingEnvironment(),
      spec: context.deps?.spec ?? {},
      secret: context.deps?.secret,
      onDidChange: ({ executable }) => sparePool.renew(executable),
      log: context.log,
    });
  }

  /** What the newest start has shown. */
  capabilities(): readonly CapabilityReport[] {
    return subprocessCapabilities(this.#settings, this.#latest, this.#packages);
  }

  /** Waits until it is known what can be done with the packages of the newest start. */
  lookAround(): Promise<void> {
    return this.#lookingAround;
  }

  async launch(signal: AbortSignal): Promise<Transport> {
    if (this.#closed) throw new ClosedError('The executor');
    // Loaded with the first start.
    const { startPython } = await import('./launch.ts');
    const { log } = this.#context;
    const start = await this.#plan(signal);
    const key = this.#key(start);
    const spare = this.#settings.warmSpare ? sparePool.take(key) : undefined;
    // Nobody would hear what Python says while this is waited for, such as that it is ready.
    this.#lookingAround = this.packages.check(signal).then(
      (packages) => {
        this.#packages = packages;
      },
      (error: unknown) => log(`packages: ${CodeModeError.describe(error)}`),
    );
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
      sparePool.refill(key, {
        origin: start.environment.executable,
        start: (spareSignal) => startPython(start, spareSignal, log),
        end: ({ transport }) => transport.kill(),
        log,
      });
    }
    return started.transport;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.packages.close(), this.#leavePool?.()]);
  }

  async #plan(signal: AbortSignal): Promise<PythonStart> {
    const environment = await this.#resolve(signal);
    const { distFolder, workspaceFolder, baseFolder } = this.#context;
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

  /** Makes a managed environment where it is missing. */
  async #resolve(signal: AbortSignal, onProgress?: (line: string) => void): Promise<PythonEnvironment> {
    const { workspaceFolder, startTimeoutS, log } = this.#context;
    this.#environment = await resolveEnvironment({
      python: this.#settings.python,
      ...(workspaceFolder === undefined ? {} : { workspaceFolder }),
      ...(startTimeoutS === undefined ? {} : { timeoutMs: startTimeoutS * 1000 }),
      log,
      signal,
      onProgress,
    });
    return this.#environment;
  }

  /** That of the Python which runs, whatever came into the workspace since. */
  async #currentEnvironment(
    signal: AbortSignal,
    onProgress: (line: string) => void,
  ): Promise<PythonEnvironment> {
    const known = this.#environment;
    return known && (await isThere(known.executable)) ? known : this.#resolve(signal, onProgress);
  }

  async #existingEnvironment(): Promise<ExistingEnvironment> {
    const known = this.#environment;
    if (known) return { label: known.label, environment: known };
    return existingEnvironment({
      python: this.#settings.python,
      workspaceFolder: this.#context.workspaceFolder,
    });
  }

  /** Starts with the same key are the same but for the folder that they begin in. */
  #key({ workingFolder: _, ...start }: PythonStart): string {
    return JSON.stringify(start);
  }
}
