import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { attachToHost } from '../../../src/core/session/host/hostClient.ts';
import type { HostBench } from './bench.ts';

/** Whoever wants the sessions of one base folder finds the one host of it. */
export function describeStarts(bench: HostBench): void {
  describe('is one for a base folder', () => {
    for (const count of [2, 8]) {
      it(`where ${count} processes start at the same instant`, async () => {
        const clients = Array.from({ length: count }, () => bench.client({ waits: true }));
        await Promise.all(clients.map((client) => client.says('waits')));
        for (const client of clients) client.go();
        const said = await Promise.all(clients.map((client) => client.says('attached')));
        const pid = await bench.hostPid();
        assert.deepEqual(
          said.map(({ attached }) => attached),
          Array(count).fill(pid),
        );
        assert.deepEqual(bench.hosts(), [pid]);
      });
    }

    it('where eight parts of one process start at the same instant', async () => {
      const managers = await Promise.all(Array.from({ length: 8 }, () => bench.attach()));
      assert.equal(bench.hosts().length, 1);
      const sessions = await Promise.all(managers.map((manager) => bench.open(manager)));
      await Promise.all(sessions.map((session, n) => session.run(`x${n} = ${n}`)));
      assert.equal((await sessions[0]!.run('x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7')).value, 28);
    });

    it('where it is reached by a link, there or not yet there', async function () {
      if (process.platform === 'win32') this.skip();
      const link = path.join(bench.root, 'link');
      await symlink(bench.workspaceFolder, link);
      const linked = path.join(link, '.code-mode');
      const clients = [
        bench.client({ waits: true }),
        bench.client({ waits: true, host: { baseFolder: linked } }),
      ];
      await Promise.all(clients.map((client) => client.says('waits')));
      for (const client of clients) client.go();
      for (const client of clients) await client.says('attached');
      assert.equal(bench.hosts().length, 1);
      await mkdir(bench.baseFolder);
      await bench.attach();
      await bench.attach({ baseFolder: linked });
      assert.equal(bench.hosts().length, 1);
    });

    it('and another for another base folder', async () => {
      const other = path.join(bench.root, 'other');
      const [one, two] = await Promise.all([bench.attach(), bench.attach({ baseFolder: other })]);
      assert.equal(bench.hosts().length, 2);
      await bench.open(one);
      assert.deepEqual(await two.list(), []);
    });

    it('where the one that started it has gone before it was there', async () => {
      const starter = bench.client({});
      // Once it is about to start one.
      while (bench.hosts().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await starter.kill();
      const manager = await bench.attach();
      assert.equal((await (await bench.open(manager)).run('1 + 1')).value, 2);
      assert.deepEqual(bench.hosts(), [await bench.hostPid()]);
    });

    it('in a folder whose name is not plain', async () => {
      const baseFolder = path.join(bench.root, `a 'b" $(c) ü\n-- --base x`);
      const managers = await Promise.all([bench.attach({ baseFolder }), bench.attach({ baseFolder })]);
      assert.equal(bench.hosts().length, 1);
      await bench.open(managers[0]!);
      assert.equal((await managers[1]!.list()).length <= 1, true);
    });
  });

  describe('says so where it cannot start', () => {
    it('for want of its program', async () => {
      const options = bench.options({ distFolder: path.join(bench.root, 'nowhere') });
      await assert.rejects(attachToHost(options), { code: 'start-failed', hint: /Reinstall/ });
      assert.deepEqual(bench.hosts(), []);
    });
  });
}
