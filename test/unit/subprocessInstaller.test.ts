import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureUv } from '../../scripts/lib/uv.mjs';
import { CodeModeError, type ErrorCode } from '../../src/core/contract/errors.ts';
import { findUv } from '../../src/core/executors/subprocess/environment/index.ts';
import { InstallerBench } from '../support/installers.ts';
import { type PackageFile, sdist, servePackages, wheel, writePackages } from '../support/packages.ts';
import { countStarts, installedPythons, PythonWorld } from '../support/pythonWorld.ts';
import { canMount, mountDisk } from '../support/smallDisk.ts';

const ROOT = path.resolve(__dirname, '../../..');

describe('packages of the executor subprocess', function () {
  this.timeout(60_000);
  let python: string;
  let uvFolder: string;
  let world: PythonWorld;
  let bench: InstallerBench;

  before(async function () {
    this.timeout(300_000);
    // Links and scripts stand for what people have installed.
    if (process.platform === 'win32') return this.skip();
    const pythons = await installedPythons();
    assert.ok(pythons[0], 'These tests need a CPython 3.9 or newer: install one.');
    python = pythons[0].executable;
    const uv = await findUv();
    const executables = pythons.map(({ executable }) => executable);
    uvFolder = uv ? path.dirname(uv) : await ensureUv(ROOT, executables);
  });

  beforeEach(async () => {
    world = new PythonWorld();
    world.link(path.join(uvFolder, 'uv'), 'uv');
    bench = await InstallerBench.make(world, python);
  });
  afterEach(async () => {
    await bench.close();
    world.leave();
  });

  const refused =
    (code: ErrorCode, message: RegExp, hint = /./) =>
    (error: unknown) => {
      assert.ok(error instanceof CodeModeError, String(error));
      assert.match(error.message, message);
      assert.match(error.hint ?? error.message, hint);
      assert.equal(error.code, code);
      return true;
    };
  const all = [
    wheel({ name: 'tiny', version: '1.0' }),
    wheel({ name: 'tiny', version: '2.0' }),
    wheel({ name: 'user', version: '1.0', requires: ['tiny>=1', 'extra-one; extra == "more"'] }),
  ];
  const imported = (code: string) =>
    execFileSync(bench.environment.executable, ['-c', code], { encoding: 'utf8' }).trim();

  for (const choice of ['uv', 'pip'] as const) {
    describe(`with ${choice}`, () => {
      it('are installed, upgraded, pinned and removed', async () => {
        await using index = await servePackages(all);
        const installer = bench.installer({ installer: choice, indexUrl: index.url });
        const described = await installer.describe();
        assert.match(described.installer ?? '', choice === 'uv' ? /^uv \d/ : /^pip \d/);
        assert.deepEqual(
          [described.folder, described.problem, described.label],
          [bench.environment.folder, null, bench.environment.label],
        );
        const { onProgress } = bench;
        await installer.install({ requirements: ['tiny<2'] }, { onProgress });
        assert.deepEqual(await bench.installed(), ['tiny 1.0']);
        await installer.install({ requirements: ['tiny', 'user'] }, { onProgress });
        assert.deepEqual(await bench.installed(), ['tiny 1.0', 'user 1.0']);
        const [, user] = await installer.installed();
        assert.deepEqual([user?.requires, user?.installer, user?.origin], [['tiny'], choice, null]);
        await installer.install({ requirements: ['tiny'], upgrade: true }, { onProgress });
        assert.deepEqual(await bench.installed(), ['tiny 2.0', 'user 1.0']);
        await installer.install({ requirements: ['tiny==1.0'] }, { onProgress });
        assert.equal(imported('import tiny; print(tiny.VERSION)'), '1.0');
        assert.deepEqual(await installer.newest(await installer.installed()), { tiny: '2.0' });
        assert.deepEqual((await installer.lookUp('tiny'))?.versions, ['2.0', '1.0']);
        assert.equal(await installer.lookUp('nowhere'), null);
        await installer.uninstall(['tiny', 'user'], { onProgress });
        assert.deepEqual(await bench.installed(), []);
        assert.ok(index.count('/files/tiny-2.0') > 0);
        const text = bench.lines.join('\n');
        assert.match(text, choice === 'uv' ? /\+ tiny==1\.0/ : /Successfully installed tiny-1\.0/);
        assert.doesNotMatch(text, /\p{Cc}(?<!\n)/u);
        assert.deepEqual(
          readdirSync(bench.packages).filter((name) => name.startsWith('.')),
          [],
        );
      });

      it('that are not there, do not fit together or are for another Python are refused with the reason', async () => {
        const future = wheel({ name: 'future-one', version: '1.0', requiresPython: '>=3.99' });
        await using index = await servePackages([...all, future]);
        const installer = bench.installer({ installer: choice, indexUrl: index.url });
        const install = (...requirements: string[]) => installer.install({ requirements }, {});
        await install('tiny==1.0');
        const before = bench.files();
        await assert.rejects(
          install('user', 'no-such-one'),
          refused('install-failed', /no-such-one/, /name/),
        );
        await assert.rejects(install('tiny>=3'), refused('install-failed', /tiny>=3/));
        await assert.rejects(
          install('tiny==1.0', 'tiny==2.0'),
          refused('install-failed', /tiny==1\.0/, /together/),
        );
        await assert.rejects(
          install('future-one'),
          refused('install-failed', /future.one|3\.99/, /Python 3\./),
        );
        assert.match((await installer.lookUp('future-one'))?.problem ?? '', /Python 3/);
        assert.deepEqual(bench.files(), before);
      });

      it('whose build fails are refused with the last words of the build, or are not built at all', async () => {
        const broken = sdist({ name: 'broken', version: '1.0', failsWith: 'gcc: command not found' });
        const built = sdist({ name: 'built', version: '1.0' });
        await using index = await servePackages([...all, broken, built]);
        const installer = bench.installer({ installer: choice, indexUrl: index.url });
        await assert.rejects(
          installer.install({ requirements: ['tiny', 'broken'] }, {}),
          refused('install-failed', /gcc: command not found/, /compiler/),
        );
        assert.deepEqual(await bench.installed(), []);
        const without = bench.installer({ installer: choice, indexUrl: index.url, buildFromSource: false });
        await assert.rejects(
          without.install({ requirements: ['built'] }, {}),
          refused('install-failed', /built/, choice === 'uv' ? /buildFromSource/ : /./),
        );
        assert.match((await without.lookUp('built'))?.problem ?? '', /buildFromSource/);
        await installer.install({ requirements: ['built'] }, {});
        assert.deepEqual(await bench.installed(), ['built 1.0']);
      });

      it('come from a folder of wheels, offline', async () => {
        const folder = await writePackages(path.join(world.root, 'my wheels'), all);
        const installer = bench.installer({ installer: choice, offline: true, wheelFolders: [folder] });
        await installer.install({ requirements: ['user'] }, {});
        assert.deepEqual(await bench.installed(), ['tiny 2.0', 'user 1.0']);
        await assert.rejects(
          installer.install({ requirements: ['elsewhere'] }, {}),
          refused('install-failed', /elsewhere/),
        );
      });

      it('come from a requirements file with its options, paths and hashes', async () => {
        const wheels = await writePackages(world.inWorkspace('wheels'), all);
        const tiny = all[0] as PackageFile;
        const file = world.inWorkspace('requirements.txt');
        const hash = createHash('sha256').update(tiny.bytes).digest('hex');
        // What a workspace says to uv is for its own project.
        writeFileSync(world.inWorkspace('uv.toml'), 'index-url = "http://127.0.0.1:1/simple"\n');
        const installer = bench.installer({ installer: choice });
        const options = `--no-index\n--find-links ${path.relative(path.dirname(file), wheels)}\n`;
        writeFileSync(file, `# ours\n${options}tiny==1.0 --hash=sha256:${'0'.repeat(64)}\n`);
        const request = { requirements: [], requirementsFile: file };
        await assert.rejects(
          installer.install(request, {}),
          refused('install-failed', /hash/i, /requirements\.txt/),
        );
        assert.deepEqual(await bench.installed(), []);
        writeFileSync(file, `${options}tiny==1.0 --hash=sha256:${hash}\n`);
        await installer.install(request, {});
        assert.deepEqual(await bench.installed(), ['tiny 1.0']);
        writeFileSync(file, './wheels/tiny-2.0-py3-none-any.whl\n');
        await installer.install(request, {});
        const [found] = await installer.installed();
        assert.deepEqual(
          [found?.version, found?.origin],
          ['2.0', path.join(wheels, 'tiny-2.0-py3-none-any.whl')],
        );
      });

      it('come from an index that wants a password, which nobody sees', async () => {
        const login = { user: 'ada', password: 'p@ss word!' };
        await using index = await servePackages(all, { login });
        const asked: string[] = [];
        const installer = bench.installer({ installer: choice, indexUrl: index.url }, async ({ name }) => {
          asked.push(name);
          return `${login.user}:${login.password}`;
        });
        const commands: string[] = [];
        // The installer waits for its answer meanwhile.
        index.intervene = async () => {
          commands.push(...(await bench.commandLines()).map(({ text }) => text));
          return false;
        };
        await installer.install({ requirements: ['user'] }, { onProgress: bench.onProgress });
        await assert.rejects(
          installer.install({ requirements: ['tiny==9'] }, { onProgress: bench.onProgress }),
        );
        assert.deepEqual(await bench.installed(), ['tiny 2.0', 'user 1.0']);
        assert.ok(asked.length > 0);
        if (process.platform === 'linux') assert.ok(commands.some((text) => text.includes('install')));
        const seen = [...bench.lines, ...commands].join('\n');
        assert.doesNotMatch(seen, /p@ss|p%40ss/);
      });

      it('are as they were when somebody cancels, and nothing of the installer is left', async () => {
        await using index = await servePackages(all);
        const installer = bench.installer({ installer: choice, indexUrl: index.url });
        await installer.install({ requirements: ['tiny==1.0'] }, {});
        const before = bench.files();
        const cancel = new AbortController();
        const stalled = new Promise<void>((resolve) => {
          index.intervene = (request) => {
            if (!request.url?.includes('tiny-2.0')) return false;
            resolve();
            return true;
          };
        });
        const changing = installer.install({ requirements: ['tiny==2.0'] }, { signal: cancel.signal });
        await Promise.race([stalled, changing]);
        cancel.abort();
        await assert.rejects(
          changing,
          refused('cancelled', /Installing tiny==2\.0 was cancelled.*as it was/),
        );
        assert.deepEqual(bench.files(), before);
        assert.deepEqual(await bench.commandLines(), []);
        index.intervene = undefined;
        await installer.install({ requirements: ['tiny==2.0'] }, {});
        assert.deepEqual(await bench.installed(), ['tiny 2.0']);
      });

      it('are put back when the installer is killed while it changes them', async function () {
        if (process.platform !== 'linux') return this.skip();
        const many = (version: string) =>
          wheel({
            name: 'many',
            version,
            files: Object.fromEntries(
              Array.from({ length: choice === 'uv' ? 4_000 : 1_000 }, (_, at) => [
                `many/part${at}.py`,
                `VERSION = "${version}"\n`,
              ]),
            ),
          });
        await using index = await servePackages([...all, many('1.0'), many('2.0')]);
        const installer = bench.installer({ installer: choice, indexUrl: index.url });
        await installer.install({ requirements: ['tiny==1.0', 'many==1.0'] }, {});
        const before = bench.files();
        const info = path.join(bench.packages, 'many-1.0.dist-info');
        let isOver = false;
        const changing = installer
          .install({ requirements: ['many==2.0', 'user'] }, { onProgress: bench.onProgress })
          .finally(() => {
            isOver = true;
          });
        const outcome = changing.then(
          () => undefined,
          (error: unknown) => error,
        );
        while (!isOver && existsSync(path.join(info, 'METADATA'))) await delay(1);
        for (const { pid, text } of await bench.commandLines()) {
          if (text.includes('many==2.0')) process.kill(pid, 'SIGKILL');
        }
        const error = await outcome;
        assert.ok(error, 'it was killed in time');
        refused('install-failed', /killed by SIGKILL/, /./)(error);
        assert.deepEqual(bench.files(), before);
        assert.deepEqual(await bench.installed(), ['many 1.0', 'tiny 1.0']);
      });
    });
  }

  it('that bring a .pth file and programs are there for the next Python, and gone with them', async () => {
    const pathy = wheel({
      name: 'pathy',
      version: '1.0',
      files: { 'pathy.pth': 'import pathy_start\n', 'pathy_start.py': 'import sys\nsys.pathy = "here"\n' },
    });
    await using index = await servePackages([pathy]);
    const installer = bench.installer({ indexUrl: index.url });
    await installer.install({ requirements: ['pathy'] }, {});
    assert.equal(imported('import sys; print(sys.pathy)'), 'here');
    await installer.uninstall(['pathy'], {});
    assert.equal(imported('import sys; print(hasattr(sys, "pathy"))'), 'False');
  });

  it('are told without a start of Python', async () => {
    await using index = await servePackages(all);
    const installer = bench.installer({ installer: 'pip', indexUrl: index.url });
    await installer.install({ requirements: ['tiny'] }, {});
    const starts = countStarts(bench.environment.executable);
    assert.equal((await installer.describe()).problem, null);
    assert.equal((await installer.installed()).length, 1);
    assert.equal(starts(), 0);
  });

  it('are changed by one program at a time; the others wait, say so, and can stop waiting', async () => {
    await using index = await servePackages(all);
    const spec = { indexUrl: index.url } as const;
    const [one, other] = [bench.installer(spec), bench.installer(spec)];
    let release: () => void = () => undefined;
    const stalled = new Promise<void>((resolve) => {
      index.intervene = (request, response) => {
        if (!request.url?.includes('/files/tiny')) return false;
        resolve();
        release = () => response.destroy();
        return true;
      };
    });
    const first = one.install({ requirements: ['tiny==1.0'] }, {});
    await stalled;
    index.intervene = undefined;
    const cancel = new AbortController();
    const told = new Promise<string>((onProgress) => {
      const options = { signal: cancel.signal, onProgress };
      other.install({ requirements: ['user'] }, options).catch((error) => bench.lines.push(String(error)));
    });
    assert.match(await told, /Waiting for another program/);
    cancel.abort();
    const second = other.install({ requirements: ['user'] }, {});
    release();
    await Promise.all([first, second]);
    assert.deepEqual(await bench.installed(), ['tiny 1.0', 'user 1.0']);
    assert.match(bench.lines.join('\n'), /Installing user was cancelled/);
  });

  it('that a program has left half-done, which is gone, are made whole', async () => {
    await using index = await servePackages(all);
    const installer = bench.installer({ indexUrl: index.url });
    await installer.install({ requirements: ['tiny==1.0'] }, {});
    rmSync(path.join(bench.packages, 'tiny-1.0.dist-info', 'RECORD'));
    rmSync(path.join(bench.packages, 'tiny.py'));
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    const pids = process.platform === 'linux' ? readlinkSync('/proc/self/ns/pid') : '';
    const owner = { token: 'x', pid: gone, machine: `${hostname()} ${pids}` };
    writeFileSync(path.join(bench.packages, '.code-mode.lock'), JSON.stringify(owner));
    await installer.install({ requirements: ['user'] }, {});
    assert.deepEqual(await bench.installed(), ['tiny 1.0', 'user 1.0']);
    assert.equal(imported('import tiny; print(tiny.VERSION)'), '1.0');
  });

  it('come through the pip of the environment where it has one', async () => {
    const folder = await writePackages(path.join(world.root, 'wheels'), all);
    const installer = bench.installer({ installer: 'pip', offline: true, wheelFolders: [folder] });
    execFileSync(bench.environment.executable, ['-I', '-m', 'ensurepip', '--default-pip'], {
      stdio: 'ignore',
    });
    await installer.install({ requirements: ['tiny'] }, { onProgress: bench.onProgress });
    assert.deepEqual(
      (await bench.installed()).map((text) => text.split(' ')[0]),
      ['pip', 'tiny'],
    );
  });

  describe('are not installed', () => {
    it('where there is no uv, and it is asked for', async () => {
      world.link(path.join(world.root, 'nothing'), 'uv');
      const installer = bench.installer({ installer: 'uv' });
      const { problem, installer: none } = await installer.describe();
      assert.equal(none, null);
      assert.match(problem ?? '', /uv was not found.*codeMode\.deps\.installer/);
      await assert.rejects(
        installer.install({ requirements: ['tiny'] }, {}),
        refused('unsupported', /uv was not found/),
      );
    });

    it('where the environment belongs to the system', async function () {
      const system = '/usr/bin/python3';
      if (!existsSync(system)) return this.skip();
      const stdlib = execFileSync(system, ['-c', 'import sysconfig; print(sysconfig.get_path("stdlib"))'], {
        encoding: 'utf8',
      }).trim();
      if (!existsSync(path.join(stdlib, 'EXTERNALLY-MANAGED'))) return this.skip();
      const installer = (await InstallerBench.of(world, system)).installer({});
      assert.match(
        (await installer.describe()).problem ?? '',
        /EXTERNALLY-MANAGED.*codeMode\.subprocess\.python/,
      );
      await assert.rejects(
        installer.install({ requirements: ['tiny'] }, {}),
        refused('unsupported', /EXTERNALLY-MANAGED/),
      );
    });

    for (const choice of ['uv', 'pip'] as const) {
      it(`where the disk is full or can't be written, with ${choice}`, async function () {
        if (!canMount()) return this.skip();
        const disk = path.join(world.root, 'disk');
        using _mounted = mountDisk(disk, 3_000);
        const small = await InstallerBench.make(world, python, path.join(disk, 'env'));
        const fat = wheel({
          name: 'fat',
          version: '1.0',
          files: { 'fat.py': `x = "${'x'.repeat(6_000_000)}"\n` },
        });
        await using index = await servePackages([...all, fat]);
        const installer = small.installer({ installer: choice, indexUrl: index.url });
        await installer.install({ requirements: ['tiny==1.0'] }, {});
        const before = small.files();
        await assert.rejects(
          installer.install({ requirements: ['tiny==2.0', 'fat'] }, {}),
          refused('install-failed', /space|full/i, /disk is full/),
        );
        assert.deepEqual(small.files(), before);
        execFileSync('mount', ['-o', 'remount,ro', disk]);
        assert.match(
          (await installer.describe()).problem ?? '',
          /can't be written.*codeMode\.subprocess\.python/,
        );
        await assert.rejects(
          installer.install({ requirements: ['tiny==2.0'] }, {}),
          refused('unsupported', /can't be written/),
        );
        await small.close();
      });
    }

    it('where no index answers', async () => {
      process.env.UV_HTTP_RETRIES = process.env.PIP_RETRIES = '1';
      for (const choice of ['uv', 'pip'] as const) {
        const installer = bench.installer({ installer: choice, indexUrl: 'http://127.0.0.1:9/simple/' });
        await assert.rejects(
          installer.install({ requirements: ['tiny'] }, {}),
          refused('install-failed', /./, /index does not answer/),
        );
      }
    });
  });
});
