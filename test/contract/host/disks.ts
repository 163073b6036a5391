import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { attachToHost } from '../../../src/core/session/host/hostClient.ts';
import { until } from '../../support/until.ts';
import { untilGone } from '../support/processes.ts';
import type { HostBench } from './bench.ts';

/** Disks that are full, where this user may mount small ones. */
export function describeDisks(bench: HostBench): void {
  describe('and a full disk', () => {
    const disk = () => path.join(bench.root, 'disk');
    const folder = () => path.join(disk(), 'announcements');
    const options = () => bench.options({ folder: folder() });

    async function mount(kilobytes: number): Promise<void> {
      await mkdir(disk());
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', disk()]);
      await mkdir(folder());
    }

    /** Fills what is left, but for some pages. */
    async function fill(pages = 0): Promise<void> {
      const { bavail, bsize } = await statfs(disk());
      await writeFile(path.join(disk(), 'full'), Buffer.alloc((bavail - pages) * bsize));
    }

    before(function () {
      if (process.platform !== 'linux' || process.getuid?.() !== 0) this.skip();
      try {
        execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
      } catch {
        this.skip();
      }
    });
    afterEach(async () => {
      const hosts = bench.hosts();
      for (const pid of hosts) process.kill(pid, 'SIGTERM');
      await untilGone(hosts);
      if (existsSync(folder())) execFileSync('umount', ['--lazy', disk()]);
    });

    // Of no page at all, to one for each of the lock, the log and the announcement.
    for (const pages of [0, 1, 2, 3, 4]) {
      it(`with ${pages} pages left: it says so and leaves nothing half written, or works`, async () => {
        await mount(64);
        await fill(pages);
        let works = true;
        await attachToHost(options()).then(
          (manager) => bench.keep(manager),
          (error) => {
            works = false;
            assert.equal(error.code, 'file', String(error));
            assert.match(error.message, /the disk is full/);
            assert.ok(error.hint);
          },
        );
        await until('no other process is left', () => (bench.hosts().length === 1) === works);
        const names = await readdir(folder());
        assert.deepEqual(
          names.filter((name) => !/\.(json|log)$/.test(name)),
          [],
        );
        assert.equal(
          names.some((name) => name.endsWith('.json')),
          works,
        );
        assert.ok(pages > 0 || !works);
        await rm(path.join(disk(), 'full'));
        bench.keep(await attachToHost(options()));
        assert.equal(bench.hosts().length, 1);
      });
    }

    it('after its start goes on, with new sessions, windows and folders', async () => {
      await mount(64);
      const manager = bench.keep(await attachToHost(options()));
      const session = await bench.open(manager);
      await session.run('kept = 1');
      await fill();
      assert.equal((await session.run('kept + 1')).value, 2);
      const other = bench.keep(await attachToHost(options()));
      const workspaceFolder = path.join(bench.root, 'another');
      await mkdir(workspaceFolder);
      const another = await bench.open(other, { id: 'another', workspaceFolder });
      assert.equal((await another.run('1 + 1')).value, 2);
      await another.close();
      assert.deepEqual(
        (await readdir(folder())).filter((name) => !/\.(json|log)$/.test(name)),
        [],
      );
      assert.equal((await session.run('kept')).value, 1);
    });
  });
}
