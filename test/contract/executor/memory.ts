import assert from 'node:assert/strict';
import type { Executor } from '../../../src/core/contract/executor.ts';
import { until } from '../../support/until.ts';
import { assertOk, HANG_S, type Subject, startRun } from '../support/subject.ts';

/** Python code that takes 100 MB and writes to every page of it, so that the system has to give it. */
const TAKE = 'x = bytearray(100_000_000)\nfor n in range(0, len(x), 4096): x[n] = 1';
/** Bytes of it that are seen to come and go at the least: a process frees meanwhile what only its start has needed. */
const SEEN = 60_000_000;
/** Bytes that every Python takes. */
const LEAST = 5_000_000;

/** What Python takes of memory, as its executor tells. */
export function describeMemory(subject: Subject): void {
  describe('memory', () => {
    before(async function () {
      // Windows need not tell.
      if (process.platform === 'win32' && (await subject.shared.memory()) === undefined) this.skip();
    });

    it('is told from the start to the end', async () => {
      const executor = subject.create();
      try {
        assert.equal(await executor.memory(), undefined);
        await executor.start();
        assert.ok((await memoryOf(executor)) > LEAST);
      } finally {
        await executor.close();
      }
      assert.equal(await executor.memory(), undefined);
    });

    it('grows with what a run keeps', async () => {
      const executor = await subject.fresh();
      const before = await memoryOf(executor);
      assertOk(await executor.run(TAKE, { timeoutS: HANG_S }));
      const after = await memoryOf(executor);
      assert.ok(after >= before + SEEN, `${before}, then ${after}`);
    });

    it('is told of the fresh interpreter after a restart', async () => {
      const executor = await subject.fresh();
      assertOk(await executor.run(TAKE, { timeoutS: HANG_S }));
      const before = await memoryOf(executor);
      await executor.restart();
      const after = await memoryOf(executor);
      assert.ok(after <= before - SEEN, `${before}, then ${after}`);
    });

    it('is told while code computes, which goes on', async () => {
      const executor = await subject.fresh();
      const before = await memoryOf(executor);
      const { result } = await startRun(executor, `${TAKE}\nwhile True: pass`);
      await untilMemory(executor, (bytes) => bytes >= before + SEEN);
      assert.equal(executor.state, 'busy');
      await executor.interrupt();
      assert.equal((await result).status, 'interrupted');
    });

    it('includes what Python started, until it ends', async function () {
      await subject.requireNative(this);
      const executor = await subject.fresh();
      const before = await memoryOf(executor);
      const child = [TAKE, 'print("taken", flush=True)', 'input()'].join('\n');
      const started = await executor.run(
        [
          'import subprocess, sys',
          `child = subprocess.Popen([sys.executable, "-c", ${JSON.stringify(child)}], stdin=-1, stdout=-1)`,
          'child.stdout.readline()',
        ].join('\n'),
        { timeoutS: HANG_S },
      );
      assertOk(started);
      const during = await memoryOf(executor);
      assert.ok(during >= before + SEEN, `${before}, then ${during}`);
      assertOk(await executor.run('child.communicate(b"\\n")', { timeoutS: HANG_S }));
      const after = await memoryOf(executor);
      assert.ok(after <= during - SEEN, `${during}, then ${after}`);
    });
  });
}

async function memoryOf(executor: Executor): Promise<number> {
  const bytes = await executor.memory();
  assert.ok(bytes !== undefined, 'the memory is told');
  return bytes;
}

/** Waits until it is as large as wanted. */
async function untilMemory(executor: Executor, isWanted: (bytes: number) => boolean): Promise<void> {
  await until('the memory has changed', async () => isWanted(await memoryOf(executor)));
}
