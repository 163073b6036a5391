import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { processesNamed } from '../support/processes.ts';
import { assertOk, assertUsable, HANG_S, type Subject, startRun } from '../support/subject.ts';

/** Ways of the Python process to end, and the name that they are given. */
const ENDS: readonly { readonly title: string; readonly code: string; readonly cause: RegExp }[] = [
  { title: 'os._exit(3)', code: 'os._exit(3)', cause: /exit code 3\b/ },
  { title: 'os._exit(0)', code: 'os._exit(0)', cause: /exit code 0\b/ },
  { title: 'a segmentation fault', code: 'ctypes.string_at(0)', cause: /segmentation fault.*SIGSEGV/ },
  { title: 'os.abort()', code: 'os.abort()', cause: /SIGABRT/ },
  { title: 'a fatal error of Python', code: 'ctypes.pythonapi.Py_FatalError(b"broken")', cause: /SIGABRT/ },
  { title: 'SIGKILL', code: 'os.kill(os.getpid(), signal.SIGKILL)', cause: /memory.*SIGKILL/ },
  { title: 'SIGTERM', code: 'os.kill(os.getpid(), signal.SIGTERM)', cause: /SIGTERM/ },
  {
    title: 'another program in its place',
    code: 'os.execv("/bin/sh", ["sh", "-c", "exit 9"])',
    cause: /exit code 9\b/,
  },
];

/** Linux's number of the request to name a process. */
const PR_SET_NAME = 15;

/** How the Python process ends: by a crash, whose cause is named, and by itself. */
export function describeCrashes(subject: Subject): void {
  describe('a crash', () => {
    before(async function () {
      await subject.requireNative(this);
    });

    for (const { title, code, cause } of ENDS) {
      it(`by ${title} names the cause, keeps what was printed, and the next run works`, async () => {
        const executor = await subject.fresh();
        await executor.run('import ctypes, os, signal\nmarker = 1');
        const result = await executor.run(`print("a line")\nprint("a part", end="", flush=True)\n${code}`, {
          timeoutS: HANG_S,
        });
        assert.equal(result.status, 'died');
        assert.equal(result.stdout, 'a line\na part');
        assert.match(result.error?.message ?? '', cause);
        assert.equal(result.variablesSurvived, false);
        const next = await executor.run('"marker" in globals()', { timeoutS: HANG_S });
        assert.equal(next.value, false);
        assert.equal(next.stdout, '');
        await assertUsable(executor);
      });
    }

    it('by recursion past the stack is named, where Python does not notice it by itself', async () => {
      const executor = await subject.fresh();
      const result = await executor.run(
        'import sys\nsys.setrecursionlimit(10**7)\nclass Endless:\n    def __repr__(self): return repr(self)\nprint("before")\nrepr(Endless())',
        { timeoutS: HANG_S },
      );
      assert.equal(result.stdout, 'before\n');
      if (result.status === 'died') assert.match(result.error?.message ?? '', /SIGSEGV/);
      else assert.equal(result.error?.type, 'RecursionError');
      await assertUsable(executor);
    });

    it('by a kill from outside names the signal', async function () {
      if (process.platform !== 'linux') this.skip();
      const executor = await subject.fresh();
      // Its own number is another one where it has a process namespace, so that it takes a name: of 15 bytes at the most.
      const name = `kill-${randomBytes(4).toString('hex')}`;
      const { result } = await startRun(
        executor,
        `import ctypes\nctypes.CDLL(None).prctl(${PR_SET_NAME}, b"${name}")\nprint("named", flush=True)\nwhile True: pass`,
        {
          onEvent: (event) => {
            if (event.kind !== 'stdout' || !event.text.includes('named')) return;
            for (const pid of processesNamed(name)) process.kill(pid, 'SIGKILL');
          },
        },
      );
      const ended = await result;
      assert.equal(ended.status, 'died');
      assert.match(ended.error?.message ?? '', /SIGKILL/);
      assert.equal(ended.stdout, 'ready\nnamed\n');
      await assertUsable(executor);
    });
  });

  describe('the end of a session', () => {
    let folder: string | undefined;

    before(async function () {
      await subject.requireNative(this);
    });
    beforeEach(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'code-mode-end-'));
      // In a container, Python may be somebody else.
      await chmod(folder, 0o777);
    });
    afterEach(async () => {
      if (folder) await rm(folder, { recursive: true, force: true });
    });

    for (const end of ['restart', 'close'] as const) {
      it(`by ${end} runs exit handlers, ends tasks and writes open files, as the end of a program`, async () => {
        const executor = await subject.fresh(subject.inFolder(folder ?? ''));
        assertOk(
          await executor.run(
            [
              'import asyncio, atexit',
              'def write(name, text):',
              '    with open(name, "w") as file: file.write(text)',
              'open_file = open("open.txt", "w")',
              'n = open_file.write("unflushed")',
              'handler = atexit.register(write, "handler.txt", "exit handler")',
              'async def work():',
              '    try: await asyncio.sleep(1000)',
              '    finally:',
              '        await asyncio.sleep(0)',
              '        write("task.txt", "cleaned up")',
              'task = asyncio.create_task(work())',
              'await asyncio.sleep(0)',
            ].join('\n'),
            { timeoutS: HANG_S },
          ),
        );
        await executor[end]();
        const texts = await Promise.all(
          ['open.txt', 'handler.txt', 'task.txt'].map((name) =>
            readFile(path.join(folder ?? '', name), 'utf8'),
          ),
        );
        assert.deepEqual(texts, ['unflushed', 'exit handler', 'cleaned up']);
      });
    }

    it('waits for threads, but not for ever', async () => {
      const executor = await subject.fresh();
      assertOk(
        await executor.run(
          'import threading, time\nthread = threading.Thread(target=time.sleep, args=(100_000,))\nthread.start()',
        ),
      );
      await executor.close();
      assert.equal(executor.state, 'stopped');
    });

    it('waits for an exit handler, but not for ever', async () => {
      const executor = await subject.fresh();
      assertOk(await executor.run('import atexit, time\nhandler = atexit.register(time.sleep, 100_000)'));
      await executor.close();
      assert.equal(executor.state, 'stopped');
    });
  });
}
