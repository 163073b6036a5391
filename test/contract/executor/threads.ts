import assert from 'node:assert/strict';
import type { RunEvent } from '../../../src/core/contract/execution.ts';
import { createHostServices } from '../../../src/core/hostServices.ts';
import {
  assertOk,
  assertUsable,
  Deferred,
  HANG_S,
  observe,
  type Subject,
  streamed,
} from '../support/subject.ts';

/** Threads of Python: their output, and the host that they call. */
export function describeThreads(subject: Subject): void {
  describe('threads', () => {
    before(async function () {
      await subject.requireNative(this);
    });

    it('print for the run that started them, also while another one goes on', async () => {
      const executor = await subject.fresh();
      const background: RunEvent[] = [];
      const ended = new Deferred();
      const first = await executor.run(
        [
          'import sys, threading',
          'go = threading.Event()',
          'def work():',
          '    go.wait()',
          '    for n in range(500):',
          '        print("thread", n)',
          '        print("thread", n, file=sys.stderr)',
          '    print("end of the thread")',
          'thread = threading.Thread(target=work)',
          'thread.start()',
          'print("first")',
        ].join('\n'),
        {
          timeoutS: HANG_S,
          onEvent: (event) => {
            background.push(event);
            if (event.kind === 'stdout' && event.text.includes('end of the thread')) ended.resolve();
          },
        },
      );
      assert.equal(first.stdout, 'first\n');
      const second = await observe(
        executor,
        'go.set()\nfor n in range(500): print("own", n)\nthread.join()\nprint("second")',
      );
      await ended.promise;
      const own = `${Array.from({ length: 500 }, (_, n) => `own ${n}\n`).join('')}second\n`;
      assert.equal(second.result.stdout, own);
      assert.equal(streamed(second.events), own);
      assert.equal(second.result.stderr, '');
      const lines = Array.from({ length: 500 }, (_, n) => `thread ${n}\n`).join('');
      assert.equal(streamed(background), `first\n${lines}end of the thread\n`);
      assert.equal(streamed(background, 'stderr'), lines);
    });

    it('that fail say so on stderr, with the lines of the cell', async () => {
      const result = await subject.run(
        'import threading\ndef fail(): raise ValueError("in the thread")\nthread = threading.Thread(target=fail)\nthread.start()\nthread.join()',
      );
      assertOk(result);
      assert.match(
        result.stderr,
        /Exception in thread[\s\S]*def fail\(\): raise[\s\S]*ValueError: in the thread/,
      );
    });

    it('call the host at the same time, each with its own answer', async () => {
      const executor = await subject.fresh({
        hostServices: (storage) => ({
          ...createHostServices({ storage }),
          'tools.search': async ({ params }) => ({
            result: [
              {
                name: (params as { query: string }).query,
                description: '',
                tags: [],
                callables: [],
                direct: null,
                problem: null,
              },
            ],
          }),
        }),
      });
      const result = await executor.run(
        [
          'from concurrent.futures import ThreadPoolExecutor',
          'def ask(n): return tools.search(f"query {n}")[0].name == f"query {n}"',
          'with ThreadPoolExecutor(8) as pool: answers = list(pool.map(ask, range(400)))',
          '[len(answers), all(answers)]',
        ].join('\n'),
        { timeoutS: HANG_S },
      );
      assertOk(result);
      assert.deepEqual(result.value, [400, true]);
      await assertUsable(executor);
    });

    it('have event loops of their own, which the host answers as well', async () => {
      const executor = await subject.fresh({ hostServices: (storage) => createHostServices({ storage }) });
      const result = await executor.run(
        [
          'import asyncio, threading',
          'async def main():',
          '    await asyncio.sleep(0.01)',
          '    print("in the thread")',
          '    result, _ = await tools._host.call_async("deps.list", {})',
          '    seen.append(result)',
          'seen = []',
          'thread = threading.Thread(target=lambda: asyncio.run(main()))',
          'thread.start()',
          // The session's own loop stands still meanwhile.
          'thread.join()',
          'asyncio.run(main())',
          'seen',
        ].join('\n'),
        { timeoutS: HANG_S },
      );
      assertOk(result);
      assert.deepEqual(result.value, [[], []]);
      assert.equal(result.stdout, 'in the thread\nin the thread\n');
    });

    it('ask with input()', async () => {
      const result = await subject.run(
        'import threading\nsaid = []\nthread = threading.Thread(target=lambda: said.append(input("Who? ")))\nthread.start()\nthread.join()\nsaid',
        { onInput: async ({ prompt }) => `answer to ${prompt}` },
      );
      assertOk(result);
      assert.deepEqual(result.value, ['answer to Who? ']);
    });
  });
}
