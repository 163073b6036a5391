import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unlessAborted } from '../../src/core/common/unlessAborted.ts';
import type { CallingRun, HostCall } from '../../src/core/connection/hostCalls.ts';
import { CodeModeError, InstallError } from '../../src/core/contract/errors.ts';
import type { ApprovalAnswer, ApprovalRequest } from '../../src/core/contract/tools.ts';
import { isPackageApproval } from '../../src/core/deps/changes/changeApproval.ts';
import type { CodeLine, PackageChange } from '../../src/core/deps/codeLine.ts';
import { openDependencyConfiguration } from '../../src/core/deps/configuration/index.ts';
import { dependencyCalls } from '../../src/core/deps/dependencyCalls.ts';
import type { DepsSpec } from '../../src/core/deps/depsSpec.ts';
import { DependencyService, type DependencyServiceOptions } from '../../src/core/deps/service.ts';
import { ApprovalStore } from '../../src/core/tools/approvals/approvalStore.ts';
import { FolderInstaller } from '../support/folderInstaller.ts';

/** Code that runs until it is told to end, and remembers what it was told of packages. */
class RunningCode implements CodeLine {
  readonly refreshed: PackageChange[] = [];
  stale: readonly string[] = [];
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  end = (): void => undefined;

  run(): void {
    this.#isRunning = true;
    this.#running = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  async whileIdle<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (this.#isRunning) {
      const cancelled = () =>
        new CodeModeError('cancelled', 'Cancelled while it waited for the code that runs.');
      await unlessAborted(this.#running, signal, cancelled);
    }
    return await work();
  }

  async refresh(change: PackageChange): Promise<readonly string[]> {
    this.refreshed.push(change);
    return this.stale;
  }
}

