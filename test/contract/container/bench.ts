import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerControl, RunningContainer } from '../../../src/core/contract/container.ts';
import type { Executor } from '../../../src/core/contract/executor.ts';
import type { Engine } from '../../../src/core/executors/container/engine/engine.ts';
import { executorRegistry } from '../../../src/core/executors/index.ts';
import type { ExecutorContext } from '../../../src/core/executors/registry.ts';
import {
  containerEngine,
  containerSettings,
  hasContainers,
  removeTestVolumes,
} from '../../support/containers.ts';
import { assertOk, DIST_FOLDER, HANG_S } from '../support/subject.ts';

/** What the tests of the life of containers share: executors, the engine, and which containers are there. */
export class ContainerBench {
  readonly #open: Executor[] = [];
  #engine: Engine | undefined;

  /** Registers mocha's hooks: an executor lives as long as its test, and no container outlives it. */
  install(): void {
    before(async function () {
      if (!hasContainers()) this.skip();
    });
    before(async () => {
      this.#engine = await containerEngine();
    });
    afterEach(async () => {
      for (const executor of this.#open.splice(0)) await executor.close();
      assert.deepEqual(await this.untilGone(), [], 'no container outlives its executor');
    });
    after(async () => {
      if (hasContainers()) await removeTestVolumes();
    });
  }

  get engine(): Engine {
    assert.ok(this.#engine, 'the engine is there only inside a test');
    return this.#engine;
  }

  /** An executor that is closed after the test; without a spare unless the settings say otherwise. */
  create(settings: Record<string, unknown> = {}, context: Partial<ExecutorContext> = {}): Executor {
    const executor = executorRegistry.get('container').create({
      distFolder: DIST_FOLDER,
      log: () => undefined,
      settings: containerSettings({ warmSpare: false, cacheDeps: false, ...settings }),
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

  control(executor: Executor): ContainerControl {
    assert.ok(executor.container);
    return executor.container;
  }

  /** The container that an executor has. */
  async container(executor: Executor): Promise<RunningContainer> {
    const { container } = await this.control(executor).report();
    assert.ok(container, 'a container runs');
    return container;
  }

  /** Ids of the containers of a process, whatever they are at. */
  async containers(owner: number = process.pid): Promise<string[]> {
    const listed = await this.engine.call([
      ...['ps', '--all', '--no-trunc', '--filter', 'label=python-code-mode'],
      ...['--format', '{{.ID}} {{json .Labels}}'],
    ]);
    const lines = listed.split('\n').filter((line) => line.includes(`:${owner}:`));
    return lines.map((line) => line.split(' ')[0] ?? '');
  }

  /** Waits until a process has no containers any more. @returns those that stay */
  async untilGone(owner?: number): Promise<string[]> {
    for (let attempt = 0; ; attempt += 1) {
      const left = await this.containers(owner);
      if (left.length === 0 || attempt === 50) return left;
      await sleep(200);
    }
  }
}
