import assert from 'node:assert/strict';
import type { RunEvent } from '../../../src/core/contract/execution.ts';
import { assertOk, Deferred, HANG_S, observe, type Subject, streamed } from '../support/subject.ts';

/** Top-level `await` and what background tasks do. */
export function describeAsynchronous(subject: Subject): void {
  describe('asynchronous code', () => {
    it('awaits at the top level, in statements and as the value', async () => {
      const result = await subject.run(
        'import asyncio\nasync def later(n):\n    await asyncio.sleep(0)\n    return n\nfirst = await later(1)\nawait later(first + 1)',
      );
      assertOk(result);
      assert.equal(result.value, 2);
    });

    it('has async for and async with at the top level', async () => {
      const result = await subject.run(`
import contextlib
async def numbers():
    for n in range(3):
        yield n
@contextlib.asynccontextmanager
async def context():
    seen.append("enter")
    yield "inside"
    seen.append("exit")
seen = []
async for n in numbers():
    seen.append(n)
async with context() as value:
    seen.append(value)
seen + [n async for n in numbers()]`);
      assertOk(result);
      assert.deepEqual(result.value, [0, 1, 2, 'enter', 'inside', 'exit', 0, 1, 2]);
    });

    it('keeps the variables that it assigns', async () => {
      await subject.run('import asyncio\nawait asyncio.sleep(0)\nassigned_after_await = 5');
      assert.equal((await subject.run('assigned_after_await')).value, 5);
    });

    it('ends with the exception that it awaits', async () => {
      const result = await subject.run('async def fail(): raise KeyError("k")\nawait fail()');
      assert.equal(result.status, 'error');
      assert.equal(result.error?.type, 'KeyError');
    });

    it('does not turn a coroutine that nobody awaits into its result', async () => {
      const result = await subject.run('async def unawaited(): return 1\nc = unawaited()\nc');
      assertOk(result);
      assert.match(String(result.value), /^<coroutine object unawaited/);
      await subject.run('c.close()');
    });

    it('runs tasks side by side', async () => {
      const result = await subject.run(
        'import asyncio\nasync def one(n):\n    await asyncio.sleep(0.01)\n    return n\nlist(await asyncio.gather(*[one(n) for n in range(5)]))',
      );
      assertOk(result);
      assert.deepEqual(result.value, [0, 1, 2, 3, 4]);
    });

    it('prints in the background for its own run, never into the result of another', async () => {
      const executor = await subject.fresh();
      const background: RunEvent[] = [];
      const printed = new Deferred();
      const first = await executor.run(
        'import asyncio\nasync def later():\n    while not globals().get("go"):\n        await asyncio.sleep(0.01)\n    print("from the background")\ntask = asyncio.create_task(later())\nprint("first")',
        {
          timeoutS: HANG_S,
          onEvent: (event) => {
            background.push(event);
            if (streamed(background).includes('from the background')) printed.resolve();
          },
        },
      );
      assert.equal(first.stdout, 'first\n');
      const second = await observe(
        executor,
        'go = True\nfor _ in range(50): await asyncio.sleep(0.01)\nprint("second")',
      );
      await printed.promise;
      assert.equal(second.result.stdout, 'second\n');
      assert.equal(streamed(second.events), 'second\n');
      assert.equal(streamed(background), 'first\nfrom the background\n');
    });

    it('emits what the background of a run without a listener prints', async () => {
      const executor = await subject.fresh();
      const emitted: RunEvent[] = [];
      const printed = new Deferred();
      executor.onDidEmit((event) => {
        emitted.push(event);
        if (streamed(emitted).includes('stray')) printed.resolve();
      });
      await executor.run(
        'import asyncio\nasync def later():\n    await asyncio.sleep(0.05)\n    print("stray")\ntask = asyncio.create_task(later())',
      );
      const next = await executor.run('import asyncio\nawait asyncio.sleep(0.2)\n"next"', {
        timeoutS: HANG_S,
      });
      await printed.promise;
      assert.equal(next.stdout, '');
    });
  });
}
