import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Capability } from '../../../src/core/contract/capability.ts';
import type { ExecutionResult, RunEvent, RunOptions } from '../../../src/core/contract/execution.ts';
import type { Executor } from '../../../src/core/contract/executor.ts';
import { executorRegistry } from '../../../src/core/executors/index.ts';
import type { ExecutorContext, ExecutorDescriptor } from '../../../src/core/executors/registry.ts';

/** The project's folder: each test bundle stands somewhere below it. */
export const PROJECT_FOLDER = projectFolder(__dirname);

/** The built `dist` folder. */
export const DIST_FOLDER = path.join(PROJECT_FOLDER, 'dist');

function projectFolder(start: string): string {
  return existsSync(path.join(start, 'package.json')) ? start : projectFolder(path.dirname(start));
}

/** The executors that need nothing but this machine; the one in containers has a suite of its own, with an engine. */
export const EXECUTORS_OF_THIS_MACHINE: readonly ExecutorDescriptor[] = executorRegistry
  .list()
  .filter(({ id }) => id !== 'container');

/** Seconds after which a run that should end by itself is stopped, so that a broken promise fails and does not hang. */
export const HANG_S = 30;

/** A run's result with everything that streamed while it ran. */
export interface Observed {
  readonly result: ExecutionResult;
  readonly events: readonly RunEvent[];
}

/** The executor under test: one that the harmless tests share, and fresh ones for those that break something. */
export class Subject {
  readonly descriptor: ExecutorDescriptor;
  readonly #defaults: Partial<ExecutorContext>;
  readonly #open: Executor[] = [];
  #shared: Executor | undefined;
  #isNative: Promise<boolean> | undefined;

  /** `defaults`: what its executors are made with besides what each test says. */
  constructor(descriptor: ExecutorDescriptor, defaults: Partial<ExecutorContext> = {}) {
    this.descriptor = descriptor;
    this.#defaults = defaults;
  }

  /** Registers mocha's hooks: the shared executor lives as long as the suite, a fresh one as long as its test. */
  install(): void {
    before(async () => {
      this.#shared = this.create();
      await this.#shared.start();
    });
    afterEach(async () => {
      for (const executor of this.#open.splice(0)) await executor.close();
    });
    after(async () => {
      await this.#shared?.close();
    });
  }

  /** The settings of its executors. */
  get settings(): Readonly<Record<string, unknown>> {
    return this.#defaults.settings ?? {};
  }

  get shared(): Executor {
    assert.ok(this.#shared, 'the shared executor is there only inside a test');
    return this.#shared;
  }

  /** An executor that is not started and that nobody closes. */
  create(overrides: Partial<ExecutorContext> = {}): Executor {
    return this.descriptor.create({
      distFolder: DIST_FOLDER,
      timeoutS: null,
      maxResultCharacters: 20_000_000,
      log: () => undefined,
      ...this.#defaults,
      ...overrides,
    });
  }

  /** What an executor is made with so that Python starts in a folder of this machine, and can write there. */
  inFolder(folder: string): Partial<ExecutorContext> {
    const seesAll = !('workspace' in this.descriptor.settingsSchema.shape);
    if (seesAll) return { workingFolder: folder };
    return { workspaceFolder: folder, settings: { ...this.settings, workspace: 'writable' } };
  }

  /** A started executor of the test's own. */
  async fresh(overrides: Partial<ExecutorContext> = {}): Promise<Executor> {
    const executor = this.create(overrides);
    this.#open.push(executor);
    await executor.start();
    return executor;
  }

  /** Runs code on the shared executor. */
  run(code: string, options: RunOptions = {}): Promise<ExecutionResult> {
    return this.shared.run(code, { timeoutS: HANG_S, ...options });
  }

  /** Runs code on the shared executor and keeps what streams. */
  observe(code: string, options: RunOptions = {}): Promise<Observed> {
    return observe(this.shared, code, options);
  }

  /** Skips the test unless the executor declares `capability`. */
  require(context: Mocha.Context, capability: Capability): void {
    if (!this.shared.supports(capability)) context.skip();
  }

  /** Skips the test, or the whole block, unless Python is a process of a POSIX system: with C libraries and children. */
  async requireNative(context: Mocha.Context): Promise<void> {
    this.#isNative ??= this.run('__import__("sys").platform not in ("emscripten", "wasi", "win32")').then(
      ({ value }) => value === true,
    );
    if (!(await this.#isNative)) context.skip();
  }
}

/** Runs code and keeps what streams. */
export async function observe(executor: Executor, code: string, options: RunOptions = {}): Promise<Observed> {
  const events: RunEvent[] = [];
  const result = await executor.run(code, {
    timeoutS: HANG_S,
    ...options,
    onEvent: (event) => {
      events.push(event);
      options.onEvent?.(event);
    },
  });
  return { result, events };
}

/** The text that streamed to one of the two streams. */
export function streamed(events: readonly RunEvent[], kind: 'stdout' | 'stderr' = 'stdout'): string {
  return events.map((event) => (event.kind === kind ? event.text : '')).join('');
}

/** The text that streamed to both streams, in the order in which it came. */
export function interleaved(events: readonly RunEvent[]): string {
  return events.map((event) => ('text' in event ? event.text : '')).join('');
}

/** Fails with the traceback in place of a bare status. */
export function assertOk(result: ExecutionResult): void {
  assert.equal(result.status, 'ok', result.error?.traceback || result.error?.message);
  assert.equal(result.error, null);
}

/** The executor still works: what every test that ends badly for its run goes on to show. */
export async function assertUsable(executor: Executor): Promise<void> {
  const result = await executor.run('6 * 7', { timeoutS: HANG_S });
  assertOk(result);
  assert.equal(result.value, 42);
}

/** A promise and what settles it. */
export class Deferred<T = void> {
  resolve: (value: T) => void = () => undefined;
  reject: (error: unknown) => void = () => undefined;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** Starts code that prints `ready` first, and resolves when that has arrived: the code is under way then. */
export async function startRun(
  executor: Executor,
  code: string,
  options: RunOptions = {},
): Promise<{ readonly result: Promise<ExecutionResult> }> {
  const ready = new Deferred();
  const result = executor.run(`print("ready")\n${code}`, {
    timeoutS: HANG_S,
    ...options,
    onEvent: (event) => {
      if (event.kind === 'stdout' && event.text.includes('ready')) ready.resolve();
      options.onEvent?.(event);
    },
  });
  await Promise.race([ready.promise, result]);
  return { result };
}
