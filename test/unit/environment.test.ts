import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureUv } from '../../scripts/lib/uv.mjs';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import {
  existingEnvironment,
  type FoundInterpreter,
  findInterpreters,
  findUv,
  type PythonEnvironment,
  packagePlaces,
} from '../../src/core/executors/subprocess/environment/index.ts';
import { parseLauncherList } from '../../src/core/executors/subprocess/environment/launcher.ts';
import { writeFakePython, writeScript } from '../support/programs.ts';
import { countStarts, installedPythons, makeVenv, PythonWorld, packagesOf } from '../support/pythonWorld.ts';
import { until } from '../support/until.ts';

const ROOT = path.resolve(__dirname, '../../..');
const MAKER = path.resolve(__dirname, '../support/environmentMaker.js');

/** The first two numbers of a version. */
const minor = (version: string) => version.split('.', 2).join('.');

describe('the environments of the executor subprocess', function () {
  this.timeout(60_000);
  let pythons: readonly FoundInterpreter[];
  let newest: FoundInterpreter;
  let uvFolder: string;
  let world: PythonWorld;
  const children: ChildProcess[] = [];

  before(async function () {
    this.timeout(300_000);
    // Links and scripts stand for what people have installed.
    if (process.platform === 'win32') return this.skip();
    pythons = await installedPythons();
    assert.ok(pythons[0], 'These tests need a CPython 3.9 or newer: install one.');
    newest = pythons[0];
    const uv = await findUv();
    uvFolder = uv
      ? path.dirname(uv)
      : await ensureUv(
          ROOT,
          pythons.map(({ executable }) => executable),
        );
  });

  beforeEach(() => {
    world = new PythonWorld();
    world.install(newest);
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    world.leave();
  });

  const refused =
    (code: string, message: RegExp, hint = /./) =>
    (error: unknown) => {
      assert.ok(error instanceof CodeModeError, String(error));
      assert.match(error.message, message);
      assert.match(error.hint ?? '', hint);
      assert.equal(error.code, code);
      return true;
    };
  const withUv = () => world.link(path.join(uvFolder, 'uv'), 'uv');
  const markerOf = ({ folder = '' }: PythonEnvironment) => path.join(folder, 'code-mode.json');
  /** An environment that works and is marked as whole. */
  async function assertWhole(environment: PythonEnvironment): Promise<void> {
    assert.ok(environment.folder);
    assert.equal(environment.executable, path.join(environment.folder, 'bin', 'python'));
    assert.ok(packagesOf(environment.executable).startsWith(environment.folder));
    assert.equal(JSON.parse(readFileSync(markerOf(environment), 'utf8')).version, environment.version);
    const leftovers = readdirSync(world.environments).filter((name) => /lock|tmp/.test(name));
    assert.deepEqual(leftovers, []);
  }

  describe('for a version, or for nothing at all, is a managed one', () => {
    for (const maker of ['uv', 'venv']) {
      it(`made with ${maker}, once`, async () => {
        if (maker === 'uv') withUv();
        const made = await world.resolve('');
        await assertWhole(made);
        assert.equal(made.kind, 'managed');
        assert.equal(made.version, newest.version);
        assert.equal(made.label, `managed, Python ${minor(newest.version)}`);
        const configuration = readFileSync(path.join(made.folder ?? '', 'pyvenv.cfg'), 'utf8');
        assert.equal(/^uv = /m.test(configuration), maker === 'uv', world.log.join('\n'));
        assert.equal(existsSync(path.join(packagesOf(made.executable), 'pip')), false);
        assert.equal(world.made().length, 1);
        assert.ok(world.progress.length > 0);

        const starts = countStarts(made.executable);
        world.log.length = world.progress.length = 0;
        assert.deepEqual(await world.resolve(''), made);
        assert.deepEqual(await world.resolve(minor(newest.version)), made);
        assert.deepEqual([world.log, world.progress, starts()], [[], [], 0]);
      });
    }

    it('for each workspace folder, whatever its name, and one where no folder is open', async () => {
      const folders: string[] = [];
      for (const name of ['plain', 'a b', '.hidden', '☃', 'con', 'x'.repeat(200)]) {
        const workspaceFolder = path.join(world.root, name);
        mkdirSync(workspaceFolder);
        const { folder = '' } = await world.resolve('', { workspaceFolder });
        folders.push(folder);
      }
      folders.push((await world.resolve('', { workspaceFolder: undefined })).folder ?? '');
      assert.equal(new Set(folders).size, folders.length);
      const names = folders.map((folder) => path.basename(folder));
      for (const name of names) assert.match(name, /^[A-Za-z0-9][A-Za-z0-9-]{2,40}-3\.\d+$/);
      assert.match(names[0] ?? '', /^plain-[0-9a-f]{10}-/);
      assert.match(names.at(-1) ?? '', /^no-workspace-3/);
    });

    it('the same for every spelling of a folder', async () => {
      const link = path.join(world.root, 'link');
      symlinkSync(world.workspaceFolder, link);
      const made = await world.resolve('');
      assert.deepEqual(await world.resolve('', { workspaceFolder: link }), made);
      assert.deepEqual(await world.resolve('', { workspaceFolder: `${link}/sub/..` }), made);
    });

    it('of the version that was the newest first, also when a newer one is installed', async function () {
      const older = pythons.find(({ version }) => minor(version) !== minor(newest.version));
      if (!older) return this.skip();
      rmSync(path.join(world.programs, `python${minor(newest.version)}`));
      world.install(older);
      const first = await world.resolve('');
      // The system's own may be the newest of all.
      if (first.version === newest.version) return this.skip();
      world.install(newest);
      assert.deepEqual(await world.resolve(''), first);
      assert.equal((await world.resolve(minor(newest.version))).version, newest.version);
      assert.deepEqual(await world.resolve(''), first, 'what was tried once is not the automatic one');
      assert.equal((await world.resolve('', { workspaceFolder: world.home })).version, newest.version);
    });

    it('of every version that is here', async () => {
      const versions = new Map(pythons.map((python) => [minor(python.version), python]));
      for (const [version, python] of versions) {
        world.install(python);
        const made = await world.resolve(version);
        await assertWhole(made);
        assert.equal(minor(made.version), version);
      }
    });

    it('and configuration for uv and Python, or of them in the workspace, changes nothing', async () => {
      withUv();
      process.env.UV_PYTHON = '3.1';
      process.env.UV_VENV_SEED = '1';
      process.env.PYTHONHOME = process.env.PYTHONPATH = process.env.VIRTUAL_ENV = world.home;
      process.env.PIP_REQUIRE_VIRTUALENV = '1';
      mkdirSync(world.environments, { recursive: true });
      for (const folder of [world.workspaceFolder, world.environments, world.home]) {
        writeFileSync(path.join(folder, 'uv.toml'), 'no-such-key = "x"\n');
        writeFileSync(path.join(folder, 'pyproject.toml'), 'not TOML at all');
        writeFileSync(path.join(folder, 'json.py'), 'raise SystemExit("taken for the module json")');
      }
      const made = await world.resolve('');
      assert.match(readFileSync(path.join(made.folder ?? '', 'pyvenv.cfg'), 'utf8'), /^uv = /m);
      assert.equal(existsSync(path.join(made.folder ?? '', 'lib', 'pip')), false);
      delete process.env.PYTHONHOME;
      await assertWhole(made);
    });

    it('made with venv where uv fails', async () => {
      writeScript(path.join(world.programs, 'uv'), ['echo "no luck today" >&2', 'exit 2']);
      await assertWhole(await world.resolve(''));
      assert.match(world.log.join('\n'), /uv did not make .*: no luck today/);
    });
  });

  describe('is made again', () => {
    let made: PythonEnvironment;
    let packages: string;
    beforeEach(async () => {
      made = await world.resolve('');
      packages = packagesOf(made.executable);
      writeFileSync(path.join(packages, 'mine.py'), 'x = 1\n');
      world.log.length = 0;
    });
    const inside = (...parts: string[]) => path.join(made.folder ?? '', ...parts);
    function changeMarker(change: (marker: Record<string, unknown>) => object): void {
      const marker = JSON.parse(readFileSync(markerOf(made), 'utf8'));
      writeFileSync(markerOf(made), JSON.stringify({ ...marker, ...change(marker) }));
    }

    for (const maker of ['uv', 'venv']) {
      for (const [title, damage] of [
        ['its interpreter is gone', () => rmSync(made.executable)],
        [
          'its interpreter is a link that leads nowhere',
          () => {
            for (const name of readdirSync(inside('bin')).filter((name) => name.startsWith('python'))) {
              rmSync(inside('bin', name));
              symlinkSync(path.join(world.root, 'gone'), inside('bin', name));
            }
          },
        ],
        ['its pyvenv.cfg is gone', () => rmSync(inside('pyvenv.cfg'))],
        ['its pyvenv.cfg is empty', () => writeFileSync(inside('pyvenv.cfg'), '')],
        ['its pyvenv.cfg is broken', () => writeFileSync(inside('pyvenv.cfg'), Buffer.alloc(100, 'home'))],
        [
          'its pyvenv.cfg names another home',
          () => writeFileSync(inside('pyvenv.cfg'), `home = ${world.root}\n`),
        ],
        [
          'the interpreter that it is based on was upgraded',
          () => changeMarker(() => ({ baseStamp: { size: 1, mtimeMs: 1 } })),
        ],
        [
          'the interpreter that it is based on is gone',
          () => changeMarker(() => ({ base: path.join(world.root, 'gone') })),
        ],
      ] as const) {
        it(`with ${maker} when ${title}, and keeps its packages`, async () => {
          if (maker === 'uv') withUv();
          damage();
          assert.deepEqual(await world.resolve(''), made);
          assert.equal(world.made().length, 1);
          await assertWhole(made);
          assert.ok(existsSync(path.join(packages, 'mine.py')));
          assert.deepEqual(await world.resolve(''), made);
          assert.equal(world.made().length, 1);
        });
      }
    }

    for (const [title, damage] of [
      ['was left half-made', () => rmSync(markerOf(made))],
      ['has a marker that is cut off', () => writeFileSync(markerOf(made), '{"format":1')],
      ['has a marker of another version', () => changeMarker(() => ({ format: 2 }))],
      ['has a marker with a field of another type', () => changeMarker(() => ({ baseStamp: 7 }))],
    ] as const) {
      it(`from nothing when it ${title}`, async () => {
        damage();
        assert.deepEqual(await world.resolve(''), made);
        await assertWhole(made);
        assert.equal(existsSync(path.join(packages, 'mine.py')), false);
      });
    }

    it('when the record of the automatic version is damaged', async () => {
      const [record = ''] = readdirSync(world.environments).filter((name) => name.endsWith('.json'));
      writeFileSync(path.join(world.environments, record), '{"format":1,"version":"../../x"}');
      assert.deepEqual(await world.resolve(''), made);
      assert.deepEqual(world.made(), []);
    });

    it('but not when somebody changes its settings', async () => {
      const file = inside('pyvenv.cfg');
      writeFileSync(file, `${readFileSync(file, 'utf8')}prompt = mine\n`);
      assert.deepEqual(await world.resolve(''), made);
      assert.deepEqual(world.made(), []);
    });

    it('with what is installed elsewhere when the installation has moved', async function () {
      const workspaceFolder = world.home;
      const installation = path.join(world.root, 'installation');
      const prefix = path.dirname(path.dirname(realpathSync(newest.executable)));
      if (prefix === '/usr') return this.skip();
      symlinkSync(prefix, installation);
      world.link(
        path.join(installation, 'bin', `python${minor(newest.version)}`),
        `python${minor(newest.version)}`,
      );
      const before = await world.resolve('', { workspaceFolder });
      renameSync(installation, `${installation}-moved`);
      world.link(
        path.join(`${installation}-moved`, 'bin', `python${minor(newest.version)}`),
        `python${minor(newest.version)}`,
      );
      assert.deepEqual(await world.resolve('', { workspaceFolder }), before);
      await assertWhole(before);
    });

    it('by no other version than the one that was asked for', async function () {
      const other = pythons.find(({ version }) => minor(version) !== minor(newest.version));
      if (!other || newest.executable.startsWith('/usr/')) return this.skip();
      // `python3` becomes another version when a system is upgraded.
      rmSync(path.join(world.programs, `python${minor(newest.version)}`));
      world.link(newest.executable, 'python3');
      const workspaceFolder = world.home;
      await world.resolve('', { workspaceFolder });
      world.link(other.executable, 'python3');
      await assert.rejects(
        world.resolve(minor(newest.version), { workspaceFolder }),
        refused('start-failed', new RegExp(`No Python ${minor(newest.version)} was found`), /Install it/),
      );
      const next = await world.resolve('', { workspaceFolder });
      assert.notEqual(next.version, newest.version, 'nothing was asked for, so that another one will do');
      await assertWhole(next);
    });
  });

  describe('is made by one at a time', () => {
    interface Report {
      readonly log?: string;
      readonly environment?: PythonEnvironment;
    }
    const options = () => ({ workspaceFolder: world.workspaceFolder, cacheFolder: world.cacheFolder });
    /** Another process that asks for the automatic environment, and what it reports. */
    function ask(): { child: ChildProcess; reports: Report[]; ended: Promise<unknown> } {
      const child = fork(MAKER, [JSON.stringify({ ...options(), python: '' })]);
      children.push(child);
      const reports: Report[] = [];
      child.on('message', (report) => reports.push(report as Report));
      return { child, reports, ended: once(child, 'exit') };
    }
    /** A uv that begins its work and then waits; it notes its process id. */
    function slowUv(): string {
      const notes = path.join(world.root, 'uv-pid');
      writeScript(path.join(world.programs, 'uv'), [
        'case "$1" in python) exit 1;; esac',
        'for last; do :; done',
        `mkdir -p "$last/bin" && ln -s "${newest.executable}" "$last/bin/python"`,
        `echo "home = ${path.dirname(newest.executable)}" > "$last/pyvenv.cfg"`,
        `echo $$ > "${notes}-" && mv "${notes}-" "${notes}"`,
        'sleep 300 & wait',
      ]);
      return notes;
    }
    const isAlive = (pid: number) => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };

    for (const maker of ['uv', 'venv']) {
      it(`when several processes want it at the same time, with ${maker}`, async () => {
        if (maker === 'uv') withUv();
        const asking = [ask(), ask(), ask(), ask()];
        const here = await Promise.all([world.resolve(''), world.resolve('')]);
        await Promise.all(asking.map(({ ended }) => ended));
        const reports = asking.flatMap((one) => one.reports);
        const environments = [...here, ...reports.flatMap(({ environment }) => environment ?? [])];
        assert.equal(environments.length, 6);
        for (const environment of environments) assert.deepEqual(environment, here[0]);
        const lines = [...world.log, ...reports.map(({ log = '' }) => log)];
        assert.equal(lines.filter((line) => line.includes('making ')).length, 1, lines.join('\n'));
        await assertWhole(environments[0] as PythonEnvironment);
      });
    }

    it('and one who is killed at it is in nobody’s way', async () => {
      const notes = slowUv();
      const { child, ended } = ask();
      await until('its notes', () => existsSync(notes));
      child.kill('SIGKILL');
      await ended;
      const orphan = Number(readFileSync(notes, 'utf8'));
      try {
        withUv();
        const made = await world.resolve('');
        assert.match(world.log.join('\n'), /took over the lock/);
        await assertWhole(made);
      } finally {
        process.kill(-orphan, 'SIGKILL');
      }
    });

    it('and one who gives up ends what it started and leaves nothing', async () => {
      const notes = slowUv();
      const giveUp = new AbortController();
      const asked = world.resolve('', { signal: giveUp.signal });
      await until('its notes', () => existsSync(notes));
      const waiting = new AbortController();
      const behind = world.resolve('', { signal: waiting.signal });
      const running = ask();
      await delay(50);
      waiting.abort();
      await assert.rejects(behind, refused('cancelled', /cancelled/, /^$/));
      const pid = Number(readFileSync(notes, 'utf8'));
      assert.ok(isAlive(pid));
      withUv();
      giveUp.abort();
      await assert.rejects(asked, refused('cancelled', /cancelled/, /^$/));
      await until('its end', () => !isAlive(pid));
      await running.ended;
      assert.ok(running.reports.at(-1)?.environment, 'the next one makes it');
      await assertWhole(await world.resolve(''));
    });

    it('and not at all for one who has given up before', async () => {
      const signal = AbortSignal.abort();
      await assert.rejects(world.resolve('', { signal }), refused('cancelled', /cancelled/, /^$/));
      assert.equal(existsSync(world.environments), false);
    });
  });

  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: variables of the setting, not of the code
  describe('can be a named one', () => {
    let interpreter: string;
    let folder: string;
    beforeEach(() => {
      folder = world.inWorkspace('tools', 'env');
      interpreter = makeVenv(newest.executable, folder);
    });

    it('by its folder or its interpreter, absolute or relative', async () => {
      const expected: PythonEnvironment = {
        executable: interpreter,
        folder,
        version: newest.version,
        label: path.join('tools', 'env'),
        kind: 'named',
      };
      for (const setting of [
        folder,
        `${folder}/`,
        interpreter,
        'tools/env',
        './tools/env/bin/python',
        '  ${workspaceFolder}/tools/env ',
      ]) {
        assert.deepEqual(await world.resolve(setting), expected, setting);
      }
      const python3 = path.join(folder, 'bin', 'python3');
      assert.deepEqual(await world.resolve(python3), { ...expected, executable: python3 });
    });

    it('in the home folder', async () => {
      const elsewhere = path.join(world.home, 'envs', '.venv');
      makeVenv(newest.executable, elsewhere);
      for (const setting of ['~/envs/.venv', '${userHome}/envs/.venv']) {
        const { executable, label } = await world.resolve(setting, { workspaceFolder: undefined });
        assert.equal(executable, path.join(elsewhere, 'bin', 'python'));
        assert.equal(label, path.join('envs', '.venv'));
      }
    });

    it('and an installation, with packages of its own', async () => {
      const named = await world.resolve(newest.executable);
      assert.deepEqual(named, {
        executable: newest.executable,
        folder: undefined,
        version: newest.version,
        label: `Python ${minor(newest.version)}`,
        kind: 'named',
      });
    });

    it('and the one behind a shim', async () => {
      const shim = writeScript(path.join(world.root, 'shims', 'python'), [`exec "${interpreter}" "$@"`]);
      assert.equal((await world.resolve(shim)).executable, interpreter);
      const other = makeVenv(newest.executable, path.join(world.root, 'other'));
      writeScript(shim, [`exec "${other}" "$@"`]);
      assert.equal((await world.resolve(shim)).executable, other);
    });

    it('and one of Conda', async () => {
      const base = path.join(world.root, 'miniforge3');
      for (const [place, label] of [
        [base, 'conda base'],
        [path.join(base, 'envs', 'science'), 'conda science'],
      ] as const) {
        mkdirSync(path.join(place, 'conda-meta'), { recursive: true });
        const executable = writeFakePython(path.join(place, 'bin', 'python'), {});
        if (place === base) mkdirSync(path.join(base, 'condabin'));
        const expected = { executable, folder: undefined, version: '3.12.1', label, kind: 'named' };
        assert.deepEqual(await world.resolve(place), expected);
      }
    });

    it('and is started once while its files are the same', async () => {
      const starts = countStarts(interpreter);
      await world.resolve('tools/env');
      await world.resolve('tools/env');
      assert.equal(starts(), 1);
      appendFileSync(path.join(folder, 'pyvenv.cfg'), 'prompt = mine\n');
      await world.resolve('tools/env');
      assert.equal(starts(), 2);
    });

    for (const [setting, message, hint] of [
      ['nowhere', /There is no Python interpreter at .*nowhere/, /setting codeMode\.subprocess\.python/],
      ['${workspaceFolder}', /The folder .*space has no Python interpreter in it/, /folder of a virtual env/],
      ['${env:X}/python', /unknown variable \$\{env:X\}/, /"workspaceFolder" and "userHome"/],
      ['3', /"3", which is no version of two numbers/, /3\.12 rather than 3/],
      ['3.12.1', /no version of two numbers/, /3\.12 rather than 3/],
      ['3.8', /Python 3\.8, which is not supported/, /from 3\.9 to 3\.\d+/],
      ['2.7', /Python 2\.7, which is not supported/, /from 3\.9/],
      ['4.0', /Python 4\.0, which is not supported/, /from 3\.9/],
    ] as const) {
      it(`but not ${setting}`, async () => {
        await assert.rejects(world.resolve(setting), refused('settings', message, hint));
      });
    }

    it('but not a relative one where no folder is open', async () => {
      for (const setting of ['.venv', '${workspaceFolder}/.venv']) {
        await assert.rejects(
          world.resolve(setting, { workspaceFolder: undefined }),
          refused('settings', /no folder is open/, /absolute path/),
        );
      }
    });

    it('but not a broken one', async () => {
      rmSync(interpreter);
      symlinkSync(path.join(world.root, 'gone'), interpreter);
      rmSync(path.join(folder, 'bin', 'python3'));
      await assert.rejects(
        world.resolve(interpreter),
        refused('settings', /is a link to a Python interpreter that is gone/),
      );
      await assert.rejects(world.resolve(folder), refused('settings', /has no Python interpreter in it/));
    });
  });

  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: variables of the setting, not of the code

  describe('is the workspace’s own where nothing is said', () => {
    it('.venv before venv', async () => {
      makeVenv(newest.executable, world.inWorkspace('venv'));
      const second = await world.resolve('');
      assert.deepEqual([second.label, second.kind], ['venv', 'workspace']);
      const interpreter = makeVenv(newest.executable, world.inWorkspace('.venv'));
      const first = await world.resolve('');
      assert.deepEqual([first.label, first.executable], ['.venv', interpreter]);
      assert.deepEqual(world.made(), []);
      const starts = countStarts(interpreter);
      await world.resolve('');
      assert.equal(starts(), 0, 'it is known');
    });

    it('but not where it can’t be used, which is logged', async () => {
      const interpreter = makeVenv(newest.executable, world.inWorkspace('.venv'));
      writeFileSync(world.inWorkspace('venv'), 'a file');
      rmSync(interpreter);
      symlinkSync('/nowhere', interpreter);
      rmSync(world.inWorkspace('.venv/bin/python3'));
      assert.equal((await world.resolve('')).kind, 'managed');
      rmSync(interpreter);
      writeScript(interpreter, ['echo "I am broken" >&2', 'exit 1']);
      assert.equal((await world.resolve('')).kind, 'managed');
      rmSync(interpreter);
      symlinkSync(newest.executable, interpreter);
      rmSync(world.inWorkspace('.venv/pyvenv.cfg'));
      assert.equal((await world.resolve('')).kind, 'managed');
      const lines = world.log.filter((line) => line.includes("the workspace's .venv is not used"));
      assert.match(lines[0] ?? '', /no Python interpreter|no interpreter/);
      assert.match(lines[1] ?? '', /It says: I am broken/);
      assert.match(lines[2] ?? '', /takes itself for that of/);
    });
  });

  describe('can’t be made', () => {
    it('where no Python of that version is found', async () => {
      await assert.rejects(
        world.resolve('3.99'),
        refused('start-failed', /^No Python 3\.99 was found\.$/, /Install it.*executor "sandbox"/),
      );
    });

    it('where the folder for it can’t be written, which is named', async () => {
      const file = path.join(world.root, 'file');
      writeFileSync(file, '');
      for (const cacheFolder of [path.join(file, 'cache'), '/proc/cache']) {
        if (cacheFolder.startsWith('/proc') && process.platform !== 'linux') continue;
        await assert.rejects(
          world.resolve('', { cacheFolder }),
          refused(
            'start-failed',
            new RegExp(`environment ${cacheFolder}/environments/.* could not be made`),
            /disk/,
          ),
        );
      }
    });

    it('where Python’s own venv fails, and the reason is told', async () => {
      writeFakePython(path.join(world.programs, 'python3.98'), { version: [3, 98, 0] }, [
        'case " $* " in *" venv "*) echo "No module named venv" >&2; exit 1;; esac',
      ]);
      await assert.rejects(
        world.resolve('3.98'),
        refused('start-failed', /-3\.98 could not be made: No module named venv/, /setting codeMode/),
      );
      assert.deepEqual(readdirSync(world.environments), []);
    });

    it('where what was made does not start', async () => {
      writeFakePython(path.join(world.programs, 'python3.98'), { version: [3, 98, 0] }, [
        'for last; do :; done',
        'case " $* " in *" venv "*) mkdir -p "$last/bin"; cp /bin/sh "$last/bin/python"; exit 0;; esac',
      ]);
      await assert.rejects(world.resolve('3.98'), refused('start-failed', /-3\.98 could not be made/));
      assert.deepEqual(readdirSync(world.environments), []);
    });
  });

  describe('can be looked at without a start', () => {
    const look = (python: string) => {
      const { workspaceFolder, cacheFolder } = world;
      return existingEnvironment({ python, workspaceFolder, cacheFolder });
    };

    it('of which nothing is made', async () => {
      assert.deepEqual(await look(''), { label: 'managed', environment: undefined });
      const version = minor(newest.version);
      assert.deepEqual(await look(version), { label: `managed, Python ${version}`, environment: undefined });
      assert.equal(existsSync(world.cacheFolder), false);
      const made = await world.resolve('');
      assert.deepEqual(await look(''), { label: made.label, environment: made });
      assert.deepEqual(await look(version), { label: made.label, environment: made });
    });

    it('also one of the workspace that never ran', async () => {
      const interpreter = makeVenv(newest.executable, world.inWorkspace('.venv'));
      const starts = countStarts(interpreter);
      const before = await look('');
      const places = before.environment && (await packagePlaces(before.environment, world.cacheFolder));
      assert.equal(starts(), 0);
      const resolved = await world.resolve('');
      assert.deepEqual(before, { label: '.venv', environment: resolved });
      assert.deepEqual(places?.folders, [packagesOf(interpreter)]);
      const known = await packagePlaces(resolved, world.cacheFolder);
      assert.deepEqual([known?.purelib, known?.scripts], [places?.purelib, places?.scripts]);
      assert.deepEqual(await look('.venv'), { label: '.venv', environment: { ...resolved, kind: 'named' } });
    });

    it('and an installation once it has run', async () => {
      const { executable } = newest;
      assert.deepEqual(await look(executable), { label: executable, environment: undefined });
      const resolved = await world.resolve(executable);
      assert.deepEqual(await look(executable), { label: resolved.label, environment: resolved });
      const places = await packagePlaces(resolved, world.cacheFolder);
      assert.ok(places?.folders.includes(packagesOf(executable)));
      await assert.rejects(look('3'), refused('settings', /no version of two numbers/));
    });

    it('that sees the packages of its base as well', async () => {
      const folder = world.inWorkspace('.venv');
      const flags = ['-I', '-m', 'venv', '--without-pip', '--system-site-packages', folder];
      execFileSync(newest.executable, flags, { timeout: 20_000 });
      const { environment } = await look('');
      assert.ok(environment);
      assert.equal(await packagePlaces(environment, world.cacheFolder), undefined);
      const places = await packagePlaces(await world.resolve(''), world.cacheFolder);
      assert.equal(places?.folders[0], packagesOf(environment.executable));
      assert.ok(places?.folders.includes(packagesOf(newest.executable)));
    });
  });

  describe('are offered', () => {
    it('with those of the workspace, the managed ones and the installations, the newest first', async () => {
      makeVenv(newest.executable, world.inWorkspace('my env'));
      mkdirSync(world.inWorkspace('bin'));
      symlinkSync(newest.executable, world.inWorkspace('bin', 'python'));
      const { folder } = await world.resolve('');
      for (const python of pythons) world.install(python);
      writeScript(path.join(world.programs, 'python3'), ['exit 1']);
      const found = await findInterpreters(options());
      const own = found.find(({ kind }) => kind === 'workspace');
      assert.deepEqual(own, {
        executable: world.inWorkspace('my env', 'bin', 'python'),
        setting: 'my env',
        version: newest.version,
        label: 'my env',
        folder: world.inWorkspace('my env'),
        kind: 'workspace',
      });
      const managed = found.filter(({ kind }) => kind === 'managed');
      assert.deepEqual(
        managed.map((one) => [one.folder, one.setting]),
        [[folder, minor(newest.version)]],
      );
      const installations = found.filter(({ kind }) => kind === 'installation');
      assert.deepEqual(
        new Set(installations.map(({ version }) => minor(version))),
        new Set(pythons.map(({ version }) => minor(version))),
      );
      const files = installations.map(({ executable }) => realpathSync(executable));
      assert.equal(new Set(files).size, files.length, 'each once');
      const minors = found.map(({ version }) => Number(version.split('.')[1]));
      assert.deepEqual(
        minors,
        minors.toSorted((a, b) => b - a),
      );
      for (const { setting, executable, version } of found) {
        const chosen = await world.resolve(setting);
        assert.deepEqual([chosen.executable, chosen.version], [executable, version]);
      }
    });

    it('with an environment that is active, and what it is based on', async () => {
      const interpreter = makeVenv(newest.executable, path.join(world.root, 'active'));
      process.env.PATH = [path.dirname(interpreter), process.env.PATH].join(path.delimiter);
      const found = await findInterpreters(options());
      assert.ok(found.some((one) => one.folder === path.join(world.root, 'active')));
      assert.ok(found.some((one) => one.kind === 'installation' && one.version === newest.version));
      process.env.PATH = path.dirname(interpreter);
      rmSync(path.join(world.programs, `python${minor(newest.version)}`));
      assert.equal((await world.resolve('')).version, newest.version);
    });

    const options = () => ({
      workspaceFolder: world.workspaceFolder,
      cacheFolder: world.cacheFolder,
      log: (line: string) => void world.log.push(line),
    });

    it('from what the launcher of Windows says', () => {
      const text = [
        'Installed Pythons found by C:\\Windows\\py.exe Launcher for Windows',
        ' -V:3.13 *        C:\\Users\\A B\\AppData\\Local\\Programs\\Python\\Python313\\python.exe',
        ' -V:3.12-32       C:\\Python312-32\\python.exe',
        ' -V:ContinuumAnalytics/Anaconda39-64  C:\\anaconda3\\python.exe',
        ' -3.10-64 *       C:\\Python310\\python.exe',
        ' -2.7-64  C:\\Python27\\python.exe',
        '',
        ' * No installed Pythons found!',
      ].join('\r\n');
      assert.deepEqual(parseLauncherList(text), [
        {
          executable: 'C:\\Users\\A B\\AppData\\Local\\Programs\\Python\\Python313\\python.exe',
          version: '3.13',
        },
        { executable: 'C:\\Python312-32\\python.exe', version: '3.12' },
        { executable: 'C:\\anaconda3\\python.exe', version: undefined },
        { executable: 'C:\\Python310\\python.exe', version: '3.10' },
        { executable: 'C:\\Python27\\python.exe', version: '2.7' },
      ]);
    });
  });
});
