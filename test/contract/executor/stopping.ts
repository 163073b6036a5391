import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Capability } from '../../../src/core/contract/capability.ts';
import { CodeModeError } from '../../../src/core/contract/errors.ts';
import type { ExecutionResult } from '../../../src/core/contract/execution.ts';
import type { Executor } from '../../../src/core/contract/executor.ts';
import { assertOk, assertUsable, HANG_S, type Subject, startRun } from '../support/subject.ts';

/**
 * A loop without end that a `try` can be around. CPython 3.11 and 3.12 look for the handler of what an interrupt raises
 * between two rounds right before the loop, and for a `while` that begins the `try` that is outside of it.
 */
const SPIN = 'for spin in iter(int, 1): pass';

/** Code that does not end by itself, and whether an interrupt can reach it. */
const ENDLESS: readonly { readonly title: string; readonly code: string; readonly interruptible: boolean }[] =
  [
    { title: 'while True: pass', code: 'while True: pass', interruptible: true },
    {
      title: 'a long computation in a function',
      code: 'def spin(n):\n    while n: n += 1\nspin(1)',
      interruptible: true,
    },
    { title: 'time.sleep(1e9)', code: 'import time\ntime.sleep(1e9)', interruptible: true },
    {
      title: 'await asyncio.sleep(1e9)',
      code: 'import asyncio\nawait asyncio.sleep(1e9)',
      interruptible: true,
    },
    {
      title: 'an asynchronous loop that never waits',
      code: 'import asyncio\nawait asyncio.sleep(0)\nwhile True: pass',
      interruptible: true,
    },
    {
      title: 'an asynchronous loop that waits a little each time',
      code: 'import asyncio\nwhile True: await asyncio.sleep(0.001)',
      interruptible: true,
    },
    {
      title: 'an asynchronous loop that only yields',
      code: 'import asyncio\nwhile True: await asyncio.sleep(0)',
      interruptible: true,
    },
    { title: 'a loop that prints', code: 'while True: print("x" * 100)', interruptible: true },
    {
      title: 'a regular expression that backtracks for ever',
      code: 'import re\nre.match(r"(a+)+$", "a" * 60 + "b")',
      interruptible: false,
    },
    {
      title: 'a sum over a range without end',
      code: 'import itertools\nsum(itertools.repeat(0))',
      interruptible: false,
    },
    {
      title: 'a loop that swallows KeyboardInterrupt',
      code: `while True:\n    try:\n        ${SPIN}\n    except BaseException: pass`,
      interruptible: false,
    },
    {
      title: 'an asynchronous loop that swallows its cancellation',
      code: 'import asyncio\nwhile True:\n    try: await asyncio.sleep(1e9)\n    except BaseException: pass',
      interruptible: false,
    },
  ];

/** What a stopped run promises: what it printed is there, what it says of the variables is true, the next run works. */
async function assertStoppedWell(executor: Executor, result: ExecutionResult): Promise<void> {
  assert.ok(result.stdout.startsWith('ready\n'), 'what was printed is kept');
  assert.equal(result.value, null);
  assert.ok(result.error?.type);
  const next = await executor.run('"marker" in globals()', { timeoutS: HANG_S });
  assertOk(next);
  assert.equal(next.value, result.variablesSurvived, 'variablesSurvived says what is the case');
  assert.equal(next.stdout, '');
  await assertUsable(executor);
}

