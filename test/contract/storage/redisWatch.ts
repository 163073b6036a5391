import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { StorageBackend, StoreContent } from '../../../src/core/contract/storage.ts';
import { RedisServer } from '../../support/redisServer.ts';
import { RedisBench } from './redisBench.ts';
import { put, workflow } from './subject.ts';

/** Changes that are heard of. */
class Heard {
  readonly changes: StoreContent[] = [];
  readonly #wakes = new Set<() => void>();

  readonly listener = (changed: StoreContent): void => {
    this.changes.push(changed);
    for (const wake of this.#wakes) wake();
  };

  /** Resolves when all of these were heard of since the last call. */
  async all(...expected: StoreContent[]): Promise<void> {
    while (!expected.every((change) => this.changes.includes(change))) {
      await new Promise<void>((resolve) => {
        this.#wakes.add(resolve);
      });
    }
    this.changes.splice(0);
  }
}

export function describeRedisWatch(bench: RedisBench): void {
  const send = (...words: string[]) => bench.server.send(...words);
  /** Until the server tells of changes. */
  async function watched(store: StorageBackend): Promise<Heard> {
    const heard = new Heard();
    store.watch?.(heard.listener);
    await heard.all('artifacts', 'workflows');
    return heard;
  }

  describe('hears of changes', () => {
    it('by anyone, and says which', async () => {
      const heard = await watched(bench.open());
      await send('SET', 'p:artifacts:raw', '1');
      await heard.all('artifacts');
      await send('HSET', 'p:artifacts:__index__', 'raw', '{}');
      await heard.all('artifacts');
      await send('HSET', 'p:workflows:__workflows__', 'raw', '{}');
      await heard.all('workflows');
      await send('HSET', 'p:skills:__skills__', 'raw', '{}');
      await heard.all('workflows');
      const other = bench.open();
      await put(other.artifacts, 'a', '1');
      await heard.all('artifacts');
      await other.artifacts.rename('a', 'b');
      await heard.all('artifacts');
      await other.artifacts.delete('b');
      await heard.all('artifacts');
      await other.workflows.save(workflow('a'));
      await heard.all('workflows');
      await send('FLUSHALL');
      await heard.all('artifacts', 'workflows');
    });

    it('not of those elsewhere', async () => {
      const heard = await watched(bench.open());
      await put(bench.open({ workspaceId: 'w' }).artifacts, 'a', '1');
      await put(bench.open({ prefix: 'pp' }).artifacts, 'a', '1');
      await bench.open().vectors.put('m', new Map([['a'.repeat(64), Float32Array.of(1)]]));
      await using writer = await bench.open().artifacts.create('a');
      await writer.write(Buffer.from('not yet seen'));
      await send('HSET', 'p:workflows:__workflows__', 'raw', '{}');
      await heard.all('workflows');
      await delay(200);
      assert.deepEqual(heard.changes, []);
    });

    it('of all that may have been missed, when the connection is back', async () => {
      const heard = await watched(bench.open());
      await send('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await heard.all('artifacts', 'workflows');
      await send('SET', 'p:artifacts:raw', '1');
      await heard.all('artifacts');
    });

    it('while somebody listens', async () => {
      const store = bench.open();
      const first = store.watch(() => undefined);
      const heard = await watched(store);
      first.dispose();
      first.dispose();
      await send('SET', 'p:artifacts:raw', '1');
      await heard.all('artifacts');
      await store[Symbol.asyncDispose]();
      while ((await bench.server.clients()).length > 0) await delay(10);
    });

    it('when somebody listens again, at any moment', async () => {
      const store = bench.open();
      for (let turn = 0; turn < 20; turn += 1) {
        const subscription = store.watch(() => undefined);
        await delay(turn % 7);
        subscription.dispose();
      }
      const heard = await watched(store);
      await send('SET', 'p:artifacts:raw', '1');
      await heard.all('artifacts');
      while ((await bench.server.clients()).length !== 1) await delay(10);
    });
  });
}

/** A server that is too old to tell of changes. */
export function describeOldRedis(): void {
  describe('on a server that knows neither HELLO nor COPY', () => {
    const bench = new RedisBench('--rename-command', 'HELLO', '', '--rename-command', 'COPY', '');
    bench.install();

    it('works, and says that views are refreshed by hand', async () => {
      const store = bench.open();
      store.watch(() => undefined);
      await put(store.artifacts, 'a', '1');
      while (!bench.lines.some((line) => line.includes('by hand'))) await delay(10);
    });

    it('and repeats no password, as the server does', async () => {
      await using server = await RedisServer.start(
        '--requirepass',
        's3cr3t',
        '--rename-command',
        'HELLO',
        '',
      );
      const store = bench.open({ url: server.url, password: async () => 's3cr3t' });
      store.watch(() => undefined);
      await put(store.artifacts, 'a', '1');
      while (!bench.lines.some((line) => line.includes('by hand'))) await delay(10);
      assert.ok(!bench.lines.join().includes('s3cr3t'), bench.lines.join());
    });

    it('an artifact that is changed while it is read is an error, not a mixture', async () => {
      const { artifacts } = bench.open();
      const details = { description: '', metadata: {}, dataType: 'bytes' } as const;
      await artifacts.save('a', Buffer.alloc(3_000_000, 'a'), details);
      await using reader = await artifacts.open('a');
      assert.equal(Buffer.from(await reader.read(2_999_990, 10)).toString(), 'aaaaaaaaaa');
      await artifacts.save('a', Buffer.alloc(3_000_000, 'b'), details);
      await assert.rejects(reader.read(0, 10), /was changed while it was read/);
    });
  });
}
