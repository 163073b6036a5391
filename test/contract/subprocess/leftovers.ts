import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { checkConfinement } from '../../../src/core/executors/confinement/index.ts';
import { descendants, untilGone } from '../support/processes.ts';
import { assertOk, assertUsable, HANG_S } from '../support/subject.ts';
import type { SubprocessBench } from './bench.ts';

/** That nothing is left behind. */
export function describeLeftovers(bench: SubprocessBench): void {
  describe('started and ended hundreds of times', () => {
    /** What may be left behind, besides processes. */
    const leftovers = () => ({
      descriptors: readdirSync('/proc/self/fd').length,
      folders: readdirSync(tmpdir()).filter((name) => name.startsWith(`code-mode-python-${process.pid}-`)),
    });

    /** Starts `count` interpreters, four at a time, and ends each in one of the ways there are. */
    async function startAndEnd(count: number, settings: Record<string, unknown>): Promise<void> {
      let left = count;
      const worker = async () => {
        while (left > 0) {
          const executor = bench.create(settings);
          left -= 1;
          await executor.start();
          const way = left % 5;
          left -= way < 3 ? 1 : 0;
          if (way === 0) await executor.restart();
          if (way === 1) {
            const crashed = await executor.run('import os\nos._exit(3)', { timeoutS: HANG_S });
            assert.equal(crashed.status, 'died');
          }
          if (way === 2) {
            const killed = await executor.run('import os, signal\nos.kill(os.getpid(), signal.SIGKILL)', {
              timeoutS: HANG_S,
            });
            assert.equal(killed.status, 'died');
          }
          if (way === 3)
            assertOk(await executor.run('import subprocess\nchild = subprocess.Popen(["sleep", "1000"])'));
          if (way < 3) await assertUsable(executor);
          await executor.close();
        }
      };
      await Promise.all(Array.from({ length: 4 }, worker));
    }

    for (const { title, count, settings } of [
      { title: 'without a sandbox', count: 300, settings: {} },
      { title: "under the operating system's sandbox", count: 50, settings: { sandbox: 'required' } },
    ]) {
      it(`${title}, leaves nothing behind`, async function () {
        this.timeout(240_000);
        if (process.platform !== 'linux') this.skip();
        if ('sandbox' in settings && !(await checkConfinement()).available) this.skip();
        // What is loaded with the first start stays.
        await startAndEnd(1, settings);
        const before = leftovers();
        const processes = descendants(process.pid);
        await startAndEnd(count, settings);
        const fresh = descendants(process.pid).filter((pid) => !processes.includes(pid));
        assert.deepEqual(await untilGone(fresh), []);
        assert.deepEqual(leftovers(), before);
      });
    }
  });
}
