import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Capability } from '../../src/core/contract/capability.ts';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import type { Executor } from '../../src/core/contract/executor.ts';
import { checkConfinement } from '../../src/core/executors/confinement/index.ts';
import { executorRegistry } from '../../src/core/executors/index.ts';
import type { ExecutorContext } from '../../src/core/executors/registry.ts';
import {
  type FoundInterpreter,
  findInterpreters,
} from '../../src/core/executors/subprocess/environment/index.ts';
import { describeOrphans } from './executor/orphans.ts';
import { describeNative } from './executor.contract.ts';
import { commandLine, descendants, untilGone } from './support/processes.ts';
import { assertOk, assertUsable, DIST_FOLDER, HANG_S, Subject, startRun } from './support/subject.ts';

const descriptor = executorRegistry.get('subprocess');
const run = promisify(execFile);

describe('the executor "subprocess" without the operating system\'s sandbox', function () {
  this.timeout(90_000);
  const subject = new Subject(descriptor, { settings: { sandbox: 'off' } });
  subject.install();
  describeNative(subject);
  describeOrphans(subject);
});

describe('the executor "subprocess" alone', function () {
  this.timeout(90_000);
  this.slow(5000);
  const open: Executor[] = [];
  let scratch: string;
  let interpreters: readonly FoundInterpreter[];
  let python: string;

  before(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'code-mode-subprocess-'));
    const found = await findInterpreters({ cacheFolder: path.join(scratch, 'cache'), log: () => undefined });
    interpreters = found.filter(({ kind }) => kind === 'installation');
    assert.ok(interpreters[0], 'there is a CPython');
    python = interpreters[0].executable;
  });
  afterEach(async () => {
    for (const executor of open.splice(0)) await executor.close();
    assert.deepEqual(await untilGone(pythons()), [], 'no interpreter outlives its executor');
  });
  after(async () => {
    await rm(scratch, { recursive: true, force: true });
  });

  /** An executor that each test closes; without a sandbox and a spare unless it says otherwise. */
  function create(settings: Record<string, unknown> = {}, context: Partial<ExecutorContext> = {}): Executor {
    const executor = descriptor.create({
      distFolder: DIST_FOLDER,
      log: () => undefined,
      settings: { python, sandbox: 'off', warmSpare: false, ...settings },
      ...context,
    });
    open.push(executor);
    return executor;
  }

  async function start(...args: Parameters<typeof create>): Promise<Executor> {
    const executor = create(...args);
    await executor.start();
    return executor;
  }

  async function value(executor: Executor, code: string): Promise<unknown> {
    const result = await executor.run(code, { timeoutS: HANG_S });
    assertOk(result);
    return result.value;
  }

  /** A virtual environment in the scratch folder. */
  async function makeEnvironment(name: string): Promise<{ folder: string; packages: string }> {
    const folder = path.join(scratch, name);
    await run(python, ['-m', 'venv', '--without-pip', folder]);
    const { stdout } = await run(path.join(folder, 'bin', 'python'), [
      '-c',
      'import sysconfig; print(sysconfig.get_path("purelib"), end="")',
    ]);
    return { folder, packages: stdout };
  }

  describe('on every CPython of this machine', () => {
    it('does what the contract asks of the newest', async () => {
      const versions = new Map(interpreters.map((one) => [one.version.split('.', 2).join('.'), one]));
      for (const [version, { executable }] of versions) {
        const executor = await start({ python: executable });
        const result = await executor.run(
          [
            'import asyncio, ctypes, os, signal, subprocess, sys, threading',
            'print("python")',
            'libc = ctypes.CDLL(None)',
            'n = libc.puts(b"C")',
            'n = libc.fflush(None)',
            'done = subprocess.run(["echo", "child"])',
            'child = os.fork()',
            'if child == 0: sys.exit(7)',
            'status = os.waitpid(child, 0)[1] >> 8',
            'async def greet(): return "hello"',
            'greeting = await greet()',
            'thread = threading.Thread(target=print, args=("thread",))',
            'thread.start()',
            'thread.join()',
            '[list(sys.version_info[:2]), status, greeting, asyncio.run(greet())]',
          ].join('\n'),
          { timeoutS: HANG_S },
        );
        assertOk(result);
        assert.deepEqual(result.value, [version.split('.').map(Number), 7, 'hello', 'hello'], version);
        assert.equal(result.stdout, 'python\nC\nchild\nthread\n', version);
        for (const code of ['import time\ntime.sleep(1000)', 'import asyncio\nawait asyncio.sleep(1000)']) {
          const running = await startRun(executor, code);
          await executor.interrupt();
          const ended = await running.result;
          assert.deepEqual([ended.status, ended.variablesSurvived], ['interrupted', true], version);
        }
        const failed = await executor.run('def fail(): return 1 / 0\nfail()');
        assert.match(failed.error?.traceback ?? '', /line 1, in fail[\s\S]*ZeroDivisionError/, version);
        const crashed = await executor.run('print("last words")\nctypes.string_at(0)', { timeoutS: HANG_S });
        assert.deepEqual([crashed.status, crashed.stdout], ['died', 'last words\n'], version);
        await assertUsable(executor);
        await executor.close();
      }
    });
  });

  describe('gives Python an environment', () => {
    const secrets = {
      CONTRACT_TOKEN: 'plain',
      contract_password: 'plain',
      AWS_SECRET_ACCESS_KEY: 'plain',
      OPENAI_API_KEY: 'plain',
      CONTRACT_DATABASE: 'postgres://user:hunter2@localhost/data',
      CONTRACT_DEPLOY: 'ghp_0123456789abcdefghijklmnopqrstuvwxyz',
      CONTRACT_SIGNING: '-----BEGIN RSA PRIVATE KEY-----\nMIIE',
    };
    const hosts = { VSCODE_IPC_HOOK_CLI: '/tmp/x', ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' };
    const harmless = {
      CONTRACT_SETTING: 'plain',
      CONTRACT_URL: 'https://localhost:8000/a:b@c',
      TOKENIZERS_PARALLELISM: 'false',
      GIT_AUTHOR_NAME: 'Ada',
    };
    const before: Record<string, string | undefined> = {};

    beforeEach(() => {
      for (const [name, text] of Object.entries({ ...secrets, ...hosts, ...harmless })) {
        before[name] = process.env[name];
        process.env[name] = text;
      }
    });
    afterEach(() => {
      for (const [name, text] of Object.entries(before)) {
        if (text === undefined) delete process.env[name];
        else process.env[name] = text;
      }
    });

    it("without what looks like a secret by its name or its value, and without the editor's", async () => {
      const seen = (await value(await start(), 'import os\ndict(os.environ)')) as Record<string, string>;
      for (const name of [...Object.keys(secrets), ...Object.keys(hosts)]) {
        assert.equal(seen[name], undefined, name);
      }
      for (const [name, text] of Object.entries(harmless)) assert.equal(seen[name], text, name);
      assert.deepEqual(
        Object.keys(seen).filter((name) => name.startsWith('VSCODE_')),
        [],
      );
    });

    it('with the secrets that the settings list', async () => {
      const passEnvironment = ['CONTRACT_TOKEN', 'CONTRACT_DATABASE'];
      const seen = (await value(await start({ passEnvironment }), 'import os\ndict(os.environ)')) as Record<
        string,
        string
      >;
      assert.deepEqual(
        Object.keys(secrets).filter((name) => name in seen),
        passEnvironment,
      );
    });

    it('in which its virtual environment is active, and no other one', async () => {
      const { folder } = await makeEnvironment('active');
      const ask =
        'import os, shutil, subprocess, sys\n[os.environ.get("VIRTUAL_ENV"), sys.prefix, subprocess.run(["python", "-c", "import sys; print(sys.prefix, end=\'\')"], capture_output=True, text=True).stdout]';
      process.env.VIRTUAL_ENV = '/another/one';
      try {
        assert.deepEqual(await value(await start({ python: folder }), ask), [folder, folder, folder]);
        const installation = (await value(await start(), ask)) as (string | null)[];
        assert.equal(installation[0], null);
      } finally {
        delete process.env.VIRTUAL_ENV;
      }
    });

    it('in which it starts although PYTHONSAFEPATH and the like are set', async () => {
      process.env.PYTHONSAFEPATH = '1';
      process.env.PYTHONHOME = '/nowhere';
      process.env.PYTHONDEVMODE = '1';
      try {
        await assertUsable(await start());
      } finally {
        delete process.env.PYTHONSAFEPATH;
        delete process.env.PYTHONHOME;
        delete process.env.PYTHONDEVMODE;
      }
    });
  });

  describe('side by side', () => {
    it('has sessions that see nothing of each other', async () => {
      const [one, two] = await Promise.all([start(), start()]);
      const code = (name: string) =>
        [
          'import builtins, os, pathlib, sys, tempfile',
          `whose = os.environ["WHOSE"] = sys.modules["whose"] = builtins.whose = "${name}"`,
          `made = pathlib.Path(tempfile.gettempdir(), "${name}").write_text("mine")`,
          `for n in range(3000): print("${name}", n)`,
          '[os.getpid(), tempfile.gettempdir()]',
        ].join('\n');
      const [first, second] = await Promise.all([one.run(code('one')), two.run(code('two'))]);
      for (const [name, result] of [
        ['one', first],
        ['two', second],
      ] as const) {
        assertOk(result);
        assert.equal(result.stdout, Array.from({ length: 3000 }, (_, n) => `${name} ${n}\n`).join(''));
      }
      const [firstPid, firstFolder] = first.value as [number, string];
      const [secondPid, secondFolder] = second.value as [number, string];
      assert.ok(firstPid !== secondPid && firstFolder !== secondFolder);
      const look =
        '[whose, os.environ["WHOSE"], sys.modules["whose"], builtins.whose, os.listdir(tempfile.gettempdir())]';
      assert.deepEqual(await value(one, look), ['one', 'one', 'one', 'one', ['one']]);
      assert.deepEqual(await value(two, look), ['two', 'two', 'two', 'two', ['two']]);
    });
  });

  describe('with a memory limit', () => {
    it('ends what asks for more with a MemoryError, and the session goes on', async function () {
      const executor = await start({ memoryLimit: 400 });
      if (!executor.supports(Capability.MEMORY_LIMIT)) this.skip();
      assert.equal(await value(executor, 'kept = len(bytearray(100_000_000))'), null);
      for (const code of [
        'bytearray(1_000_000_000)',
        'hoard = []\nwhile True: hoard.append(bytearray(1 << 20))',
        'hoard = {}\nn = 0\nwhile True:\n    n += 1\n    hoard[n] = "x" * 100 + str(n)',
        'import asyncio\nawait asyncio.sleep(0)\nhoard = []\nwhile True: hoard.append(bytearray(1 << 20))',
        'print("x" * 1_000_000_000)',
      ]) {
        const result = await executor.run(code, { timeoutS: HANG_S });
        assert.equal(result.error?.type, 'MemoryError', `${code}: ${result.error?.message}`);
        assert.equal(result.variablesSurvived, true);
        // Before what was hoarded is given back, and after.
        assert.equal(await value(executor, 'print("usable")\nkept'), 100_000_000);
        await executor.run('hoard = None');
        await assertUsable(executor);
      }
    });

    it('ends a call whose answer is larger with a MemoryError, too', async function () {
      const executor = await start(
        { memoryLimit: 200 },
        { hostServices: () => ({ 'deps.list': async () => ({ result: [], buffers: [Buffer.alloc(3e8)] }) }) },
      );
      if (!executor.supports(Capability.MEMORY_LIMIT)) this.skip();
      for (const call of ['deps.list()', 'await deps._host.call_async("deps.list", {})']) {
        const result = await executor.run(call, { timeoutS: HANG_S });
        assert.equal(result.error?.type, 'MemoryError', result.error?.message);
        await assertUsable(executor);
      }
    });

    it('limits child processes as well', async function () {
      const executor = await start({ memoryLimit: 400 });
      if (!executor.supports(Capability.MEMORY_LIMIT)) this.skip();
      const result = await executor.run(
        'import subprocess, sys\nsubprocess.run([sys.executable, "-c", "bytearray(1_000_000_000)"]).returncode',
      );
      assert.equal(result.value, 1);
      assert.match(result.stderr, /MemoryError/);
    });
  });

  describe('with a limit of the processor time', () => {
    async function startLimited(context: Mocha.Context): Promise<Executor> {
      const executor = await start({ cpuLimit: 0.5 });
      if (!executor.supports(Capability.CPU_LIMIT)) context.skip();
      return executor;
    }

    for (const { title, code } of [
      { title: 'a loop', code: 'while True: pass' },
      { title: 'a loop that awaits', code: 'import asyncio\nwhile True: await asyncio.sleep(0)' },
      {
        title: 'a thread',
        code: 'import threading\ndef spin():\n    while not done: pass\ndone = False\nthread = threading.Thread(target=spin)\nthread.start()\ntry: thread.join()\nfinally: done = True',
      },
    ]) {
      it(`ends ${title} with an exception that says why`, async function () {
        const executor = await startLimited(this);
        await executor.run('kept = 1');
        const result = await executor.run(`print("before")\n${code}`, { timeoutS: HANG_S });
        assert.equal(result.error?.type, 'CpuLimitError');
        assert.match(result.error?.message ?? '', /more than its 0\.5 s of processor time[\s\S]*cpuLimit/);
        assert.equal(result.stdout, 'before\n');
        assert.equal(await value(executor, 'kept'), 1);
      });
    }

    for (const { title, code } of [
      {
        title: 'code that catches every exception',
        code: 'while True:\n    try:\n        for _ in iter(int, 1): pass\n    except Exception: pass',
      },
      {
        title: 'C code that does not come back',
        code: 'import itertools\nsum(itertools.repeat(0))',
      },
    ]) {
      it(`lets the system end ${title}, and says why`, async function () {
        const executor = await startLimited(this);
        const result = await executor.run(`print("before")\n${code}`, { timeoutS: HANG_S });
        assert.equal(result.status, 'died');
        assert.match(result.error?.message ?? '', /more than its 0\.5 s of processor time/);
        assert.equal(result.stdout, 'before\n');
        await assertUsable(executor);
      });
    }

    it('counts what a run computes, not what it waits or what others have computed', async function () {
      const executor = await startLimited(this);
      for (let round = 0; round < 3; round++) {
        const result = await executor.run(
          'import time\ntime.sleep(0.6)\nend = time.process_time() + 0.25\nwhile time.process_time() < end: pass\n"done"',
          { timeoutS: HANG_S },
        );
        assert.equal(result.value, 'done', result.error?.message);
      }
    });
  });

  it('promises limits only where they are set', async () => {
    const without = await start();
    assert.ok(!without.supports(Capability.MEMORY_LIMIT) && !without.supports(Capability.CPU_LIMIT));
    for (const { capability, detail } of without.capabilityReport()) {
      if (capability === Capability.MEMORY_LIMIT) assert.match(detail, /codeMode\.subprocess\.memoryLimit/);
      if (capability === Capability.CPU_LIMIT) assert.match(detail, /codeMode\.subprocess\.cpuLimit/);
    }
  });

  describe('keeps a spare interpreter', () => {
    const PID = 'import os\nos.getpid()';

    /** Waits until a spare is there besides `known`, and for as long as it may take to get ready. */
    async function spareBeside(known: readonly unknown[]): Promise<number> {
      for (;;) {
        const spare = pythons().find((pid) => !known.includes(pid));
        if (spare !== undefined) {
          // It is taken only once it is ready.
          await sleep(300);
          return spare;
        }
        await sleep(20);
      }
    }

    it('that a restart and a reset get, with nothing of the old one in it', async () => {
      const executor = await start({ warmSpare: true });
      let current = await value(executor, PID);
      for (const change of ['restart', 'reset'] as const) {
        await value(
          executor,
          'import builtins, decimal, os, sys, tempfile\nleft = builtins.left = 1\nos.environ["LEFT"] = "1"\nsys.path.append("left")\nopen(os.path.join(tempfile.gettempdir(), "left"), "w").close()',
        );
        const spare = await spareBeside([current]);
        await executor[change]();
        assert.equal(await value(executor, PID), spare);
        assert.deepEqual(
          await value(
            executor,
            'import os, sys, tempfile\n["left" in dir(), "decimal" in sys.modules, "LEFT" in os.environ, "left" in sys.path, os.listdir(tempfile.gettempdir())]',
          ),
          [false, false, false, false, []],
        );
        current = spare;
      }
    });

    it('that another session with the same settings gets, in its own folder', async () => {
      const one = await start({ warmSpare: true });
      const spare = await spareBeside([await value(one, PID)]);
      const folder = path.join(scratch, 'another folder');
      await mkdir(folder, { recursive: true });
      const other = await start({ warmSpare: true }, { workspaceFolder: scratch, workingFolder: folder });
      assert.notEqual(await value(other, PID), spare, 'its workspace is another one');
      const same = await start({ warmSpare: true });
      assert.equal(await value(same, PID), spare);
      assert.equal(await value(other, 'import os\nos.getcwd()'), folder);
      const second = await spareBeside([]).then(() =>
        start({ warmSpare: true }, { workspaceFolder: scratch, workingFolder: scratch }),
      );
      assert.equal(await value(second, 'import os\nos.getcwd()'), scratch);
    });

    it('that a session with other settings does not get', async () => {
      const one = await start({ warmSpare: true });
      const spare = await spareBeside([await value(one, PID)]);
      for (const settings of [{ passEnvironment: ['ANY'] }, { memoryLimit: 1000 }, { cpuLimit: 100 }]) {
        const other = await start({ warmSpare: true, ...settings });
        assert.notEqual(await value(other, PID), spare);
        await other.close();
      }
    });

    it('that is not taken once it has died', async () => {
      const executor = await start({ warmSpare: true });
      const spare = await spareBeside([await value(executor, PID)]);
      process.kill(spare, 'SIGKILL');
      await untilGone([spare]);
      await executor.restart();
      assert.notEqual(await value(executor, PID), spare);
    });

    it('that ends with the last session that could take it', async () => {
      const [one, two] = await Promise.all([start({ warmSpare: true }), start({ warmSpare: true })]);
      const spare = await spareBeside([await value(one, PID), await value(two, PID)]);
      await one.close();
      assert.ok(pythons().includes(spare));
      await two.close();
      assert.deepEqual(pythons(), []);
    });

    it('of which there are at most two, whatever the number of configurations', async () => {
      const executors = await Promise.all(
        [100, 200, 300, 400].map((cpuLimit) => start({ warmSpare: true, cpuLimit })),
      );
      const own = await Promise.all(executors.map((executor) => value(executor, PID)));
      await spareBeside(own);
      await sleep(1000);
      const spares = pythons().filter((pid) => !own.includes(pid));
      assert.ok(spares.length <= 2, `there are ${spares.length}`);
    });

    it('but none where the settings say so', async () => {
      const executor = await start({ warmSpare: false });
      await executor.restart();
      await sleep(1000);
      assert.deepEqual(pythons(), [await value(executor, PID)]);
    });
  });

  describe('started and ended hundreds of times', () => {
    /** What may be left behind, besides processes. */
    const leftovers = () => ({
      descriptors: readdirSync('/proc/self/fd').length,
      folders: readdirSync(tmpdir()).filter((name) => name.startsWith(`code-mode-python-${process.pid}-`)),
    });

    /** Starts `count` interpreters, four at a time, and ends each in one of the ways there are. */
    async function startAndEnd(count: number, settings: Record<string, unknown>): Promise<void> {
      let left = count;
      const worker = async () => {
        while (left > 0) {
          const executor = create(settings);
          left -= 1;
          await executor.start();
          const way = left % 5;
          left -= way < 3 ? 1 : 0;
          if (way === 0) await executor.restart();
          if (way === 1) {
            const crashed = await executor.run('import os\nos._exit(3)', { timeoutS: HANG_S });
            assert.equal(crashed.status, 'died');
          }
          if (way === 2) {
            const killed = await executor.run('import os, signal\nos.kill(os.getpid(), signal.SIGKILL)', {
              timeoutS: HANG_S,
            });
            assert.equal(killed.status, 'died');
          }
          if (way === 3)
            assertOk(await executor.run('import subprocess\nchild = subprocess.Popen(["sleep", "1000"])'));
          if (way < 3) await assertUsable(executor);
          await executor.close();
          open.splice(open.indexOf(executor), 1);
        }
      };
      await Promise.all(Array.from({ length: 4 }, worker));
    }

    for (const { title, count, settings } of [
      { title: 'without a sandbox', count: 500, settings: {} },
      { title: "under the operating system's sandbox", count: 50, settings: { sandbox: 'required' } },
    ]) {
      it(`${title}, leaves nothing behind`, async function () {
        this.timeout(240_000);
        if (process.platform !== 'linux') this.skip();
        if ('sandbox' in settings && !(await checkConfinement()).available) this.skip();
        // What is loaded with the first start stays.
        await startAndEnd(1, settings);
        const before = leftovers();
        const processes = descendants(process.pid);
        await startAndEnd(count, settings);
        const fresh = descendants(process.pid).filter((pid) => !processes.includes(pid));
        assert.deepEqual(await untilGone(fresh), []);
        assert.deepEqual(leftovers(), before);
      });
    }
  });

  describe('that cannot be started', () => {
    /** Asserts that the start fails with a message and a hint for people, and leaves no process. */
    async function assertFails(starting: Promise<unknown>, message: RegExp): Promise<void> {
      await assert.rejects(starting, (error) => {
        assert.ok(CodeModeError.is(error), String(error));
        assert.match(error.message, message);
        assert.ok((error.hint ?? '').length > 10, 'it says what to do');
        return true;
      });
      assert.deepEqual(await untilGone(pythons()), []);
    }

    it('says what is wrong with an interpreter that is none', async () => {
      const folder = path.join(scratch, 'none');
      await mkdir(folder);
      const text = path.join(folder, 'text');
      await writeFile(text, 'not a program\n', { mode: 0o755 });
      for (const [setting, message] of [
        [path.join(folder, 'missing'), /no Python interpreter at .*missing/],
        [folder, /has no Python interpreter in it/],
        [text, /text file/],
        [process.execPath, /no Python interpreter/],
      ] as const) {
        await assertFails(create({ python: setting }).start(), message);
      }
    });

    it('does not wait for ever for a program that does not answer', async () => {
      const program = path.join(scratch, 'hangs');
      await writeFile(program, '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 });
      await assertFails(
        create({ python: program }, { startTimeoutS: 1 }).start(),
        /did not start within 1 s/,
      );
    });

    it('recovers once the interpreter is there', async () => {
      const folder = path.join(scratch, 'later');
      const executor = create({ python: folder });
      await assertFails(executor.start(), /no Python interpreter/);
      await assertFails(executor.run('1'), /no Python interpreter/);
      await makeEnvironment('later');
      await assertUsable(executor);
    });

    it('says so where the environment is gone at a restart, and recovers once it is back', async () => {
      for (const warmSpare of [false, true]) {
        const { folder } = await makeEnvironment(`moved-${warmSpare}`);
        const executor = await start({ python: folder, warmSpare });
        await rename(folder, `${folder}-away`);
        await assertFails(executor.restart(), /no Python interpreter|link/);
        assert.equal(executor.state, 'dead');
        await rename(`${folder}-away`, folder);
        await assertUsable(executor);
        await executor.close();
      }
    });

    describe('for what its sitecustomize does', () => {
      let environment: { folder: string; packages: string };

      before(async () => {
        environment = await makeEnvironment('customized');
      });

      function customize(code: string): Promise<void> {
        return writeFile(path.join(environment.packages, 'sitecustomize.py'), code);
      }

      it('but starts where it only prints or fails: nothing of it is in a run', async () => {
        for (const code of [
          'import sys\nprint("printed")\nsys.stderr.write("complained")',
          'print("x" * 300_000)',
          'raise RuntimeError("customized")',
        ]) {
          await customize(code);
          const executor = await start({ python: environment.folder });
          const result = await executor.run('print("own")');
          assert.deepEqual([result.stdout, result.stderr], ['own\n', ''], code);
        }
      });

      it('says why where it ends the process, with what was printed in the log', async () => {
        const log: string[] = [];
        await customize('import sys\nprint("about to leave")\nsys.exit("customized to fail")');
        const executor = create({ python: environment.folder }, { log: (line) => log.push(line) });
        await assertFails(executor.start(), /could not be started: .*customized to fail/);
        assert.match(log.join('\n'), /about to leave/);
        await customize('');
        await assertUsable(executor);
      });

      it('gives up after the start timeout where it hangs, and recovers', async () => {
        await customize('');
        // So that it is known what it is, and only the start hangs.
        const known = await start({ python: environment.folder });
        await known.close();
        await customize('import time\nprint("hanging", flush=True)\ntime.sleep(1000)');
        const log: string[] = [];
        const executor = create(
          { python: environment.folder },
          { startTimeoutS: 1, log: (line) => log.push(line) },
        );
        await assertFails(executor.start(), /not ready after 1 s/);
        assert.match(log.join('\n'), /hanging/);
        await customize('');
        await assertUsable(executor);
      });
    });
  });
});

/** The interpreters of this executor that this process has started. */
function pythons(): number[] {
  return descendants(process.pid).filter((pid) => {
    const [program = '', script = ''] = commandLine(pid);
    return path.basename(program).startsWith('python') && script.endsWith('start_cpython.py');
  });
}
