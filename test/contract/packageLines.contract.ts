import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Executor } from '../../src/core/contract/executor.ts';
import { openDependencyConfiguration } from '../../src/core/deps/configuration/index.ts';
import type { DepsSpec } from '../../src/core/deps/depsSpec.ts';
import type { ExecutorContext, ExecutorDescriptor } from '../../src/core/executors/registry.ts';
import { wheel, writePackages } from '../support/packages.ts';
import { installedPythons, makeVenv } from '../support/pythonWorld.ts';
import { assertOk, HANG_S, observe, Subject } from './support/subject.ts';

const VERSION = (version: string) => ({ 'tiny.py': `__version__ = VERSION = "${version}"\n` });

/** Packages as cells of one executor ask for them, by lines of pip and by `deps`. @param defaults as those of {@link Subject} */
export function describePackageLines(
  descriptor: ExecutorDescriptor,
  defaults: Partial<ExecutorContext> = {},
): void {
  describe(`packages from Python of the executor "${descriptor.id}"`, function () {
    this.timeout(120_000);
    this.slow(10_000);
    const subject = new Subject(descriptor, defaults);
    const disposals: (() => unknown)[] = [];
    let workspaceFolder: string;
    let wheels: string;
    let executor: Executor;

    before(async function () {
      workspaceFolder = await realpath(await mkdtemp(path.join(tmpdir(), 'code-mode-lines-')));
      const [python] = await installedPythons();
      if (python) makeVenv(python.executable, path.join(workspaceFolder, '.venv'));
      wheels = await writePackages(path.join(workspaceFolder, 'wheels'), [
        wheel({ name: 'tiny', version: '1.0', files: VERSION('1.0'), summary: 'It is small.' }),
        wheel({ name: 'tiny', version: '2.0', files: VERSION('2.0') }),
        wheel({ name: 'my-user', version: '1.0', requires: ['tiny>=1'] }),
        wheel({
          name: 'by-path',
          version: '1.0',
          files: { 'by-path.pth': 'aside\n', 'aside/by_path.py': 'x = 7\n' },
        }),
      ]);
      executor = create();
      await executor.start();
      if (!executor.supports('deps_install')) this.skip();
    });
    after(async () => {
      for (const dispose of disposals.splice(0).reverse()) await dispose();
      await rm(workspaceFolder, { recursive: true, force: true, maxRetries: 5 });
    });
    /** One more of the same environment; ended after the suite. */
    function create(spec: DepsSpec = {}): Executor {
      const deps: DepsSpec = { offline: true, wheelFolders: [wheels], ...spec };
      const configuration = openDependencyConfiguration({ deps }, { log: () => undefined });
      const created = subject.create({ workspaceFolder, deps: { configuration, spec: deps } });
      disposals.push(
        () => configuration[Symbol.asyncDispose](),
        () => created.close(),
      );
      return created;
    }

    const run = (code: string) => executor.run(code, { timeoutS: HANG_S });

    async function value(code: string): Promise<unknown> {
      const result = await run(code);
      assertOk(result);
      return result.value;
    }

    // Each of these goes on with the packages that the one before has left: a change takes its time.

    it('are installed by a line of a cell and imported by the next, with folders of their own', async () => {
      const observed = await observe(
        executor,
        'x = 1\nif x:\n    %pip install my-user tiny==1.0 by-path  # all\nimport by_path, my_user, tiny\n[tiny.VERSION, by_path.x]',
      );
      assertOk(observed.result);
      assert.deepEqual(observed.result.value, ['1.0', 7]);
      assert.equal(observed.result.stdout, 'Installed: my-user 1.0, tiny 1.0, by-path 1.0\n');
      assert.equal(observed.result.stderr, '');
      assert.ok(observed.events.some(({ kind }) => kind === 'progress'));
      const again = await run('!uv pip install tiny\n%pip install -q my_user');
      assert.deepEqual([again.stdout, again.error], ['Already there: tiny 1.0\n', null]);
    });

    it('are listed, frozen and shown', async () => {
      const { stdout, error } = await run(
        '%pip list\nprint("====")\n!pip freeze\nprint("====")\n%pip show tiny my_user absent',
      );
      assert.equal(error, null);
      const [list = '', freeze = '', show = ''] = stdout.split('====\n');
      assert.match(list, /^Package +Version\n[\s\S]*^tiny +1\.0$/m);
      assert.match(freeze, /^my-user==1\.0\n[\s\S]*^tiny==1\.0$/m);
      assert.match(
        show,
        /^Name: tiny\nVersion: 1\.0\nSummary: It is small\.\nLocation: .*\nRequires: \n---\n/,
      );
      assert.match(show, /^Name: my-user\n[\s\S]*Requires: tiny\n$/m);
    });

    it('are upgraded, with a word on what was imported before, and removed', async () => {
      const upgraded = await run('%pip install --upgrade tiny>=1\ntiny.VERSION');
      assertOk(upgraded);
      assert.deepEqual(
        [upgraded.value, upgraded.stdout, upgraded.stderr],
        [
          '1.0',
          'Installed: tiny 2.0\n',
          'tiny is imported already: restart Python to use the new version of it.\n',
        ],
      );
      const removed = await run(
        '%pip uninstall -y tiny absent\nimport sys\ndel sys.modules["tiny"]\nimport tiny',
      );
      assert.equal(removed.stdout, 'Removed: tiny\nNot installed: absent\n');
      assert.deepEqual([removed.error?.type, removed.error?.missingModule], ['ModuleNotFoundError', 'tiny']);
    });

    it('are taken from a file, and what it asks for besides is refused', async () => {
      const files =
        'import tempfile, os\nos.chdir(tempfile.mkdtemp())\nopen("wanted.txt", "w").write("# ours\\ntiny==1.0  # small\\n-r more.txt\\n")\nopen("more.txt", "w").write("my-user\\n")\n';
      const { stdout, error } = await run(`${files}%pip install -r wanted.txt`);
      assert.deepEqual([stdout, error], ['Installed: tiny 1.0\nAlready there: my-user 1.0\n', null]);
      const refused = await run('open("more.txt", "w").write("--pre\\n")\n%pip install -r wanted.txt');
      assert.equal(refused.error?.type, 'UsageError');
      assert.match(refused.error.message, /more\.txt has an option that %pip does not honour: --pre/);
    });

    it('that fail end the run, with the reason', async () => {
      const result = await run('print("before")\n%pip install tiny no-such-package-here\nprint("after")');
      assert.equal(result.stdout, 'before\nAlready there: tiny 1.0\n');
      assert.match(result.stderr, /^Failed: no-such-package-here: .+/);
      assert.equal(result.error?.type, 'InstallError');
      assert.equal(result.error.message, 'Could not install: no-such-package-here.');
      assert.match(
        result.error.traceback,
        /line 2, in <module>\n {4}%pip install tiny no-such-package-here\n/,
      );
      assert.equal((await run('deps.add("https://example.org/a.whl")')).error?.type, 'UsageError');
    });

    it('say what became of them where that is the value of a cell', async () => {
      const removed = await run('deps.remove("tiny", "my-user", "absent")');
      assert.deepEqual(
        [removed.value, removed.valueIsRepr],
        ['Removed: tiny, my-user\nNot installed: absent', true],
      );
      assert.equal(await value('bool(deps.remove("tiny"))'), false);
    });

    it('are added from inside of a coroutine and, where there are threads, from one of these', async () => {
      const coroutine =
        'import asyncio\nasync def main():\n    added = deps.add("tiny==1.0")\n    import tiny\n    return [tiny.VERSION, repr(added)]\n';
      assert.deepEqual(await value(`${coroutine}await main()`), ['1.0', 'Installed: tiny 1.0']);
      if ((await value('import sys\nsys.platform')) === 'emscripten') return;
      const thread =
        'from threading import Thread\nthread = Thread(target=deps.add, args=("my-user",))\nthread.start()\nthread.join()\n';
      assert.equal(await value(`${thread}import my_user\nmy_user.VERSION`), '1.0');
    });

    it('are refused with an error of its own where they may not be changed', async () => {
      for (const [spec, type] of [
        [{ allowRuntimeChanges: false }, 'RuntimeDepsDisabledError'],
        [{ isTrusted: false }, 'UntrustedError'],
      ] as const) {
        const strict = create(spec);
        for (const code of [
          '%pip install tiny',
          'deps.add("tiny")',
          '%pip uninstall tiny',
          'deps.remove("tiny")',
        ]) {
          const { error } = await strict.run(code, { timeoutS: HANG_S });
          assert.equal(error?.type, type, `${code}: ${error?.message}`);
        }
        assertOk(await strict.run('%pip list\ndeps.list()', { timeoutS: HANG_S }));
        await strict.close();
      }
      assert.equal(await value('import tiny\ntiny.VERSION'), '1.0');
    });
  });
}
