import assert from 'node:assert/strict';
import type { ExecutorState } from '../../../src/core/contract/executor.ts';
import { assertOk, assertUsable, HANG_S, type Subject, startRun } from '../support/subject.ts';

/** The line of runs, and the state that goes with it. */
export function describeQueue(subject: Subject): void {
  describe('the line of runs', () => {
    it('keeps the order in which they came', async () => {
      await subject.run('order = []');
      const results = await Promise.all(
        Array.from({ length: 25 }, (_, n) => subject.run(`order.append(${n})\nlen(order)`)),
      );
      assert.deepEqual(
        results.map((result) => result.value),
        Array.from({ length: 25 }, (_, n) => n + 1),
      );
    });

    it('does not let a run overtake one that awaits', async () => {
      const slow = subject.run('import asyncio\nawait asyncio.sleep(0.2)\nsteps = ["slow"]');
      const quick = subject.run('steps.append("quick")\nsteps');
      assertOk(await slow);
      assert.deepEqual((await quick).value, ['slow', 'quick']);
    });

    it('goes on after a run that failed', async () => {
      const [failed, next] = await Promise.all([subject.run('1 / 0'), subject.run('"next"')]);
      assert.equal(failed?.status, 'error');
      assert.equal(next?.value, 'next');
    });

    it('shows in the state: busy while code runs, idle afterwards', async () => {
      const executor = await subject.fresh();
      const states: ExecutorState[] = [];
      executor.onDidChangeState((state) => states.push(state));
      assert.equal(executor.state, 'idle');
      const { result } = await startRun(executor, 'while True: pass');
      assert.equal(executor.state, 'busy');
      await executor.interrupt();
      await result;
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(executor.state, 'idle');
      assert.deepEqual(states, ['busy', 'idle']);
    });

    it('takes a run from within the listener of another', async () => {
      let inner: Promise<unknown> | undefined;
      await subject.run('print("outer")', {
        onEvent: () => {
          inner ??= subject.run('"inner"');
        },
      });
      assert.equal(((await inner) as { value: unknown }).value, 'inner');
    });

    it('runs a thousand short pieces', async () => {
      for (let n = 0; n < 1000; n++) assert.equal((await subject.run(`${n} + 1`)).value, n + 1);
      await assertUsable(subject.shared);
    });

    it('ends with close: what runs and what waits does not hang', async () => {
      const executor = await subject.fresh();
      const { result } = await startRun(executor, 'while True: pass');
      const waits = executor.run('1', { timeoutS: HANG_S });
      const settled = Promise.allSettled([result, waits]);
      await executor.close();
      for (const outcome of await settled) {
        if (outcome.status === 'fulfilled') assert.equal(outcome.value.status, 'died');
      }
      assert.equal(executor.state, 'stopped');
    });
  });
}
