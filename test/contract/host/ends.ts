import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { CodeModeError } from '../../../src/core/contract/errors.ts';
import { untilGone } from '../support/processes.ts';
import type { HostBench } from './bench.ts';

/** How a host ends that is told to. */
export function describeEnds(bench: HostBench): void {
  describe('that is told to end', () => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      it(`by ${signal} ends Python, tells its clients, and leaves nothing but its log`, async () => {
        const manager = await bench.attach();
        const lost = new Promise((resolve) => manager.onDidLose(resolve));
        const session = await bench.open(manager);
        const host = await bench.hostPid();
        const { address } = await bench.announcement();
        let pythons: number[] = [];
        const run = session.run('print("ready")\nwhile True: pass', {
          onEvent: () => {
            pythons = bench.pythons(host);
            process.kill(host, signal);
          },
        });
        await Promise.allSettled([run]);
        assert.ok(CodeModeError.is(await lost, 'host-lost'));
        assert.deepEqual(await untilGone([host, ...pythons]), []);
        assert.notEqual(pythons.length, 0);
        assert.equal(existsSync(address), false);
        const names = await readdir(bench.folder);
        assert.equal(names.length, 1);
        assert.match(await readFile(`${bench.folder}/${names[0]}`, 'utf8'), new RegExp(`ends: .*${signal}`));
      });
    }

    it('is no host for those who come while it ends', async () => {
      const manager = await bench.attach();
      const session = await bench.open(manager);
      // What does not let itself be interrupted takes its time to end.
      await session.run(
        'import signal\nfor n in (signal.SIGINT, signal.SIGTERM): signal.signal(n, signal.SIG_IGN)',
      );
      const run = session.run('print("ready")\nwhile True: pass').catch(() => undefined);
      const host = await bench.hostPid();
      process.kill(host, 'SIGTERM');
      for (let n = 0; n < 20; n += 1) {
        const next = await bench.attach();
        const its = await bench.open(next, { id: `of ${n}` });
        assert.equal((await its.run('1 + 1')).value, 2);
        await its.close();
      }
      await run;
      assert.deepEqual(await untilGone([host]), []);
    });
  });
}
