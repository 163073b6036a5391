import assert from 'node:assert/strict';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { attachToHost } from '../../../src/core/session/host/hostClient.ts';
import { untilGone } from '../support/processes.ts';
import type { HostBench } from './bench.ts';

/** Only the same user gets in, and only by what the host itself has announced. */
export function describeAccess(bench: HostBench): void {
  describe('lets in', () => {
    before(function () {
      if (process.platform === 'win32') this.skip();
    });

    it('nobody by a token that is wrong or of a host that is gone', async () => {
      await bench.attach();
      const { token, pid } = await bench.rewriteAnnouncement({ token: 'guessed' });
      await assert.rejects(bench.attach(), { code: 'usage', message: /token is wrong/, hint: /Try again/ });
      await bench.rewriteAnnouncement({ token });
      process.kill(pid, 'SIGKILL');
      await untilGone([pid]);
      await bench.attach();
      await bench.rewriteAnnouncement({ token });
      await assert.rejects(bench.attach(), { code: 'usage', message: /token is wrong/ });
      assert.equal(bench.hosts().length, 1);
    });

    it('nobody without a token: the announcement is then none, and a new host takes the place', async () => {
      const first = await bench.attach();
      const pid = await bench.hostPid();
      const file = await bench.announcementPath();
      const whole = await readFile(file, 'utf8');
      const { token: _, ...rest } = JSON.parse(whole);
      for (const broken of [
        '',
        whole.slice(0, whole.length / 2),
        JSON.stringify(rest),
        JSON.stringify({ ...JSON.parse(whole), pid: 'x' }),
        JSON.stringify({ format: 17, hosts: [] }),
        '\0\0\0\0',
      ]) {
        const before = new Set(bench.hosts());
        await writeFile(file, broken);
        await bench.attach();
        assert.equal(before.has(await bench.hostPid()), false, broken);
      }
      // The one before goes on for those that it has.
      assert.equal((await (await bench.open(first)).run('1 + 1')).value, 2);
      assert.ok(bench.hosts().includes(pid));
    });

    it('by files that are for their owner only', async () => {
      await mkdir(bench.folder, { mode: 0o777 });
      await chmod(bench.folder, 0o777);
      const manager = await bench.attach();
      await bench.open(manager);
      const names = await readdir(bench.folder);
      assert.equal(names.length, 2, names.join());
      for (const name of names) {
        assert.equal((await stat(path.join(bench.folder, name))).mode & 0o777, 0o600, name);
      }
      assert.equal((await stat(bench.folder)).mode & 0o777, 0o700);
      const { address } = await bench.announcement();
      assert.equal((await stat(path.dirname(address))).mode & 0o777, 0o700);
    });
  });

  describe('has its socket', () => {
    let scratch: string;
    let runtimeFolder: string;

    beforeEach(async function () {
      if (process.platform === 'win32') this.skip();
      // The temporary folder's own path may be too long for a socket's.
      scratch = await mkdtemp('/tmp/code-mode-');
      runtimeFolder = path.join(scratch, 'runtime');
      process.env.XDG_RUNTIME_DIR = runtimeFolder;
    });
    afterEach(async () => {
      if (scratch) await rm(scratch, { recursive: true, force: true });
    });

    const own = () => path.join(runtimeFolder, `python-code-mode-${process.getuid?.()}`);
    const socketFolder = async () => path.dirname((await bench.announcement()).address);

    it('in the folder of the login, closed to others', async () => {
      await mkdir(own(), { recursive: true });
      await chmod(own(), 0o777);
      await bench.attach();
      assert.equal(await socketFolder(), own());
      assert.equal((await stat(own())).mode & 0o777, 0o700);
      assert.equal((await readdir(own())).length, 1);
    });

    it('elsewhere where that folder is gone, and does not make it', async () => {
      await bench.attach();
      assert.notEqual(await socketFolder(), own());
      assert.deepEqual(await readdir(scratch), []);
    });

    it('elsewhere where a link stands there, even to a folder of this user', async () => {
      await mkdir(runtimeFolder);
      await symlink(bench.workspaceFolder, own());
      await bench.attach();
      assert.notEqual(await socketFolder(), own());
      assert.deepEqual(await readdir(bench.workspaceFolder), []);
    });

    it("elsewhere where it is somebody else's", async function () {
      if (process.getuid?.() !== 0) this.skip();
      await mkdir(own(), { recursive: true, mode: 0o777 });
      await chown(own(), 12345, 12345);
      await bench.attach();
      assert.notEqual(await socketFolder(), own());
      assert.deepEqual(await readdir(own()), []);
    });

    it('elsewhere where its path would be too long', async () => {
      process.env.XDG_RUNTIME_DIR = path.join(bench.root, 'r'.repeat(100));
      await mkdir(process.env.XDG_RUNTIME_DIR);
      const manager = await bench.attach();
      assert.equal((await (await bench.open(manager)).run('1')).value, 1);
    });
  });

  it("uses no folder of announcements that is somebody else's", async function () {
    if (process.getuid?.() !== 0) this.skip();
    await mkdir(bench.folder);
    await chown(bench.folder, 12345, 12345);
    await assert.rejects(attachToHost(bench.options()), {
      code: 'file',
      message: /not a folder of this user/,
    });
    assert.deepEqual(await readdir(bench.folder), []);
  });
}
