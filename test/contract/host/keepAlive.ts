import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import { isAlive, untilGone } from '../support/processes.ts';
import type { HostBench } from './bench.ts';

/** How long it lives on when nobody is attached. */
export function describeKeepAlive(bench: HostBench): void {
  describe('told to go on for', () => {
    it('0 seconds ends with its last client', async () => {
      const [one, two] = [await bench.attach({ keepAliveS: 0 }), await bench.attach()];
      await (await bench.open(one)).run('1');
      const host = await bench.hostPid();
      const pythons = bench.pythons(host);
      await one[Symbol.asyncDispose]();
      await sleep(100);
      assert.ok(isAlive(host));
      await two[Symbol.asyncDispose]();
      assert.deepEqual(await untilGone([host, ...pythons]), []);
    });

    for (const executor of ['sandbox', 'subprocess']) {
      it(`0 seconds ends with the last run of who has gone, not before: ${executor}`, async () => {
        const manager = await bench.attach({ keepAliveS: 0 });
        const session = await bench.open(manager, { executor });
        const host = await bench.hostPid();
        const begun = new Promise<void>((resolve) => {
          const code = 'import time\nprint("ready")\ntime.sleep(0.7)';
          session.run(code, { onEvent: () => resolve() }).catch(() => undefined);
        });
        session.run('import time\ntime.sleep(0.1)').catch(() => undefined);
        await begun;
        await manager[Symbol.asyncDispose]();
        await sleep(300);
        assert.ok(isAlive(host), 'it runs code');
        assert.deepEqual(await untilGone([host]), []);
      });
    }

    it('0 seconds ends where the run of who has gone finds no Python', async function () {
      if (process.platform === 'win32') this.skip();
      const python = path.join(bench.root, 'python');
      await writeFile(python, '#!/bin/sh\nsleep 0.5\nexit 3\n', { mode: 0o755 });
      const manager = await bench.attach({ keepAliveS: 0 });
      const session = await bench.open(manager, { executorSettings: { python, sandbox: 'off' } });
      const host = await bench.hostPid();
      session.run('1').catch(() => undefined);
      await until('it starts', () => session.info.state !== 'stopped');
      await manager[Symbol.asyncDispose]();
      assert.deepEqual(await untilGone([host]), []);
    });

    it('some seconds lives so long, and is found meanwhile', async () => {
      await (await bench.attach({ keepAliveS: 0.8 }))[Symbol.asyncDispose]();
      const host = await bench.hostPid();
      for (let n = 0; n < 4; n += 1) {
        await sleep(300);
        await (await bench.attach())[Symbol.asyncDispose]();
        assert.equal(await bench.hostPid(), host);
      }
      assert.deepEqual(await untilGone([host]), []);
    });

    it('another time while it is attached to', async () => {
      const manager = await bench.attach({ keepAliveS: 600 });
      const host = await bench.hostPid();
      manager.keepAlive(0);
      await sleep(200);
      assert.ok(isAlive(host), 'somebody is attached');
      await manager[Symbol.asyncDispose]();
      assert.deepEqual(await untilGone([host]), []);
    });

    it('longer than a timer can take', async () => {
      const manager = await bench.attach({ keepAliveS: 1e9 });
      const host = await bench.hostPid();
      await manager[Symbol.asyncDispose]();
      await sleep(300);
      assert.ok(isAlive(host));
    });

    it('0 seconds, and attached to just as it ends: always one that lives', async () => {
      for (let n = 0; n < 10; n += 1) {
        const one = await bench.attach({ keepAliveS: 0 });
        await (await bench.open(one, { id: 'a', executor: 'subprocess' })).start();
        const gone = one[Symbol.asyncDispose]();
        const two = await bench.attach({ keepAliveS: 0 });
        const session = await bench.open(two, { id: 'b' });
        assert.equal((await session.run('1 + 1')).value, 2);
        await gone;
        await two[Symbol.asyncDispose]();
      }
      await until('the last one ends', () => bench.hosts().length === 0);
    });

    it('nothing while strangers are connected: they do not count', async () => {
      const manager = await bench.attach({ keepAliveS: 0 });
      const host = await bench.hostPid();
      await bench.connect();
      await manager[Symbol.asyncDispose]();
      assert.deepEqual(await untilGone([host]), []);
    });
  });
}