/** Time limits, interrupts, cancellation and restarts. */
export function describeStopping(subject: Subject): void {
  describe('a timeout', () => {
    for (const { title, code, interruptible } of ENDLESS) {
      it(`stops ${title}`, async function () {
        subject.require(this, Capability.TIMEOUT);
        const executor = await subject.fresh();
        await executor.run('marker = 1');
        const result = await executor.run(`print("ready")\n${code}`, { timeoutS: 0.5 });
        assert.equal(result.status, 'timeout');
        if (interruptible) assert.equal(result.variablesSurvived, true, 'an interrupt was enough');
        await assertStoppedWell(executor, result);
      });
    }

    it('does not stop what ends in time', async function () {
      subject.require(this, Capability.TIMEOUT);
      const result = await subject.run('import time\ntime.sleep(0.05)\n"done"', { timeoutS: HANG_S });
      assert.equal(result.value, 'done');
    });

    it('counts from the start of the run, not from its place in the line', async function () {
      subject.require(this, Capability.TIMEOUT);
      const first = subject.run('import time\ntime.sleep(1.5)');
      const second = subject.run('"in time"', { timeoutS: 1 });
      assertOk(await first);
      assert.equal((await second).value, 'in time');
    });

    it('of the executor counts where the run says nothing, and null means none', async function () {
      subject.require(this, Capability.TIMEOUT);
      const executor = await subject.fresh({ timeoutS: 0.5 });
      assert.equal((await executor.run('while True: pass')).status, 'timeout');
      const unlimited = await executor.run('import time\ntime.sleep(1)\n"slow"', { timeoutS: null });
      assert.equal(unlimited.value, 'slow');
    });

    for (const timeoutS of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e10]) {
      it(`of ${timeoutS} s is refused with a clear error`, async () => {
        await assert.rejects(subject.run('1', { timeoutS }), (error) => CodeModeError.is(error, 'usage'));
        await assertUsable(subject.shared);
      });
    }
  });

  describe('an interrupt', () => {
    for (const { title, code } of ENDLESS.filter(({ interruptible }) => interruptible)) {
      it(`ends ${title}`, async () => {
        const executor = await subject.fresh();
        await executor.run('marker = 1');
        const { result } = await startRun(executor, code);
        assert.equal(await executor.interrupt(), true);
        const ended = await result;
        assert.equal(ended.status, 'interrupted');
        assert.equal(ended.error?.type, 'KeyboardInterrupt');
        assert.equal(ended.variablesSurvived, true);
        await assertStoppedWell(executor, ended);
      });
    }

    it('is a KeyboardInterrupt that the code can catch, as often as it comes', async () => {
      const executor = await subject.fresh();
      const ended = await executor.run(
        `caught = 0\nwhile caught < 3:\n    try:\n        print("in the try", flush=True)\n        ${SPIN}\n    except KeyboardInterrupt:\n        caught += 1\ncaught`,
        {
          timeoutS: HANG_S,
          onEvent: (event) => {
            if (event.kind === 'stdout') void executor.interrupt();
          },
        },
      );
      assertOk(ended);
      assert.equal(ended.value, 3);
      await assertUsable(executor);
    });

    it('neither loses nor doubles a line that was printed before it', async () => {
      const executor = await subject.fresh();
      for (let round = 0; round < 20; round++) {
        let heard = false;
        const ended = await executor.run('import itertools\nfor n in itertools.count(): print(n)', {
          timeoutS: HANG_S,
          onEvent: () => {
            if (!heard) void executor.interrupt();
            heard = true;
          },
        });
        assert.equal(ended.status, 'interrupted');
        const lines = ended.stdout.trimEnd().split('\n');
        assert.deepEqual(
          lines,
          lines.map((_, n) => String(n)),
        );
      }
      await assertUsable(executor);
    });

    it('is answered with false where nothing runs, and harms no later run', async () => {
      const executor = await subject.fresh();
      assert.equal(await executor.interrupt(), false);
      for (let round = 0; round < 20; round++) {
        await executor.run('1');
        assert.equal(await executor.interrupt(), false);
        await assertUsable(executor);
      }
    });

    it('that comes as a run ends reaches no other run', async () => {
      const executor = await subject.fresh();
      for (let round = 0; round < 30; round++) {
        const short = executor.run('for _ in range(1000): pass');
        const next = executor.run('sum(range(1000))', { timeoutS: HANG_S });
        await new Promise((resolve) => setImmediate(resolve));
        await executor.interrupt();
        const ended = await short;
        assert.ok(['ok', 'interrupted'].includes(ended.status));
        // Where the first run had ended, the second was the one that was interrupted, and rightly so.
        if (ended.status === 'interrupted') assert.equal((await next).value, 499_500);
        else await next;
      }
      await assertUsable(executor);
    });

    for (const milliseconds of [0, 5, 15, 30]) {
      it(`that comes ${milliseconds} ms after the first run that awaits was sent ends it`, async () => {
        const executor = await subject.fresh();
        const run = executor.run('import asyncio\nwhile True: await asyncio.sleep(0.001)', {
          timeoutS: HANG_S,
        });
        await sleep(milliseconds);
        // It may not have been sent yet, on a machine that is busy.
        while (!(await executor.interrupt())) await sleep(1);
        assert.equal((await run).status, 'interrupted');
        await assertUsable(executor);
      });
    }

    it('leaves the runs that wait as they are', async () => {
      const executor = await subject.fresh();
      const { result } = await startRun(executor, 'while True: pass');
      const waits = executor.run('"waited"', { timeoutS: HANG_S });
      await executor.interrupt();
      assert.equal((await result).status, 'interrupted');
      assert.equal((await waits).value, 'waited');
    });
  });

  describe('cancelling', () => {
    it('a running run interrupts it', async () => {
      const executor = await subject.fresh();
      await executor.run('marker = 1');
      const cancel = new AbortController();
      const { result } = await startRun(executor, 'while True: pass', { signal: cancel.signal });
      cancel.abort();
      const ended = await result;
      assert.equal(ended.status, 'interrupted');
      await assertStoppedWell(executor, ended);
    });

    it('a running run that swallows the interrupt kills it and starts afresh', async () => {
      const executor = await subject.fresh();
      await executor.run('marker = 1');
      const cancel = new AbortController();
      const ended = await executor.run(
        `while True:\n    try:\n        print("ready")\n        ${SPIN}\n    except BaseException: pass`,
        { timeoutS: HANG_S, signal: cancel.signal, onEvent: () => cancel.abort() },
      );
      assert.equal(ended.status, 'interrupted');
      assert.equal(ended.variablesSurvived, false);
      await assertStoppedWell(executor, ended);
    });

    it('a run that waits takes it out of the line: it never starts', async () => {
      const executor = await subject.fresh();
      const cancel = new AbortController();
      const { result } = await startRun(executor, 'while True: pass');
      const cancelled = executor.run('started = 1', { signal: cancel.signal });
      const after = executor.run('"started" in globals()', { timeoutS: HANG_S });
      cancel.abort();
      assert.equal((await cancelled).status, 'interrupted');
      await executor.interrupt();
      await result;
      assert.equal((await after).value, false);
    });

    it('before the start means that it never starts', async () => {
      const result = await subject.run('never_started = 1', { signal: AbortSignal.abort() });
      assert.equal(result.status, 'interrupted');
      assert.equal((await subject.run('"never_started" in globals()')).value, false);
    });

    it('after the end does nothing', async () => {
      const cancel = new AbortController();
      assertOk(await subject.run('1', { signal: cancel.signal }));
      cancel.abort();
      await assertUsable(subject.shared);
    });
  });

  describe('a restart', () => {
    it('while code runs ends it and what waits as died, and the next run works', async () => {
      const executor = await subject.fresh();
      await executor.run('marker = 1');
      const { result } = await startRun(executor, 'while True: pass');
      const waits = executor.run('waited = 1');
      await executor.restart();
      const ended = await result;
      assert.equal(ended.status, 'died');
      assert.equal(ended.variablesSurvived, false);
      assert.equal((await waits).status, 'died');
      await assertStoppedWell(executor, ended);
    });

    it('can be asked for twice at once', async () => {
      const executor = await subject.fresh();
      await Promise.all([executor.restart(), executor.restart()]);
      await assertUsable(executor);
    });
  });
}
