import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { endHost, findHost } from '../../../src/core/session/host/hostClient.ts';
import { isServed } from '../../../src/core/session/remote/address.ts';
import { until } from '../../support/until.ts';
import { isAlive, untilGone } from '../support/processes.ts';
import type { HostBench } from './bench.ts';

/** Two versions of the extension at one base folder. */
export function describeVersions(bench: HostBench): void {
  describe('of another version', () => {
    it('is replaced where it has no session', async () => {
      const old = await bench.attach({ version: '1.0.0' });
      const pid = await bench.hostPid();
      await old[Symbol.asyncDispose]();
      const manager = await bench.attach({ version: '2.0.0' });
      assert.equal(manager.hostVersion, '2.0.0');
      assert.notEqual(await bench.hostPid(), pid);
      assert.deepEqual(bench.hosts(), [await bench.hostPid()]);
    });

    it('is attached to where it has sessions', async () => {
      const old = await bench.attach({ version: '1.0.0' });
      await (await bench.open(old)).run('kept = 5');
      const manager = await bench.attach({ version: '2.0.0' });
      assert.equal(manager.hostVersion, '1.0.0');
      assert.equal((await (await bench.open(manager)).run('kept')).value, 5);
    });

    it('is attached to where somebody else is, with or without sessions', async () => {
      const old = await bench.attach({ version: '1.0.0' });
      const lost: unknown[] = [];
      old.onDidLose((error) => lost.push(error));
      const manager = await bench.attach({ version: '2.0.0' });
      assert.equal(manager.hostVersion, '1.0.0');
      assert.equal((await (await bench.open(old)).run('1 + 1')).value, 2);
      assert.deepEqual(lost, []);
    });

    it('is replaced by one where many of the new version come at once', async () => {
      await (await bench.attach({ version: '1.0.0' }))[Symbol.asyncDispose]();
      const managers = await Promise.all(Array.from({ length: 4 }, () => bench.attach({ version: '2.0.0' })));
      assert.deepEqual(
        managers.map(({ hostVersion }) => hostVersion),
        Array(4).fill('2.0.0'),
      );
      assert.deepEqual(bench.hosts(), [await bench.hostPid()]);
    });

    it('that speaks another protocol is told of, left alone, and ended when that is wanted', async () => {
      const manager = await bench.attach({ version: '0.1.0' });
      await (await bench.open(manager)).run('1');
      const pid = await bench.hostPid();
      const pythons = bench.pythons(pid);
      await bench.rewriteAnnouncement({ protocol: 1 });
      await assert.rejects(bench.attach({ version: '2.0.0' }), {
        code: 'other-version',
        message: /version 0\.1\.0/,
        hint: /shut those sessions down/,
      });
      assert.ok(isAlive(pid));
      await endHost(bench.options());
      assert.deepEqual([pid, ...pythons].filter(isAlive), []);
      assert.deepEqual(
        (await readdir(bench.folder)).filter((name) => !name.endsWith('.log')),
        [],
      );
      await bench.attach({ version: '2.0.0' });
    });

    it('that speaks another protocol and is gone does not stand in the way', async () => {
      await bench.attach({ version: '0.1.0' });
      const pid = await bench.hostPid();
      const { address } = await bench.rewriteAnnouncement({ protocol: 99 });
      process.kill(pid, 'SIGKILL');
      await until('its socket is closed', async () => !(await isServed(address)));
      assert.equal((await bench.attach()).hostVersion, bench.options().version);
    });
  });

  describe('is ended', () => {
    it('never by a process id that belongs to somebody else by now', async () => {
      await bench.attach();
      const pid = await bench.hostPid();
      process.kill(pid, 'SIGKILL');
      await untilGone([pid]);
      const stranger = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
      try {
        await bench.rewriteAnnouncement({ pid: stranger.pid });
        await endHost(bench.options());
        assert.ok(isAlive(stranger.pid!));
        assert.equal(await findHost(bench.options()), undefined);
        assert.equal(
          (await readdir(bench.folder)).some((name) => name.endsWith('.json')),
          false,
        );
      } finally {
        stranger.kill('SIGKILL');
      }
    });

    it('without a word where there is none', async () => {
      await endHost(bench.options());
      await endHost(bench.options({ folder: path.join(bench.root, 'nowhere') }));
    });

    it('under a run, for everybody', async () => {
      const manager = await bench.attach();
      const lost = new Promise((resolve) => manager.onDidLose(resolve));
      const session = await bench.open(manager);
      const run = session.run('print("ready")\nwhile True: pass', {
        onEvent: () => void endHost(bench.options()),
      });
      // Python may still say how it ended.
      await run.catch((error) => assert.ok(['closed', 'host-lost'].includes(error.code), String(error)));
      await lost;
      assert.equal(await findHost(bench.options()), undefined);
    });
  });
}
