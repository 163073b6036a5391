import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import type { RunOptions } from '../../src/core/contract/execution.ts';
import type { Executor } from '../../src/core/contract/executor.ts';
import type { ApprovalRequest } from '../../src/core/contract/tools.ts';
import { openDependencyConfiguration } from '../../src/core/deps/configuration/index.ts';
import type { DepsSpec } from '../../src/core/deps/depsSpec.ts';
import type { ExecutorContext, ExecutorDescriptor } from '../../src/core/executors/registry.ts';
import { type PackageServer, servePackages, wheel } from '../support/packages.ts';
import { installedPythons, makeVenv } from '../support/pythonWorld.ts';
import { assertOk, HANG_S, Subject } from './support/subject.ts';

/** Packages of one executor, from an index of the tests' own. @param defaults as those of {@link Subject} */
export function describePackages(
  descriptor: ExecutorDescriptor,
  defaults: Partial<ExecutorContext> = {},
): void {
  describe(`packages of the executor "${descriptor.id}"`, function () {
    this.timeout(120_000);
    this.slow(10_000);
    const subject = new Subject(descriptor, defaults);
    const disposals: (() => unknown)[] = [];
    let workspaceFolder: string;
    let base: string;
    let index: PackageServer;
    /** Its Python runs, and stays as the packages come and go. */
    let executor: Executor;

    before(async function () {
      workspaceFolder = await realpath(await mkdtemp(path.join(tmpdir(), 'code-mode-deps-')));
      base = path.join(workspaceFolder, '.code-mode');
      await mkdir(base);
      // An environment of the workspace's own, for those that take one.
      const [python] = await installedPythons();
      if (python) makeVenv(python.executable, path.join(workspaceFolder, '.venv'));
      index = await servePackages([
        wheel({ name: 'tiny', version: '1.0' }),
        wheel({ name: 'tiny', version: '2.0' }),
        wheel({ name: 'my-user', version: '1.0', requires: ['tiny>=1'] }),
        wheel({ name: 'slow', version: '1.0', requires: ['tiny'] }),
        wheel({ name: 'broken', version: '1.0', requires: ['nowhere-to-be-found'] }),
      ]);
      executor = create();
      await executor.start();
      if (!executor.supports('deps_install')) this.skip();
    });
    after(async () => {
      for (const dispose of disposals.splice(0).reverse()) await dispose();
      await index[Symbol.asyncDispose]();
      await rm(workspaceFolder, { recursive: true, force: true });
    });
    beforeEach(async () => {
      await requirements('');
      await executor.dependencies.uninstall(['tiny', 'my-user', 'slow']);
      index.intervene = undefined;
      index.requests.length = 0;
    });

    /** One more of the same environment; ended after the suite. */
    function create(spec: DepsSpec = {}): Executor {
      const deps: DepsSpec = { indexUrl: index.url, ...spec };
      const log = () => undefined;
      const configuration = openDependencyConfiguration({ baseFolder: base, deps }, { log });
      const created = subject.create({
        workspaceFolder,
        baseFolder: base,
        deps: { configuration, spec: deps },
      });
      disposals.push(
        () => configuration[Symbol.asyncDispose](),
        () => created.close(),
      );
      return created;
    }

    const file = () => path.join(base, 'requirements.txt');
    const requirements = (text: string) => writeFile(file(), text);
    const run = (code: string, options: RunOptions = {}) =>
      executor.run(code, { timeoutS: HANG_S, ...options });

    async function installed(): Promise<Record<string, string>> {
      const { installed: found } = await executor.dependencies.report();
      const ours = found.filter(({ name }) => ['tiny', 'my-user', 'slow', 'broken'].includes(name));
      return Object.fromEntries(ours.map(({ name, version }) => [name, version]));
    }

    async function value(code: string): Promise<unknown> {
      const result = await run(code);
      assertOk(result);
      return result.value;
    }

    async function rejected(change: Promise<unknown>, code: CodeModeError['code']): Promise<CodeModeError> {
      const error = await change.then(
        () => assert.fail('It went through.'),
        (reason: unknown) => reason,
      );
      assert.ok(CodeModeError.is(error, code), String(error));
      return error;
    }

    it('are added and imported in the same run, with what they need', async () => {
      const result = await run(
        'result = deps.add("My_User")\nimport my_user, tiny\n[result.installed, tiny.VERSION]',
      );
      assertOk(result);
      assert.deepEqual(result.value, [['My_User'], '2.0']);
      assert.deepEqual(await installed(), { 'my-user': '1.0', tiny: '2.0' });
      assert.equal(await readFile(file(), 'utf8'), 'my-user\n');
      assert.deepEqual(await value('deps.list()'), ['my-user']);
      const { installed: found } = await executor.dependencies.report();
      assert.deepEqual(found.find(({ name }) => name === 'my-user')?.requires, ['tiny']);
    });

    it('that are there start no installer; one that imports an older version is told', async () => {
      await executor.installDeps(['tiny==1.0']);
      assert.equal(
        await value('import sys\nsys.modules.pop("tiny", None)\nimport tiny\ntiny.VERSION'),
        '1.0',
      );
      index.requests.length = 0;
      const lines: string[] = [];
      const onProgress = (line: string) => void lines.push(line);
      const result = await executor.dependencies.add(['tiny>=1'], { onProgress });
      assert.deepEqual(result, { installed: [], alreadyPresent: ['tiny>=1'], failed: [] });
      assert.deepEqual([lines, index.requests], [[], []]);
      assert.equal(await readFile(file(), 'utf8'), 'tiny>=1\n');
      assert.deepEqual(await executor.dependencies.newest(), { tiny: '2.0' });
      assert.deepEqual((await executor.dependencies.upgrade(['tiny'], { onProgress })).installed, ['tiny']);
      assert.deepEqual(await installed(), { tiny: '2.0' });
      assert.match(lines.at(-1) ?? '', /tiny.* imported already: restart Python/);
    });

    it('are removed, and those that others need with a word', async () => {
      await executor.dependencies.add(['my-user']);
      const lines: string[] = [];
      const removed = await executor.dependencies.remove(['tiny'], {
        onProgress: (line) => lines.push(line),
      });
      assert.deepEqual(removed, { removed: ['tiny'], notFound: [], failed: [], removedFromConfig: false });
      assert.ok(lines.includes('tiny is needed by my-user.'));
      assert.equal(
        await value(
          'result = deps.remove("my_user", "absent")\n[result.removed, result.not_found, result.removed_from_config]',
        ).then((found) => JSON.stringify(found)),
        '[["my_user"],["absent"],true]',
      );
      assert.deepEqual(await installed(), {});
      assert.equal(await readFile(file(), 'utf8'), '');
      const gone =
        'import importlib.metadata as m\nsorted(d.name for d in m.distributions() if d.name in ("tiny", "my-user"))';
      assert.deepEqual(await value(gone), []);
    });

    it('are synced also where none may be added or removed, and nothing is started where nothing is missing', async () => {
      const text = '# what we need\ntiny==1.0  # not newer\n\nmy-user\n';
      await requirements(text);
      const strict = create({ allowRuntimeChanges: false });
      await rejected(strict.addDep('slow'), 'runtime-deps-disabled');
      await rejected(strict.removeDep('tiny'), 'runtime-deps-disabled');
      assert.deepEqual(await strict.listDeps(), ['tiny==1.0', 'my-user']);
      const configured = ['tiny==1.0', 'my-user'];
      assert.deepEqual(await strict.syncDeps(), { installed: configured, alreadyPresent: [], failed: [] });
      index.requests.length = 0;
      const code = 'result = deps.sync()\n[result.installed, result.already_present]';
      assert.deepEqual(await value(code), [[], configured]);
      assert.deepEqual(index.requests, []);
      assert.deepEqual(await installed(), { 'my-user': '1.0', tiny: '1.0' });
      assert.equal(await readFile(file(), 'utf8'), text);
    });

    it('that cannot be installed fail with the reason, and the others are there', async () => {
      const { installed: done, failed } = await executor.dependencies.add(['tiny', 'broken']);
      assert.deepEqual(done, ['tiny']);
      assert.deepEqual(
        failed.map((failure) => failure.package),
        ['broken'],
      );
      assert.match(failed[0]?.reason ?? '', /nowhere-to-be-found/);
      assert.deepEqual(await installed(), { tiny: '2.0' });
      assert.equal(await readFile(file(), 'utf8'), 'tiny\n');
    });

    it('change one after the other, also for two sessions', async () => {
      const results = await Promise.all([executor.addDep('tiny==1.0'), create().addDep('my-user')]);
      assert.deepEqual(
        results.flatMap(({ failed }) => failed),
        [],
      );
      assert.deepEqual(await installed(), { 'my-user': '1.0', tiny: '1.0' });
      assert.deepEqual(new Set(await executor.listDeps()), new Set(['tiny==1.0', 'my-user']));
    });

    it('are as they were after a change that was cancelled', async () => {
      const controller = new AbortController();
      // The index is asked for a package that nobody has asked for yet, and never answers.
      const never = index.stalling();
      index.intervene = (request, response) => {
        controller.abort();
        return never(request, response);
      };
      await rejected(executor.dependencies.add(['slow'], { signal: controller.signal }), 'cancelled');
      assert.deepEqual(await installed(), {});
      assert.equal(await readFile(file(), 'utf8'), '');
    });

    it('are asked for where an agent wants them', async () => {
      const asked: ApprovalRequest[] = [];
      const onApproval = async (request: ApprovalRequest) => {
        asked.push(request);
        return 'no' as const;
      };
      const refused = await run('deps.add("tiny==1.0")', { initiator: 'agent', onApproval });
      assert.equal(refused.error?.type, 'ToolRefusedError');
      assert.match(asked[0]?.commandLine ?? '', /^install tiny==1\.0 into /);
      const alone = await run('deps.add("tiny")', { initiator: 'agent' });
      assert.equal(alone.error?.type, 'ToolRefusedError');
      assert.match(alone.error?.message ?? '', /nobody is there to give it/);
      assert.deepEqual(await installed(), {});
      assert.equal(asked.length, 1);
    });
  });
}
