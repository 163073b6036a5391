import assert from 'node:assert/strict';
import { Capability } from '../../../src/core/contract/capability.ts';
import type { Executor } from '../../../src/core/contract/executor.ts';
import { assertUsable, HANG_S } from '../support/subject.ts';
import type { SubprocessBench } from './bench.ts';

/** Limits of memory and of processor time. */
export function describeLimits(bench: SubprocessBench): void {
  describe('with a memory limit', () => {
    it('ends what asks for more with a MemoryError, and the session goes on', async function () {
      const executor = await bench.start({ memoryLimit: 400 });
      if (!executor.supports(Capability.MEMORY_LIMIT)) this.skip();
      assert.equal(await bench.value(executor, 'kept = len(bytearray(100_000_000))'), null);
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
        assert.equal(await bench.value(executor, 'print("usable")\nkept'), 100_000_000);
        await executor.run('hoard = None');
        await assertUsable(executor);
      }
    });

    it('ends a call whose answer is larger with a MemoryError, too', async function () {
      const executor = await bench.start(
        { memoryLimit: 200 },
        {
          hostServices: () => ({
            'artifacts.exists': async () => ({ result: false, buffers: [Buffer.alloc(3e8)] }),
          }),
        },
      );
      if (!executor.supports(Capability.MEMORY_LIMIT)) this.skip();
      for (const call of [
        'artifacts.exists("a")',
        'await artifacts._host.call_async("artifacts.exists", {"name": "a"})',
      ]) {
        const result = await executor.run(call, { timeoutS: HANG_S });
        assert.equal(result.error?.type, 'MemoryError', result.error?.message);
        await assertUsable(executor);
      }
    });

    it('limits child processes as well', async function () {
      const executor = await bench.start({ memoryLimit: 400 });
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
      const executor = await bench.start({ cpuLimit: 0.5 });
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
        // Once in a great many runs the main thread does not get to its exception beside a thread that computes, and the
        // kernel ends the process, as it is to do then.
        if (title === 'a thread') this.retries(2);
        const executor = await startLimited(this);
        await executor.run('kept = 1');
        const result = await executor.run(`print("before")\n${code}`, { timeoutS: HANG_S });
        assert.equal(result.error?.type, 'CpuLimitError');
        assert.match(result.error?.message ?? '', /more than its 0\.5 s of processor time[\s\S]*cpuLimit/);
        assert.equal(result.stdout, 'before\n');
        assert.equal(await bench.value(executor, 'kept'), 1);
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
    const without = await bench.start();
    assert.ok(!without.supports(Capability.MEMORY_LIMIT) && !without.supports(Capability.CPU_LIMIT));
    for (const { capability, detail } of without.capabilityReport()) {
      if (capability === Capability.MEMORY_LIMIT) assert.match(detail, /codeMode\.subprocess\.memoryLimit/);
      if (capability === Capability.CPU_LIMIT) assert.match(detail, /codeMode\.subprocess\.cpuLimit/);
    }
  });
}
