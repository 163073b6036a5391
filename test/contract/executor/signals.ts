import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  assertOk,
  assertUsable,
  Deferred,
  HANG_S,
  interleaved,
  type Subject,
  startRun,
} from '../support/subject.ts';

/** Calls that block in the system or on a lock, and that an interrupt ends at once. */
const BLOCKING: readonly { readonly title: string; readonly code: string }[] = [
  { title: 'os.read of an empty pipe', code: 'import os\nend, other = os.pipe()\nos.read(end, 1)' },
  { title: 'socket.recv', code: 'import socket\none, two = socket.socketpair()\none.recv(1)' },
  { title: 'select', code: 'import select\nselect.select([], [], [])' },
  { title: 'subprocess.run of sleep', code: 'import subprocess\nsubprocess.run(["sleep", "1000"])' },
  { title: 'queue.get', code: 'import queue\nqueue.Queue().get()' },
  { title: 'Event.wait', code: 'import threading\nthreading.Event().wait()' },
  {
    title: 'Lock.acquire',
    code: 'import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()',
  },
  {
    title: 'Thread.join',
    code: 'import threading, time\nthread = threading.Thread(target=time.sleep, args=(1000,), daemon=True)\nthread.start()\nthread.join()',
  },
  {
    title: 'Process.join',
    code: 'import multiprocessing, time\nprocess = multiprocessing.Process(target=time.sleep, args=(1000,))\nprocess.start()\nprocess.join()',
  },
  {
    title: 'await of a child process',
    code: 'import asyncio\nchild = await asyncio.create_subprocess_exec("sleep", "1000")\nawait child.wait()',
  },
  {
    title: 'run_until_complete',
    code: 'import asyncio\nasyncio.get_event_loop().run_until_complete(asyncio.sleep(1000))',
  },
  { title: 'asyncio.run', code: 'import asyncio\nasyncio.run(asyncio.sleep(1000))' },
];

/** Ways of a task or callback to compute without end while the run itself awaits. */
const BUSY_LOOPS: readonly { readonly title: string; readonly code: string }[] = [
  {
    title: 'a task',
    code: 'async def spin():\n    while True: pass\ntask = asyncio.create_task(spin())',
  },
  {
    title: 'a callback',
    code: 'def spin():\n    while True: pass\nhandle = asyncio.get_running_loop().call_soon(spin)',
  },
  {
    title: 'a callback of another module',
    code: 'import types\nmodule = types.ModuleType("spinning")\nexec("def spin():\\n    while True: pass", module.__dict__)\nhandle = asyncio.get_running_loop().call_soon(module.spin)',
  },
];

