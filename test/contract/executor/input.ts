import assert from 'node:assert/strict';
import type { InputRequest, RunEvent } from '../../../src/core/contract/execution.ts';
import {
  assertOk,
  assertUsable,
  Deferred,
  HANG_S,
  observe,
  type Subject,
  streamed,
} from '../support/subject.ts';

/** What the code asks a person. */
export function describeInput(subject: Subject): void {
  describe('input()', () => {
    it('is answered by the one who runs the code', async () => {
      const asked: InputRequest[] = [];
      const result = await subject.run('name = input("Who? ")\nname[::-1]', {
        onInput: async (request) => {
          asked.push(request);
          return 'Zoë 🌍';
        },
      });
      assertOk(result);
      assert.equal(result.value, '🌍 ëoZ');
      assert.deepEqual(asked, [{ prompt: 'Who? ', password: false }]);
    });

    it('comes after what was printed before it, and streams as an event', async () => {
      const events: RunEvent[] = [];
      let seenBefore = '';
      await subject.run('print("first", end="")\nanswer = input("then ")', {
        onEvent: (event) => events.push(event),
        onInput: async () => {
          seenBefore = streamed(events);
          return '';
        },
      });
      assert.equal(seenBefore, 'first');
      assert.deepEqual(
        events.find((event) => event.kind === 'inputRequest'),
        { kind: 'inputRequest', request: { prompt: 'then ', password: false } },
      );
    });

    it('hides what is typed for getpass()', async () => {
      const asked: InputRequest[] = [];
      const result = await subject.run('import getpass\nlen(getpass.getpass("Secret: "))', {
        onInput: async (request) => {
          asked.push(request);
          return 'four';
        },
      });
      assertOk(result);
      assert.equal(result.value, 4);
      assert.deepEqual(asked, [{ prompt: 'Secret: ', password: true }]);
    });

    it('can be called many times, and from asynchronous code', async () => {
      let count = 0;
      const result = await subject.run(
        'import asyncio\nawait asyncio.sleep(0)\n[input() for _ in range(100)][-1]',
        { onInput: async () => String(++count) },
      );
      assertOk(result);
      assert.equal(result.value, '100');
    });

    it('reads through sys.stdin, too', async () => {
      const result = await subject.run('import sys\nsys.stdin.readline()', { onInput: async () => 'a line' });
      assertOk(result);
      assert.equal(result.value, 'a line\n');
    });

    it('raises an error that says so where nobody is there to answer', async () => {
      const result = await subject.run('input("anyone? ")');
      assert.equal(result.status, 'error');
      assert.match(result.error?.message ?? '', /input\(\)|nobody|answer/i);
      await assertUsable(subject.shared);
    });

    it('raises EOFError where the answer is refused', async () => {
      const result = await subject.run('try:\n    input()\nexcept EOFError:\n    end = "end of input"\nend', {
        onInput: async () => {
          throw new Error('the person pressed Escape');
        },
      });
      assertOk(result);
      assert.equal(result.value, 'end of input');
    });

    it('can be interrupted while it waits: the question is withdrawn', async () => {
      const executor = await subject.fresh();
      await executor.run('marker = 1');
      const asked = new Deferred();
      const withdrawn = new Deferred();
      const run = observe(executor, 'input("for ever? ")', {
        onInput: (_, signal) => {
          asked.resolve();
          return new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              withdrawn.resolve();
              reject(new Error('withdrawn'));
            });
          });
        },
      });
      await asked.promise;
      assert.equal(await executor.interrupt(), true);
      const { result } = await run;
      assert.equal(result.status, 'interrupted');
      assert.equal(result.variablesSurvived, true);
      await withdrawn.promise;
      assert.equal((await executor.run('marker')).value, 1);
    });

    it('can be interrupted in the very moment that it asks, time and again', async () => {
      const executor = await subject.fresh();
      for (let round = 0; round < 20; round++) {
        const withdrawn = new Deferred();
        const result = await executor.run('input()', {
          timeoutS: HANG_S,
          onInput: (_, signal) => {
            signal.addEventListener('abort', () => withdrawn.resolve());
            void executor.interrupt();
            return new Promise(() => undefined);
          },
        });
        assert.equal(result.status, 'interrupted');
        await withdrawn.promise;
      }
    });

    it('that nobody ever answers is interrupted all the same', async () => {
      const executor = await subject.fresh();
      const asked = new Deferred();
      const run = executor.run('input()', {
        timeoutS: HANG_S,
        onInput: () => {
          asked.resolve();
          return new Promise(() => undefined);
        },
      });
      await asked.promise;
      await executor.interrupt();
      assert.equal((await run).status, 'interrupted');
      await assertUsable(executor);
    });

    it('counts for the timeout', async () => {
      const executor = await subject.fresh();
      const result = await executor.run('input()', {
        timeoutS: 0.5,
        onInput: () => new Promise(() => undefined),
      });
      assert.equal(result.status, 'timeout');
      await assertUsable(executor);
    });
  });
}
