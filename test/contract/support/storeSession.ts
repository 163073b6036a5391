import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ExecutionResult } from '../../../src/core/contract/execution.ts';
import type { Executor } from '../../../src/core/contract/executor.ts';
import type { DependencyConfiguration } from '../../../src/core/deps/configuration/dependencyConfiguration.ts';
import { openDependencyConfiguration } from '../../../src/core/deps/configuration/index.ts';
import type { ExecutorContext } from '../../../src/core/executors/registry.ts';
import { createHostServices } from '../../../src/core/hostServices.ts';
import { FileStorage } from '../../../src/core/storage/file/fileStorage.ts';
import { WorkflowLibrary } from '../../../src/core/workflows/library.ts';
import { assertOk, HANG_S, type Subject } from './subject.ts';

/** Executors of a subject that share a store of files in a folder of the suite's own. */
export class StoreSessions {
  readonly #subject: Subject;
  #folder: string | undefined;
  #executor: Executor | undefined;
  readonly #configurations: DependencyConfiguration[] = [];

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** Registers mocha's hooks: the folder and one executor live as long as the suite. */
  install(): void {
    before(async () => {
      this.#folder = await mkdtemp(path.join(os.tmpdir(), 'code-mode-store-'));
      this.#executor = await this.open();
    });
    after(async () => {
      await this.#executor?.close();
      for (const configuration of this.#configurations) await configuration[Symbol.asyncDispose]();
      // What stands in for folders that a sandbox keeps as they are may just be going.
      if (this.#folder) await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
    });
  }

  /** The base folder; it is there from the first thing on that is saved. */
  get base(): string {
    assert.ok(this.#folder, 'the folder is there only inside a test');
    return path.join(this.#folder, '.code-mode');
  }

  get executor(): Executor {
    assert.ok(this.#executor, 'the executor is there only inside a test');
    return this.#executor;
  }

  /** The store, as anybody else may have it open. */
  get storage(): FileStorage {
    return new FileStorage({ baseFolder: this.base });
  }

  /** A started executor that whoever asked closes. */
  async open(overrides: Partial<ExecutorContext> = {}): Promise<Executor> {
    const { storage, base } = this;
    const workflows = new WorkflowLibrary({ store: storage.workflows });
    const configuration = openDependencyConfiguration({ baseFolder: base }, { log: () => undefined });
    this.#configurations.push(configuration);
    const opened = this.#subject.create({
      deps: { configuration, spec: {} },
      hostServices: () => createHostServices({ storage, workflows }),
      // What the executor may see of the file system.
      workspaceFolder: path.dirname(base),
      ...overrides,
    });
    await opened.start(storage);
    return opened;
  }

  run(code: string): Promise<ExecutionResult> {
    return this.executor.run(code, { timeoutS: HANG_S });
  }

  /** The value of code that ends well. */
  async value(code: string): Promise<unknown> {
    const result = await this.run(code);
    assertOk(result);
    return result.value;
  }

  /** Fails unless the code ends in that error, by the name of its class. */
  async failure(code: string, type: string, message: RegExp): Promise<ExecutionResult> {
    const result = await this.run(code);
    assert.equal(result.error?.type.split('.').at(-1), type, result.error?.traceback);
    assert.match(result.error?.message ?? '', message);
    return result;
  }
}