/** Signals that code handles itself, and interrupts of what blocks. */
export function describeSignals(subject: Subject): void {
  describe('signals', () => {
    before(async function () {
      await subject.requireNative(this);
    });

    it('run the handlers that code sets, which print, return and raise', async () => {
      const executor = await subject.fresh();
      const result = await executor.run(
        [
          'import os, signal, time',
          'def on_alarm(number, frame): print("alarm")',
          'before = signal.signal(signal.SIGALRM, on_alarm)',
          'signal.setitimer(signal.ITIMER_REAL, 0.05)',
          'time.sleep(0.2)',
          'before = signal.signal(signal.SIGTERM, lambda number, frame: print("term"))',
          'os.kill(os.getpid(), signal.SIGTERM)',
          'class Late(Exception): pass',
          'def late(number, frame): raise Late("too late")',
          'before = signal.signal(signal.SIGALRM, late)',
          'signal.setitimer(signal.ITIMER_REAL, 0.05)',
          'try:',
          '    for n in iter(int, 1): pass',
          'except Late as error: print(error)',
        ].join('\n'),
        { timeoutS: HANG_S },
      );
      assertOk(result);
      assert.equal(result.stdout, 'alarm\nterm\ntoo late\n');
    });

    it('whose handler raises end a run that awaits with what is raised', async () => {
      const executor = await subject.fresh();
      const result = await executor.run(
        'import asyncio, signal\nkept = 1\ndef late(number, frame): raise OSError("too late")\nbefore = signal.signal(signal.SIGALRM, late)\nsignal.setitimer(signal.ITIMER_REAL, 0.05)\nawait asyncio.sleep(1000)',
        { timeoutS: HANG_S },
      );
      assert.equal(result.status, 'error');
      assert.equal(result.error?.type, 'OSError');
      assert.match(result.error?.traceback ?? '', /in late[\s\S]*OSError: too late/);
      assert.equal((await executor.run('kept')).value, 1);
    });

    it('between runs run their handler, and one that raises is shown and harms nothing', async () => {
      for (const imports of ['import signal', 'import asyncio, signal']) {
        const executor = await subject.fresh();
        const shown = new Deferred();
        let text = '';
        await executor.run(
          `${imports}\nkept = 1\ndef late(number, frame):\n    print("between")\n    raise OSError("too late")\nbefore = signal.signal(signal.SIGALRM, late)\nsignal.setitimer(signal.ITIMER_REAL, 0.05)`,
          {
            onEvent: (event) => {
              text += interleaved([event]);
              if (text.includes('OSError: too late')) shown.resolve();
            },
          },
        );
        await shown.promise;
        assert.match(text, /^between\nTraceback[\s\S]*OSError: too late\n$/);
        assert.equal((await executor.run('kept')).value, 1);
      }
    });

    it('are handled by the event loop where code asks for that', async () => {
      const result = await subject.run(
        [
          'import asyncio, os, signal',
          'asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, lambda: print("usr1"))',
          'os.kill(os.getpid(), signal.SIGUSR1)',
          'await asyncio.sleep(0.05)',
          'asyncio.get_running_loop().remove_signal_handler(signal.SIGUSR1)',
        ].join('\n'),
      );
      assertOk(result);
      assert.equal(result.stdout, 'usr1\n');
    });

    for (const handler of [
      'lambda number, frame: print("mine")',
      'signal.SIG_IGN',
      'signal.default_int_handler',
    ]) {
      it(`a handler of SIGINT (${handler}) is for its run: the next one can be interrupted`, async () => {
        const executor = await subject.fresh();
        await executor.run('marker = 1');
        const { result } = await startRun(
          executor,
          `import signal, time\nbefore = signal.signal(signal.SIGINT, ${handler})\nprint("set", flush=True)\ntime.sleep(0.5)\n"slept"`,
          {
            onEvent: (event) => {
              if (event.kind === 'stdout' && event.text.includes('set')) void executor.interrupt();
            },
          },
        );
        const ended = await result;
        if (handler.startsWith('signal.d')) assert.equal(ended.status, 'interrupted');
        else assert.equal(ended.value, 'slept', ended.error?.traceback);
        assert.equal(ended.stdout.includes('mine'), handler.startsWith('lambda'));
        const next = await startRun(executor, 'while True: pass');
        await executor.interrupt();
        assert.equal((await next.result).status, 'interrupted');
        assert.equal((await executor.run('marker')).value, 1);
      });
    }
  });

  describe('an interrupt of what blocks', () => {
    before(async function () {
      await subject.requireNative(this);
    });

    for (const { title, code } of BLOCKING) {
      it(`ends ${title}`, async () => {
        // An import that is interrupted may leave a half of its modules, for good.
        assertOk(await subject.run(code.split('\n', 1)[0]!));
        const { result } = await startRun(subject.shared, code);
        // It is under way for sure only a little later; before that, the interrupt ends it as well.
        await sleep(20);
        await subject.shared.interrupt();
        const ended = await result;
        assert.equal(ended.status, 'interrupted');
        assert.equal(ended.variablesSurvived, true);
        await assertUsable(subject.shared);
      });
    }

    it('ends code also where it came in a finalizer, in which Python ignores what is raised', async () => {
      const { result } = await startRun(
        subject.shared,
        'import time\nclass Slow:\n    def __del__(self):\n        print("finalizing", flush=True)\n        time.sleep(1)\nslow = Slow()\ndel slow\nwhile True: pass',
        {
          onEvent: (event) => {
            if (event.kind === 'stdout' && event.text.includes('finalizing')) void subject.shared.interrupt();
          },
        },
      );
      const ended = await result;
      assert.deepEqual([ended.status, ended.stderr], ['interrupted', '']);
      await assertUsable(subject.shared);
    });

    it('reaches the program that os.system waits for', async () => {
      const { result } = await startRun(
        subject.shared,
        'import os\nstatus = os.system("echo inner; exec sleep 1000")',
        {
          onEvent: (event) => {
            if (event.kind === 'stdout' && event.text.includes('inner')) void subject.shared.interrupt();
          },
        },
      );
      const ended = await result;
      assert.ok(['ok', 'interrupted'].includes(ended.status), ended.error?.message);
      await assertUsable(subject.shared);
    });

    for (const { title, code } of BUSY_LOOPS) {
      it(`ends a run that awaits while ${title} computes`, async () => {
        const { result } = await startRun(
          subject.shared,
          `import asyncio\n${code}\nawait asyncio.sleep(1000)`,
        );
        await sleep(20);
        await subject.shared.interrupt();
        const ended = await result;
        assert.equal(ended.status, 'interrupted');
        assert.equal(ended.variablesSurvived, true);
        const next = await subject.run('import asyncio\nawait asyncio.sleep(0.01)\n"next"');
        assert.equal(next.value, 'next');
      });
    }
  });
}
