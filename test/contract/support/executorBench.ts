import type { Executor } from '../../../src/core/contract/executor.ts';
import { executorRegistry } from '../../../src/core/executors/index.ts';
import type { ExecutorContext } from '../../../src/core/executors/registry.ts';
import { assertOk, DIST_FOLDER, HANG_S } from './subject.ts';

/** Executors of one kind, which live as long as a test. */
export abstract class ExecutorBench {
  readonly #open: Executor[] = [];

  constructor(private readonly id: string) {}

  /** The settings of an executor whose test has none of its own. */
  protected abstract defaults(): Record<string, unknown>;

  /** Closes what the test has opened. */
  protected async closeAll(): Promise<void> {
    for (const executor of this.#open.splice(0)) await executor.close();
  }

  /** An executor that is closed after the test; without a spare unless the settings say otherwise. */
  create(settings: Record<string, unknown> = {}, context: Partial<ExecutorContext> = {}): Executor {
    const executor = executorRegistry.get(this.id).create({
      distFolder: DIST_FOLDER,
      log: () => undefined,
      settings: { ...this.defaults(), warmSpare: false, ...settings },
      ...context,
    });
    this.#open.push(executor);
    return executor;
  }

  /** As {@link create}, started. */
  async start(settings?: Record<string, unknown>, context?: Partial<ExecutorContext>): Promise<Executor> {
    const executor = this.create(settings, context);
    await executor.start();
    return executor;
  }

  /** The value of code that ends well. */
  async value(executor: Executor, code: string): Promise<unknown> {
    const result = await executor.run(code, { timeoutS: HANG_S });
    assertOk(result);
    return result.value;
  }
}
