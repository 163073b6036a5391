import assert from 'node:assert/strict';
import type { RunEvent } from '../../../src/core/contract/execution.ts';
import { until } from '../../support/until.ts';
import type { HostBench } from './bench.ts';

const ASKS =
  'print("ready")\ntry:\n    answer = input("who? ")\nexcept Exception as error:\n    answer = repr(error)\nanswer';

/** Who is asked what the code asks. */
export function describeQuestions(bench: HostBench): void {
  describe('asks', () => {
    it('who has started the run, and nobody else', async () => {
      const others: string[] = [];
      const other = await bench.attach({
        onInput: async ({ prompt }) => {
          others.push(prompt);
          return 'other';
        },
      });
      await bench.open(other);
      const session = await bench.open(await bench.attach());
      assert.equal((await session.run(ASKS, { onInput: async () => 'starter' })).value, 'starter');
      assert.deepEqual(others, []);
    });

    it('the newest of the others where the one who has started it is gone', async () => {
      const starter = bench.client({ spec: bench.spec(), code: ASKS, answer: null });
      assert.equal((await starter.says('asked')).asked, 'who? ');
      const older = await bench.attach({ onInput: async () => 'older' });
      await bench.open(older);
      const newer = await bench.attach({ onInput: async ({ prompt }) => `newer: ${prompt}` });
      const session = await bench.open(newer);
      await bench.open(await bench.attach());
      const [run] = await session.runs();
      await starter.kill();
      assert.equal((await session.follow(run!.id)).value, 'newer: who? ');
    });

    it('who follows the run before anybody else', async () => {
      const starter = bench.client({ spec: bench.spec(), code: ASKS, answer: null });
      await starter.says('asked');
      const session = await bench.open(await bench.attach({ onInput: async () => 'anybody' }));
      const [run] = await session.runs();
      const heard: RunEvent[] = [];
      const followed = session.follow(run!.id, {
        onEvent: (event) => heard.push(event),
        onInput: async () => 'follower',
      });
      await until('the question is seen', () => heard.some(({ kind }) => kind === 'inputRequest'));
      await starter.kill();
      assert.equal((await followed).value, 'follower');
    });

    it('again whoever comes back in time', async () => {
      const starter = bench.client({
        spec: bench.spec(),
        code: ASKS,
        answer: null,
        host: { comesBack: true },
      });
      await starter.says('asked');
      const session = await bench.open(await bench.attach());
      const [run] = await session.runs();
      await starter.kill();
      await until('it is gone', () => session.info.clients.length === 1);
      assert.equal((await session.runs())[0]?.endedAt, null);
      const back = await bench.open(await bench.attach({ comesBack: true }));
      const followed = back.follow(run!.id, { onInput: async ({ prompt }) => `${prompt}me again` });
      assert.equal((await followed).value, 'who? me again');
    });

    it('nobody, and says so in Python, where nobody is expected back', async () => {
      const starter = bench.client({ spec: bench.spec(), code: ASKS, answer: null });
      await starter.says('asked');
      const session = await bench.open(await bench.attach());
      const [run] = await session.runs();
      await starter.kill();
      assert.match(String((await session.follow(run!.id)).value), /nobody is there to answer/);
    });

    it('nobody any more once the run is interrupted', async () => {
      const session = await bench.open(await bench.attach());
      const withdrawn = new Promise<void>((resolve) => {
        void session
          .run('input()', {
            onInput: (_, signal) =>
              new Promise((_answer, reject) => {
                signal.addEventListener('abort', () => {
                  reject(new Error('withdrawn'));
                  resolve();
                });
                void session.interrupt();
              }),
          })
          .then(({ status }) => assert.equal(status, 'interrupted'));
      });
      await withdrawn;
    });
  });
}