describe('the packages of a session', () => {
  const disposals: (() => unknown)[] = [];
  let folder = '';
  let base = '';
  let installer: FolderInstaller;
  let code: RunningCode;
  let logged: string[] = [];
  let told: string[] = [];
  const onProgress = (line: string) => void told.push(line);
  const requirements = () => readFile(path.join(base, 'requirements.txt'), 'utf8');
  const write = (text: string) => writeFile(path.join(base, 'requirements.txt'), text);
  const versions = async () =>
    Object.fromEntries((await installer.installed()).map(({ name, version }) => [name, version]));

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'code-mode-deps-'));
    base = path.join(folder, 'base');
    await mkdir(base);
    installer = new FolderInstaller(path.join(folder, 'site-packages'), {
      six: ['1.16.0', '1.17.0'],
      rich: ['13.0', '14.0'],
      'my-package': ['1.0'],
      pygments: ['2.0'],
    });
    code = new RunningCode();
    logged = [];
    told = [];
  });
  afterEach(async () => {
    for (const dispose of disposals.splice(0).reverse()) await dispose();
    await rm(folder, { recursive: true, force: true });
  });

  function open(spec: DepsSpec = {}, more: Partial<DependencyServiceOptions> = {}): DependencyService {
    const log = (line: string) => void logged.push(line);
    const configuration = openDependencyConfiguration({ baseFolder: base, deps: spec }, { log });
    const service = new DependencyService({
      executor: 'test',
      installer,
      noInstaller: '',
      configuration,
      spec,
      approvals: undefined,
      codeLine: code,
      mask: (text) => text.replaceAll('s3cret', '•••'),
      log,
      ...more,
    });
    disposals.push(
      () => configuration[Symbol.asyncDispose](),
      () => service.dispose(),
    );
    return service;
  }

  async function rejection(promise: Promise<unknown>, code?: CodeModeError['code']): Promise<CodeModeError> {
    const error = await promise.then(
      () => assert.fail('It went through.'),
      (reason: unknown) => reason,
    );
    assert.ok(CodeModeError.is(error), String(error));
    if (code !== undefined) assert.equal(error.code, code, error.message);
    return error;
  }

  describe('are added', () => {
    it('and are installed and configured then', async () => {
      const service = open();
      let changes = 0;
      service.onDidChange(() => {
        changes += 1;
      });
      assert.deepEqual(await service.add(['My_Package', 'six>=1.16'], { onProgress }), {
        installed: ['My_Package', 'six>=1.16'],
        alreadyPresent: [],
        failed: [],
      });
      assert.deepEqual(await versions(), { 'my-package': '1.0', six: '1.17.0' });
      assert.deepEqual(await service.list(), ['my-package', 'six>=1.16']);
      assert.deepEqual(code.refreshed, [{ names: ['my-package', 'six'] }]);
      assert.deepEqual(told, ['installed 2 packages']);
      assert.ok(changes > 0);
      const [line = ''] = logged;
      assert.match(
        line,
        /^deps: add My_Package six>=1\.16: my-package 1\.0 was installed, six 1\.17\.0 was installed \(\d+\.\d s\)$/,
      );
    });

    it('without an installer where they are there, but configured all the same', async () => {
      await installer.put('six', '1.16.0');
      const service = open();
      assert.deepEqual(await service.add(['six>=1.10']), {
        installed: [],
        alreadyPresent: ['six>=1.10'],
        failed: [],
      });
      assert.deepEqual(installer.asked, []);
      assert.equal(await requirements(), 'six>=1.10\n');
    });

    it('in one go, and of those that were there already it is said', async () => {
      await installer.put('six', '1.16.0');
      assert.deepEqual(await open().add(['six', 'rich']), {
        installed: ['rich'],
        alreadyPresent: ['six'],
        failed: [],
      });
      assert.deepEqual(installer.asked, ['install rich']);
    });

    it('in another version where the one that is there does not do', async () => {
      await installer.put('six', '1.16.0');
      assert.deepEqual((await open().add(['six>=1.17'])).installed, ['six>=1.17']);
      assert.deepEqual(await versions(), { six: '1.17.0' });
    });

    it('one after the other where that failed together, so that those fail that are to blame', async () => {
      const service = open();
      const { installed, failed } = await service.add(['six', 'nowhere', 'rich>=99', 'rich'.repeat(2)], {
        onProgress,
      });
      assert.deepEqual(installed, ['six']);
      assert.deepEqual(failed, [
        { package: 'nowhere', reason: 'There is no version that fits nowhere.' },
        { package: 'rich>=99', reason: 'There is no version that fits rich>=99.' },
        { package: 'richrich', reason: 'There is no version that fits richrich.' },
      ]);
      assert.deepEqual(await service.list(), ['six']);
      assert.match(told.join('\n'), /Together that failed; one after the other: six, nowhere/);
    });

    it('as the store has them where only their name is given, and what it says stays', async () => {
      await write('# ours\nsix==1.16.0  # not newer\n');
      assert.deepEqual(await open().add(['six']), { installed: ['six'], alreadyPresent: [], failed: [] });
      assert.deepEqual(await versions(), { six: '1.16.0' });
      assert.equal(await requirements(), '# ours\nsix==1.16.0  # not newer\n');
    });

    it('with extras by the installer alone, which knows what they bring', async () => {
      await installer.put('six', '1.17.0');
      const result = await open().add(['six[all]']);
      assert.deepEqual(result, { installed: [], alreadyPresent: ['six[all]'], failed: [] });
      assert.deepEqual(installer.asked, ['install six[all]']);
      assert.equal(await requirements(), 'six[all]\n');
    });

    it('not at all where a name is none, whatever the others are', async () => {
      const service = open();
      const wrong = ['', ' ', '--index-url=x', '-r x', 'a;b', 'six @ https://x.example/six.whl', './six'];
      wrong.push('https://x.example/six.whl', 'six; os_name == "nt"', 'six\n', 'a'.repeat(257), '$(id)');
      for (const name of wrong) await rejection(service.add(['rich', name]), 'usage');
      await rejection(service.add(['six==1.16.0', 'Six==1.17.0']), 'usage');
      await rejection(service.remove(['six>=1.0']), 'usage');
      await rejection(service.lookUp('-x'), 'usage');
      assert.deepEqual(installer.asked, []);
    });

    it('and nothing is done for none', async () => {
      assert.deepEqual(await open().add([]), { installed: [], alreadyPresent: [], failed: [] });
      assert.deepEqual(logged, []);
    });

    it('and Python says which of its modules are of an old version now', async () => {
      await installer.put('six', '1.16.0');
      code.stale = ['six'];
      await open().add(['six>=1.17'], { onProgress });
      assert.match(told.at(-1) ?? '', /^six is imported already: restart Python to use/);
    });

    it('without the store where they are only installed', async () => {
      const service = open();
      assert.deepEqual((await service.install(['six'])).installed, ['six']);
      assert.deepEqual((await service.install(['six'])).alreadyPresent, ['six']);
      assert.deepEqual(await service.list(), []);
    });
  });

  describe('that fail', () => {
    it('say what has changed all the same', async () => {
      await installer.put('rich', '13.0');
      installer.before = async () => {
        await installer.put('rich', '14.0');
        throw new InstallError('The build of six failed.', { hint: 'Install a compiler.' });
      };
      const service = open();
      const { failed } = await service.add(['six']);
      assert.deepEqual(failed, [
        {
          package: 'six',
          reason:
            'The build of six failed.\nChanged all the same: rich 13.0 -> 14.0 was installed.\nInstall a compiler.',
        },
      ]);
      assert.deepEqual(await service.list(), []);
      assert.deepEqual(code.refreshed, [{ names: ['rich'] }]);
    });

    it('keep secrets out of reasons, of what is told and of the log', async () => {
      installer.before = async (_, options) => {
        options.onProgress?.('Looking in https://me:s3cret@index.example/simple');
        throw new InstallError('https://me:other@index.example/simple answered 403 to s3cret.');
      };
      const { failed } = await open().add(['six'], { onProgress });
      const all = [JSON.stringify(failed), ...told, ...logged].join('\n');
      assert.match(all, /index\.example/);
      assert.doesNotMatch(all, /s3cret|other@/);
    });

    it('because nothing can be installed here are refused with what to do', async () => {
      installer.problem = 'Neither uv nor pip is there. Install one.';
      const service = open();
      const error = await rejection(service.add(['six']), 'unsupported');
      assert.equal(error.message, 'Neither uv nor pip is there. Install one.');
      await rejection(
        service
          .sync()
          .then(() => service.remove(['six']))
          .then(() => service.add(['six'])),
      );
      assert.deepEqual(installer.asked, []);
    });

    it('throw what is not about a package', async () => {
      installer.before = async () => {
        throw new CodeModeError('start-failed', 'uv could not be started.');
      };
      await rejection(open().add(['six', 'rich']), 'start-failed');
      assert.deepEqual(installer.asked, ['install six rich']);
    });

    it('to be configured say what is installed and not configured', async () => {
      await rm(base, { recursive: true });
      await writeFile(base, 'in the way');
      const error = await rejection(
        open()
          .install(['six'])
          .then(() => open().add(['rich', 'six'])),
        'storage',
      );
      assert.match(
        error.message,
        /Not configured: rich, six\.\nChanged all the same: rich 14\.0 was installed\./,
      );
    });
  });

  describe('that are cancelled', () => {
    const hang = async (_: readonly string[], { signal }: { signal?: AbortSignal }) => {
      await unlessAborted(new Promise(() => undefined), signal);
    };

    it('are as they were', async () => {
      const controller = new AbortController();
      installer.before = async (names, options) => {
        controller.abort();
        await hang(names, options);
      };
      const service = open();
      const error = await rejection(service.add(['six'], { signal: controller.signal }), 'cancelled');
      assert.equal(error.message, 'The change of packages was cancelled.');
      assert.deepEqual(await versions(), {});
      assert.deepEqual(await service.list(), []);
    });

    it('say what has changed', async () => {
      const controller = new AbortController();
      installer.before = async (names, options) => {
        await installer.put('six', '1.17.0');
        controller.abort();
        await hang(names, options);
      };
      const error = await rejection(open().add(['six'], { signal: controller.signal }), 'cancelled');
      assert.match(error.message, /Changed all the same: six 1\.17\.0 was installed\.$/);
      assert.deepEqual(code.refreshed, [{ names: ['six'] }]);
    });

    it('while they wait for code never begin', async () => {
      code.run();
      const controller = new AbortController();
      const adding = open().add(['six'], {
        signal: controller.signal,
        onProgress: (line) => {
          onProgress(line);
          controller.abort();
        },
      });
      await rejection(adding, 'cancelled');
      assert.deepEqual(told, ['Waiting for the code that runs.']);
      assert.deepEqual(installer.asked, []);
    });

    it('while they wait for others let those be, and those behind wait on', async () => {
      const service = open();
      let finish = (): void => undefined;
      const begun = new Promise<void>((resolve) => {
        installer.before = () => {
          resolve();
          return new Promise((done) => {
            finish = done;
          });
        };
      });
      const first = service.add(['six']);
      await begun;
      const controller = new AbortController();
      const second = service.add(['rich'], {
        signal: controller.signal,
        onProgress: () => controller.abort(),
      });
      const waits = new Promise<void>((resolve) => {
        third = service.add(['my-package'], { onProgress: () => resolve() });
      });
      await rejection(second, 'cancelled');
      await waits;
      assert.deepEqual(installer.asked, ['install six']);
      installer.before = async () => undefined;
      finish();
      assert.deepEqual((await first).installed, ['six']);
      assert.deepEqual((await third)?.installed, ['my-package']);
      assert.equal(installer.busiest, 1);
    });
    let third: ReturnType<DependencyService['add']> | undefined;

    it('by the end of the session', async () => {
      const service = open();
      installer.before = async (names, options) => {
        service.dispose();
        await hang(names, options);
      };
      await rejection(service.add(['six']), 'cancelled');
    });
  });

  it('change one after the other, also from two sessions of one environment', async () => {
    const [one, other] = [open(), open()];
    let heard = 0;
    other.onDidChange(() => {
      heard += 1;
    });
    await Promise.all([
      one.add(['six'], { onProgress }),
      other.add(['rich'], { onProgress }),
      one.remove(['my-package']),
    ]);
    assert.equal(installer.busiest, 1);
    // Which of the two sessions comes first is not said.
    assert.deepEqual([...(await one.list())].sort(), ['rich', 'six']);
    assert.ok(told.includes('Waiting for another change of these packages.'));
    assert.ok(heard > 0);
  });

  describe('are removed', () => {
    it('and are uninstalled and configured no more', async () => {
      const service = open();
      await service.add(['six', 'My_Package']);
      assert.deepEqual(await service.remove(['my.package', 'nowhere']), {
        removed: ['my.package'],
        notFound: ['nowhere'],
        failed: [],
        removedFromConfig: true,
      });
      assert.deepEqual(await versions(), { six: '1.17.0' });
      assert.deepEqual(await service.list(), ['six']);
      assert.deepEqual(code.refreshed.at(-1), { names: ['my-package'] });
    });

    it('from the configuration alone where they are not installed', async () => {
      await write('six\nrich\n');
      const service = open();
      assert.deepEqual(await service.remove(['six']), {
        removed: [],
        notFound: ['six'],
        failed: [],
        removedFromConfig: true,
      });
      assert.deepEqual(await service.list(), ['rich']);
      assert.deepEqual(await service.remove(['six']), {
        removed: [],
        notFound: ['six'],
        failed: [],
        removedFromConfig: false,
      });
      assert.deepEqual(installer.asked, []);
    });

    it('also where others need them, which is told; what they need stays', async () => {
      installer.needs.rich = ['pygments'];
      await installer.put('pygments', '2.0');
      await installer.put('rich', '14.0');
      const service = open();
      assert.deepEqual((await service.uninstall(['pygments'], { onProgress })).removed, ['pygments']);
      assert.deepEqual(told, ['pygments is needed by rich.']);
      await installer.put('pygments', '2.0');
      await service.uninstall(['rich']);
      assert.deepEqual(await versions(), { pygments: '2.0' });
    });

    it('and where the settings name them that is told', async () => {
      const service = open({ packages: ['six>=1.16'] });
      await service.sync();
      const { removed, removedFromConfig } = await service.remove(['six'], { onProgress });
      assert.deepEqual([removed, removedFromConfig], [['six'], false]);
      assert.match(told.at(-1) ?? '', /^six>=1\.16 is still named by the settings: /);
    });

    it('and stay configured where they stay installed', async () => {
      const service = open();
      await service.add(['six', 'rich']);
      installer.before = async (names) => {
        if (names.includes('six')) throw new InstallError('six is in use.');
      };
      const result = await service.remove(['rich', 'six']);
      assert.deepEqual(result, {
        removed: ['rich'],
        notFound: [],
        failed: [{ package: 'six', reason: 'six is in use.' }],
        removedFromConfig: true,
      });
      assert.deepEqual(await service.list(), ['six']);
    });
  });

  describe('are upgraded', () => {
    it('as far as their configuration allows', async () => {
      await write('rich<14\n');
      for (const name of ['rich', 'six']) await installer.put(name, name === 'rich' ? '12.0' : '1.16.0');
      const service = open();
      assert.deepEqual(await service.newest(), { rich: '14.0', six: '1.17.0' });
      assert.deepEqual((await service.upgrade(['rich', 'six'])).installed, ['rich', 'six']);
      assert.deepEqual(await versions(), { rich: '13.0', six: '1.17.0' });
      assert.deepEqual((await service.upgrade(['rich'])).alreadyPresent, ['rich']);
      assert.equal(await requirements(), 'rich<14\n');
    });
  });

  describe('are synced', () => {
    it('without an installer where nothing is missing', async () => {
      await write('six>=1.16\n');
      await installer.put('six', '1.16.0');
      assert.deepEqual(await open({ isTrusted: false }).sync(), {
        installed: [],
        alreadyPresent: ['six>=1.16'],
        failed: [],
      });
      assert.deepEqual(await open({}, { installer: undefined, noInstaller: 'None.' }).list(), ['six>=1.16']);
      assert.deepEqual(installer.asked, []);
      assert.deepEqual(logged, []);
    });

    it('by the markers of their environment', async () => {
      await write(
        'six<1; python_version < "3.9"\nsix>=1; python_version >= "3.9"\nwinpty; os_name == "nt"\n',
      );
      await installer.put('six', '1.16.0');
      const service = open({ isTrusted: false });
      assert.deepEqual(await service.sync(), {
        installed: [],
        alreadyPresent: ['six>=1; python_version >= "3.9"'],
        failed: [],
      });
      const { configured } = await service.report();
      assert.deepEqual(
        configured.map(({ name, line, state }) => [name, line, state]),
        [
          ['six', 2, 'satisfied'],
          ['winpty', 3, 'satisfied'],
        ],
      );
      assert.deepEqual(installer.asked, []);
    });

    it('without what is not for this Python, which is neither there nor missing', async () => {
      await write('six\nrich; sys_platform == "never"\n');
      await installer.put('six', '1.16.0');
      assert.deepEqual(await open().sync(), { installed: [], alreadyPresent: ['six'], failed: [] });
      assert.deepEqual(installer.asked, []);
    });

    it('from the requirements file itself, and what the settings want beside it', async () => {
      await write('six==1.16.0\nrich  # pretty\n');
      await installer.put('rich', '14.0');
      const service = open({ packages: ['six', 'my-package'] });
      assert.deepEqual(await service.sync(), {
        installed: ['six==1.16.0', 'my-package'],
        alreadyPresent: ['rich'],
        failed: [],
      });
      assert.deepEqual(installer.asked, ['install my-package -r requirements.txt']);
    });

    it('one after the other where that failed together', async () => {
      await write('six\nnowhere\nrich\n');
      const { installed, failed } = await open().sync();
      assert.deepEqual(installed, ['six', 'rich']);
      assert.deepEqual(failed, [{ package: 'nowhere', reason: 'There is no version that fits nowhere.' }]);
    });

    it('never without the options of their file', async () => {
      await write('--index-url https://index.example/simple\nsix\nnowhere\n');
      const { installed, failed } = await open().sync();
      assert.deepEqual(installed, []);
      const reason = 'There is no version that fits nowhere.';
      assert.deepEqual(failed, [
        { package: 'six', reason },
        { package: 'nowhere', reason },
      ]);
      assert.deepEqual(installer.asked, ['install -r requirements.txt']);
    });
  });

  describe('are not to be changed', () => {
    it('at run time, while list and sync go on', async () => {
      await write('six\n');
      const service = open({ allowRuntimeChanges: false });
      for (const change of [
        () => service.add(['rich']),
        () => service.remove(['six']),
        () => service.install(['rich']),
        () => service.uninstall(['six']),
        () => service.upgrade(['six']),
      ]) {
        await rejection(change(), 'runtime-deps-disabled');
      }
      assert.deepEqual(await service.list(), ['six']);
      assert.deepEqual((await service.sync()).installed, ['six']);
      assert.equal((await service.report()).allowsRuntimeChanges, false);
    });

    it('in a workspace that is not trusted', async () => {
      await write('six\n');
      const service = open({ isTrusted: false });
      for (const change of [
        () => service.add(['six']),
        () => service.sync(),
        () => service.remove(['six']),
      ]) {
        await rejection(change(), 'untrusted');
      }
      assert.deepEqual(installer.asked, []);
      assert.deepEqual(await service.list(), ['six']);
    });

    it('where there is no installer', async () => {
      const service = open({}, { installer: undefined, noInstaller: 'It has the standard library alone.' });
      const error = await rejection(service.add(['six']), 'unsupported');
      assert.equal(error.message, 'It has the standard library alone.');
      assert.deepEqual(await service.sync(), { installed: [], alreadyPresent: [], failed: [] });
      const { environment, installed } = await service.report();
      assert.deepEqual([environment.problem, installed], ['It has the standard library alone.', []]);
    });
  });

  describe('as code changes them', () => {
    const questions: ApprovalRequest[] = [];
    let answer: ApprovalAnswer | CodeModeError = 'no';
    beforeEach(() => {
      questions.length = 0;
    });

    function runOf(initiator: CallingRun['initiator'], id = '1'): CallingRun {
      return {
        id,
        initiator,
        noteToolCall: () => undefined,
        tellProgress: onProgress,
        approve: async (request) => {
          questions.push(request);
          if (answer instanceof CodeModeError) throw answer;
          return answer;
        },
      };
    }

    function call(service: DependencyService, method: string, params: HostCall['params'], run?: CallingRun) {
      const { signal } = new AbortController();
      const handler = dependencyCalls(service)[method];
      assert.ok(handler);
      return handler({ method, params, buffers: [], signal, lifetime: signal, run }).then(
        ({ result }) => result,
      );
    }

    it('answer with the names of the Python project', async () => {
      const service = open();
      const run = runOf('person');
      assert.deepEqual(await call(service, 'deps.add', { packages: ['six==1.16.0', 'nowhere'] }, run), {
        installed: ['six==1.16.0'],
        already_present: [],
        failed: [{ package: 'nowhere', reason: 'There is no version that fits nowhere.' }],
        changed: ['six'],
      });
      // It is told by the answer what to look at again.
      assert.deepEqual(code.refreshed, []);
      assert.deepEqual(await call(service, 'deps.list', {}), ['six==1.16.0']);
      assert.deepEqual(await call(service, 'deps.installed', {}), [{ name: 'six', version: '1.16.0' }]);
      assert.deepEqual(await call(service, 'deps.add', { packages: ['six>=1'], upgrade: true }, run), {
        installed: ['six>=1'],
        already_present: [],
        failed: [],
        changed: ['six'],
      });
      assert.deepEqual(await call(service, 'deps.sync', {}, run), {
        installed: [],
        already_present: ['six>=1'],
        failed: [],
        changed: [],
      });
      assert.deepEqual(await call(service, 'deps.remove', { names: ['six', 'rich'] }, run), {
        removed: ['six'],
        not_found: ['rich'],
        failed: [],
        removed_from_config: true,
        changed: ['six'],
      });
      assert.deepEqual(questions, []);
      assert.ok(told.includes('installed 1 packages'));
    });

    it('are checked', async () => {
      const service = open();
      await rejection(call(service, 'deps.add', { packages: 'six' }), 'usage');
      await rejection(call(service, 'deps.remove', {}), 'usage');
      await rejection(
        call(open({ allowRuntimeChanges: false }), 'deps.add', { packages: ['six'] }),
        'runtime-deps-disabled',
      );
    });

    it('do not wait for that code', async () => {
      code.run();
      await call(open(), 'deps.add', { packages: ['six'] }, runOf('person'));
      assert.deepEqual(await versions(), { six: '1.17.0' });
    });

    it('are asked for in the runs of an agent', async () => {
      const service = open();
      answer = 'no';
      const run = runOf('agent');
      const error = await rejection(
        call(service, 'deps.add', { packages: ['six', 'rich>=13'] }, run),
        'tool-refused',
      );
      assert.match(error.message, /^deps\.add was not allowed\.$/);
      assert.deepEqual(questions, [
        {
          tool: 'deps',
          callable: 'add',
          description: 'Install packages and write them to the configuration of this workspace',
          commandLine: 'install six rich>=13 into the environment "test", by folder 1.0',
          arguments: { packages: ['six', 'rich>=13'] },
        },
      ]);
      await rejection(call(service, 'deps.add', { packages: ['six'] }, run), 'tool-refused');
      assert.equal(questions.length, 1);
      answer = 'once';
      await call(service, 'deps.add', { packages: ['six'] }, runOf('agent', '2'));
      assert.equal(questions.length, 2);
      // Nothing is to be done: nobody is asked.
      await call(service, 'deps.add', { packages: ['six'] }, runOf('agent', '3'));
      await call(service, 'deps.sync', {}, runOf('agent', '3'));
      await call(service, 'deps.remove', { names: ['rich'] }, runOf('agent', '3'));
      assert.equal(questions.length, 2);
      await call(service, 'deps.remove', { names: ['six'] }, runOf('agent', '4'));
      assert.equal(questions.at(-1)?.commandLine, 'uninstall six from the environment "test", by folder 1.0');
    });

    it('are refused where nobody can be asked', async () => {
      const { NobodyApprovesError } = await import('../../src/core/contract/errors.ts');
      const service = open();
      answer = new NobodyApprovesError('deps');
      const add = (run?: CallingRun) =>
        rejection(call(service, 'deps.add', { packages: ['six'] }, run), 'tool-refused');
      assert.match(
        (await add(runOf('agent'))).message,
        /^deps\.add needs a person's approval, and nobody is there/,
      );
      // A task whose run is long over.
      assert.match((await add()).message, /^deps\.add needs a person's approval, and nobody is there/);
      assert.deepEqual(installer.asked, []);
    });

    it('are asked for in all runs, or in none, where the settings want that', async () => {
      answer = 'once';
      await call(open({ approval: 'always' }), 'deps.add', { packages: ['six'] }, runOf('person'));
      assert.equal(questions.length, 1);
      await open({ approval: 'always' }).add(['rich']);
      await call(open({ approval: 'never' }), 'deps.add', { packages: ['my-package'] }, runOf('agent'));
      assert.equal(questions.length, 1);
    });

    it('are allowed for good for one action of one environment', async () => {
      const store = () =>
        new ApprovalStore(base, { log: () => undefined, folder: path.join(folder, 'approvals') });
      answer = 'workspace';
      const add = (service: DependencyService, name: string, id: string) =>
        call(service, 'deps.add', { packages: [name] }, runOf('agent', id));
      await add(open({}, { approvals: store() }), 'six', '1');
      await add(open({}, { approvals: store() }), 'rich', '2');
      assert.equal(questions.length, 1);
      const elsewhere = new FolderInstaller(path.join(folder, 'elsewhere'), { six: ['1.17.0'] });
      await add(open({}, { approvals: store(), installer: elsewhere }), 'six', '3');
      assert.equal(questions.length, 2);
      await add(open({}, { approvals: store() }), 'my-package', '4');
      assert.equal(questions.length, 2);
      answer = 'no';
      const service = open({}, { approvals: store() });
      await rejection(call(service, 'deps.remove', { names: ['six'] }, runOf('agent', '5')), 'tool-refused');
      await store().forgetAll(isPackageApproval);
      const asking = call(
        open({}, { approvals: store() }),
        'deps.add',
        { packages: ['six==1.16.0'] },
        runOf('agent', '6'),
      );
      await rejection(asking, 'tool-refused');
    });
  });

  it('are reported with what is configured and installed', async () => {
    await write('six>=1.17\nrich\n');
    await installer.put('six', '1.16.0');
    const { environment, configured, installed, allowsRuntimeChanges } = await open().report();
    assert.equal(environment.installer, 'folder 1.0');
    assert.deepEqual(
      configured.map(({ name, state, installedVersion }) => [name, state, installedVersion]),
      [
        ['six', 'mismatch', '1.16.0'],
        ['rich', 'missing', null],
      ],
    );
    assert.deepEqual(
      installed.map(({ name }) => name),
      ['six'],
    );
    assert.ok(allowsRuntimeChanges);
    assert.deepEqual(await open().lookUp('My.Package'), {
      name: 'my-package',
      versions: ['1.0'],
      problem: null,
    });
  });
});
