import assert from 'node:assert/strict';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SettingsError } from '../../src/core/contract/errors.ts';
import {
  type InterpreterFacts,
  inspectInterpreter,
} from '../../src/core/executors/subprocess/environment/index.ts';
import { versionInName } from '../../src/core/executors/subprocess/environment/installations.ts';
import {
  compareVersions,
  isSupported,
  minorVersion,
} from '../../src/core/executors/subprocess/environment/versions.ts';
import { writeFakePython, writeScript } from '../support/programs.ts';
import { installedPythons, makeVenv, PythonWorld, packagesOf, runAtStart } from '../support/pythonWorld.ts';

/** Before a test moves it. */
const realHome = homedir();

describe('an interpreter', function () {
  this.timeout(60_000);
  let python: string;
  let world: PythonWorld;

  before(async function () {
    // Links and scripts stand for what people have installed.
    if (process.platform === 'win32') return this.skip();
    const [newest] = await installedPythons();
    assert.ok(newest, 'These tests need a CPython 3.9 or newer: install one.');
    python = newest.executable;
  });
  beforeEach(() => {
    world = new PythonWorld();
  });
  afterEach(() => world.leave());

  const refused = (message: RegExp) => (error: unknown) => {
    assert.ok(error instanceof SettingsError, String(error));
    assert.match(error.message, message);
    assert.match(error.hint ?? '', /setting codeMode\.subprocess\.python/);
    return true;
  };
  const at = (...parts: string[]) => path.join(world.root, ...parts);

  describe('says what it is', () => {
    it('in an installation and in an environment', async () => {
      const installed = await inspectInterpreter(python);
      assert.match(installed.version, /^3\.\d+\.\d+$/);
      assert.deepEqual([installed.executable, installed.prefix], [python, installed.basePrefix]);
      const folder = at('an environment');
      const interpreter = makeVenv(python, folder);
      const packages = packagesOf(interpreter);
      const expected: InterpreterFacts = {
        ...installed,
        executable: interpreter,
        prefix: folder,
        packages: {
          ...installed.packages,
          purelib: packages,
          platlib: packages,
          folders: [packages],
          scripts: path.dirname(interpreter),
        },
      };
      assert.deepEqual(await inspectInterpreter(interpreter), expected);
    });

    for (const [title, code] of [
      ['prints', 'print("hello from the start")'],
      [
        'prints without a newline, what looks like an answer',
        'import sys; sys.stdout.write(\'{"version": [1]}\')',
      ],
      ['prints much', 'print("x" * 2_000_000)'],
      ['complains', 'import sys; print("careful!", file=sys.stderr)'],
      ['has replaced its output', 'import io, sys; sys.stdout = io.StringIO()'],
      ['has closed its output', 'import sys; sys.stdout.close(); sys.stdout = None'],
      ['raises an error', 'raise ValueError("not today")'],
      ['leaves a child behind that has its output', 'import subprocess; subprocess.Popen(["sleep", "300"])'],
    ] as const) {
      it(`also when it ${title} while it starts`, async () => {
        const folder = at('env');
        const interpreter = makeVenv(python, folder);
        writeFileSync(path.join(packagesOf(interpreter), 'sitecustomize.py'), 'print("and here as well")\n');
        runAtStart(interpreter, code);
        assert.equal((await inspectInterpreter(interpreter)).prefix, folder);
      });
    }

    it('whatever modules lie around it, and whatever the environment says', async () => {
      const folder = at('env');
      const interpreter = makeVenv(python, folder);
      for (const place of [path.join(folder, 'bin'), world.home]) {
        for (const name of ['json', 'os']) {
          writeFileSync(path.join(place, `${name}.py`), 'raise SystemExit("the wrong module")\n');
        }
      }
      Object.assign(process.env, { PYTHONPATH: world.home, PYTHONHOME: world.home, PYTHONINSPECT: '1' });
      assert.equal((await inspectInterpreter(interpreter)).prefix, folder);
    });

    it('without seeing secrets', async () => {
      process.env.MY_API_TOKEN = 'hush';
      const folder = at('env');
      const interpreter = makeVenv(python, folder);
      const seen = at('seen');
      runAtStart(interpreter, `import os; open(${JSON.stringify(seen)}, "w").write(" ".join(os.environ))`);
      await inspectInterpreter(interpreter);
      assert.match(readFileSync(seen, 'utf8'), /PATH/);
      assert.doesNotMatch(readFileSync(seen, 'utf8'), /TOKEN/);
    });
  });

  describe('is refused', () => {
    it('where there is none', async () => {
      await assert.rejects(
        inspectInterpreter(at('none')),
        refused(/There is no Python interpreter at .*none/),
      );
      await assert.rejects(inspectInterpreter(`${python}/python`), refused(/There is no Python interpreter/));
      symlinkSync(at('gone'), at('link'));
      await assert.rejects(
        inspectInterpreter(at('link')),
        refused(/link to a Python interpreter that is gone/),
      );
    });

    it('where it is a folder', async () => {
      await assert.rejects(inspectInterpreter(world.root), refused(/is a folder, not a Python interpreter/));
    });

    it('where it can’t be run', async () => {
      writeFileSync(at('text'), 'print(1)\n', { mode: 0o644 });
      await assert.rejects(inspectInterpreter(at('text')), refused(/is not an executable program/));
    });

    it('where it is a text file, which is not run', async () => {
      writeFileSync(at('text'), `echo > '${at('it-ran')}'\n`, { mode: 0o755 });
      await assert.rejects(inspectInterpreter(at('text')), refused(/is a text file/));
      writeFileSync(at('empty'), '', { mode: 0o755 });
      await assert.rejects(inspectInterpreter(at('empty')), refused(/is a text file/));
      assert.equal(existsSync(at('it-ran')), false);
    });

    it('where it is another program', async () => {
      for (const program of ['/bin/true', '/usr/bin/true', '/bin/echo', '/bin/ls', '/bin/sh']) {
        if (!existsSync(program)) continue;
        await assert.rejects(inspectInterpreter(program), refused(/no Python interpreter/), program);
      }
    });

    it('where it is broken, and its last words are told', async () => {
      const broken = writeScript(at('broken'), ['echo one >&2', 'echo "libpython is gone" >&2', 'exit 127']);
      await assert.rejects(
        inspectInterpreter(broken),
        refused(/does not start\. It says: libpython is gone$/),
      );
      const without = writeScript(at('without'), ['#', 'exec /no/such/program']);
      await assert.rejects(inspectInterpreter(without), refused(/does not start/));
      const killed = writeScript(at('killed'), ['kill -SEGV $$']);
      await assert.rejects(inspectInterpreter(killed), refused(/does not start/));
    });

    it('where it hangs at its start, and ends with all that it started', async () => {
      const notes = at('notes');
      const hanging = writeScript(at('hanging'), [`sleep 300 & echo $$ $! > "${notes}"`, 'sleep 300']);
      await assert.rejects(
        inspectInterpreter(hanging, { timeoutMs: 1000 }),
        refused(/did not start within 1 seconds/),
      );
      for (const pid of readFileSync(notes, 'utf8').trim().split(' ').map(Number)) await gone(pid);
    });

    it('where it prints without end', async () => {
      const folder = at('env');
      const interpreter = makeVenv(python, folder);
      runAtStart(interpreter, 'while True: print("again and again")');
      await assert.rejects(inspectInterpreter(interpreter), refused(/does not start/));
    });

    it('where it is too old, and its version is named', async () => {
      for (const version of [
        [2, 7, 18],
        [3, 8, 20],
      ]) {
        const old = writeFakePython(at('python'), { version });
        await assert.rejects(
          inspectInterpreter(old),
          refused(new RegExp(`is Python ${version.join('\\.')}; 3\\.9 or newer is needed`)),
        );
      }
    });

    it('where it is not CPython', async () => {
      const other = writeFakePython(at('pypy3'), { implementation: 'pypy' });
      await assert.rejects(inspectInterpreter(other), refused(/is PyPy, not CPython/));
    });
  });

  it('that is really too old says so', async function () {
    const versions = path.join(process.env.PYENV_ROOT ?? path.join(realHome, '.pyenv'), 'versions');
    const old = ['2.7.18', '3.6.15', '3.7.16', '3.8.18'].filter((version) =>
      existsSync(path.join(versions, version)),
    );
    if (old.length === 0) return this.skip();
    for (const version of old) {
      await assert.rejects(
        inspectInterpreter(path.join(versions, version, 'bin', 'python')),
        refused(new RegExp(`is Python ${version}; 3\\.9 or newer`)),
      );
    }
  });

  it('has its version in its name or in that of its folder', () => {
    for (const [name, version] of [
      ['python3.12', '3.12'],
      ['python3.12.exe', '3.12'],
      ['Python312', '3.12'],
      ['Python39-32', '3.9'],
      ['3.12.1', '3.12'],
      ['3.13.0t', '3.13'],
      ['2.7.18', '2.7'],
      ['cpython-3.12.1-linux-x86_64-gnu', '3.12'],
      ['python3', undefined],
      ['python', undefined],
      ['pypy3.10-7.3.12', undefined],
      ['miniconda3-latest', undefined],
      ['envs', undefined],
    ] as const) {
      assert.equal(versionInName(name), version, name);
    }
  });

  it('has a version that is compared by its numbers', () => {
    assert.ok(compareVersions('3.9', '3.10') < 0);
    assert.ok(compareVersions('3.10.2', '3.10') > 0);
    assert.equal(compareVersions('3.10.0', '3.10'), 0);
    assert.deepEqual(['2.7', '3.8.20', '3.9', '3.14.1', '4.0'].map(isSupported), [
      false,
      false,
      true,
      true,
      true,
    ]);
    assert.equal(minorVersion('3.12.1'), '3.12');
  });
});

async function gone(pid: number): Promise<void> {
  for (let turn = 0; turn < 500; turn += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await delay(10);
  }
  assert.fail(`The process ${pid} is still there.`);
}
