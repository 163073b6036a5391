import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerControl, RunningContainer } from '../../../src/core/contract/container.ts';
import type { Executor } from '../../../src/core/contract/executor.ts';
import type { Engine } from '../../../src/core/executors/container/engine/engine.ts';
import {
  containerEngine,
  containerSettings,
  hasContainers,
  removeTestVolumes,
} from '../../support/containers.ts';
import { ExecutorBench } from '../support/executorBench.ts';

/** What the tests of the life of containers share: executors, the engine, and which containers are there. */
export class ContainerBench extends ExecutorBench {
  #engine: Engine | undefined;

  constructor() {
    super('container');
  }

  /** Registers mocha's hooks: an executor lives as long as its test, and no container outlives it. */
  install(): void {
    before(async function () {
      if (!hasContainers()) this.skip();
    });
    before(async () => {
      this.#engine = await containerEngine();
    });
    afterEach(async () => {
      await this.closeAll();
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

  protected defaults(): Record<string, unknown> {
    return { ...containerSettings(), cacheDeps: false };
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
