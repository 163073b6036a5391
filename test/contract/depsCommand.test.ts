import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type PackageServer, servePackages, wheel } from '../support/packages.ts';
import { codeMode, type Ended, RunningCommand } from './support/commandLine.ts';

describe('code-mode deps', function () {
  this.timeout(120_000);
  this.slow(20_000);
  let folder: string;
  let index: PackageServer;

  before(async () => {
    index = await servePackages([
      wheel({ name: 'tiny', version: '1.0', summary: 'Does nothing' }),
      wheel({ name: 'tiny', version: '2.0', summary: 'Does nothing' }),
    ]);
  });
  after(() => index[Symbol.asyncDispose]());
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'code-mode-deps-')));
    index.intervene = undefined;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const options = () => ({
    cwd: folder,
    env: { ...process.env, PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url },
  });
  const deps = (...args: string[]) => codeMode(['deps', ...args], options());

  function assertEnded(ended: Ended, code: number, stdout: string | RegExp, stderr: RegExp = /^/): void {
    assert.equal(ended.code, code, ended.stdout + ended.stderr);
    if (typeof stdout === 'string') assert.equal(ended.stdout, stdout);
    else assert.match(ended.stdout, stdout);
    assert.match(ended.stderr, stderr);
  }

  it('helps, and refuses what it does not know before anything is started', async () => {
    assertEnded(await deps('--help'), 0, /Usage: code-mode deps list/);
    assertEnded(await deps(), 2, '', /deps needs a command: list, add, remove, upgrade, sync, outdated\./);
    assertEnded(await deps('fly'), 2, '', /There is no command "deps fly"/);
    assertEnded(await deps('add'), 2, '', /"deps add" needs an argument more/);
    assertEnded(await deps('add', 'a;b'), 2, '', /"a;b" can't be taken as a package/);
    assertEnded(await deps('list', '--base', 'nowhere'), 2, '', /There is no folder "nowhere"/);
    assertEnded(await deps('list', '--executor', 'nowhere'), 2, '', /There is no executor "nowhere"/);
    assertEnded(await deps('list'), 0, '');
    assert.deepEqual(await readdir(folder), []);
  });

  it('adds, lists, upgrades, syncs and removes', async () => {
    const file = path.join(folder, '.code-mode/requirements.txt');
    const added = await deps('add', 'tiny<2', '--json');
    assertEnded(added, 0, /^/, /tiny/);
    assert.deepEqual(JSON.parse(added.stdout), { installed: ['tiny<2'], already_present: [], failed: [] });
    assert.equal(await readFile(file, 'utf8'), 'tiny<2\n');
    assertEnded(await deps('add', 'tiny'), 0, 'Already there: tiny\n');
    assertEnded(await deps('list'), 0, 'tiny<2  1.0  requirements.txt:1\n');
    assertEnded(await deps('list', '--installed'), 0, 'tiny  1.0  Does nothing\n');
    const [listed] = JSON.parse((await deps('list', '--json')).stdout) as Record<string, unknown>[];
    assert.deepEqual([listed?.name, listed?.state, listed?.installed_version], ['tiny', 'satisfied', '1.0']);
    assertEnded(await deps('outdated'), 0, 'tiny  1.0  2.0\n');
    await writeFile(file, 'tiny\n');
    assertEnded(await deps('upgrade', 'tiny'), 0, 'Installed: tiny\n');
    await writeFile(file, 'tiny==1.0\nabsent-package\n');
    assertEnded(await deps('sync'), 1, 'Installed: tiny==1.0\n', /^code-mode: absent-package: /m);
    const removed = await deps('remove', 'Tiny', '--json');
    assert.deepEqual(JSON.parse(removed.stdout), {
      removed: ['Tiny'],
      not_found: [],
      failed: [],
      removed_from_config: true,
    });
    assertEnded(await deps('remove', 'tiny'), 1, /^Not installed: tiny$/m);
    assert.equal(await readFile(file, 'utf8'), 'absent-package\n');
  });

  it('ends with Ctrl+C, and says what has become of the packages', async function () {
    // There a signal is no signal.
    if (process.platform === 'win32') this.skip();
    const asked = new Promise<void>((resolve) => {
      index.intervene = () => {
        resolve();
        return true;
      };
    });
    const command = new RunningCommand(['deps', 'add', 'tiny'], options());
    await asked;
    command.process.kill('SIGINT');
    assertEnded(await command.ended, 130, '', /^code-mode: .*cancelled/m);
  });
});
