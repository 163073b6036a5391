import assert from 'node:assert/strict';
import { CodeModeError } from '../../../src/core/contract/errors.ts';
import { hasRedis, RedisServer } from '../../support/redisServer.ts';
import { RedisBench } from './redisBench.ts';
import { BYTES, namesOf, put, refused, textOf, workflow } from './subject.ts';

const SECRET = 's3cr3t/ö%@';

/** Who may do what, and what a server refuses. */
export function describeRedisAccess(): void {
  describe('whose server asks who is there', () => {
    const bench = new RedisBench();
    bench.install();
    const withUser = (user: string, password = '') =>
      bench.server.url.replace('unix://', `unix://${user}${password && `:${encodeURIComponent(password)}`}@`);
    /** Gives the passwords one after another, and keeps what was asked. */
    const asked: boolean[] = [];
    const answers =
      (...passwords: (string | undefined)[]) =>
      async ({ wasRefused }: { wasRefused: boolean }) => {
        asked.push(wasRefused);
        return passwords.shift();
      };

    beforeEach(async () => {
      asked.splice(0);
      await bench.server.send('ACL', 'SETUSER', 'ann', 'on', `>${SECRET}`, '~p:*', '+@all');
      await bench.server.send(
        'ACL',
        'SETUSER',
        'reader',
        'on',
        `>${SECRET}`,
        '~p:*',
        '+@read',
        '+@transaction',
        '-scan',
        '-copy',
      );
    });

    it('a password is asked for once', async () => {
      const store = bench.open({ url: withUser('ann'), password: answers(SECRET) });
      store.watch(() => undefined);
      await Promise.all([
        put(store.artifacts, 'a', '1'),
        put(store.artifacts, 'b', '1'),
        store.workflows.list(),
      ]);
      await store.artifacts.rename('a', 'c');
      assert.deepEqual(await namesOf(store.artifacts), ['b', 'c']);
      assert.deepEqual(asked, [false]);
    });

    it('a wrong one, then the right one', async () => {
      const { artifacts } = bench.open({ url: withUser('ann'), password: answers('wrong', SECRET) });
      await Promise.all([put(artifacts, 'a', '1'), put(artifacts, 'b', '1')]);
      assert.deepEqual(asked, [false, true]);
    });

    it('wrong ones', async () => {
      const { artifacts } = bench.open({ url: withUser('ann'), password: answers('wrong1', 'wrong2') });
      await assert.rejects(artifacts.list(), refused('storage', /refused the user or password/));
      assert.deepEqual(asked, [false, true]);
    });

    it('none is known', async () => {
      const { artifacts } = bench.open({ url: withUser('ann') });
      await assert.rejects(artifacts.list(), refused('storage', /refused the user or password/));
    });

    it('who does not want to say it is not bothered by others who ask', async () => {
      const { artifacts } = bench.open({
        url: withUser('ann'),
        password: async () => {
          throw new CodeModeError('cancelled', 'Nobody said it.');
        },
      });
      await assert.rejects(artifacts.list(), refused('cancelled', /Nobody/));
    });

    it('one in the address is used, and shown nowhere', async () => {
      const store = bench.open({ url: withUser('ann', SECRET), password: answers('unused') });
      await put(store.artifacts, 'a', '1');
      assert.deepEqual(asked, []);
      const shown: unknown[] = [store, store.getSerializableAccess(), bench.lines];
      await bench.server.send('ACL', 'DELUSER', 'ann');
      const refusals = [
        bench.open({ url: withUser('ann', SECRET) }),
        bench.open({ url: withUser('ann', SECRET) }),
      ];
      for (const { artifacts } of refusals) {
        await artifacts.list().catch((error: unknown) => shown.push(error));
      }
      assert.equal(shown.length, 5);
      const { inspect } = await import('node:util');
      for (const each of shown) {
        const text = inspect(each, { depth: 10, showHidden: true }) + JSON.stringify(each);
        assert.ok(!text.includes(SECRET) && !text.includes(encodeURIComponent(SECRET)), text);
      }
      assert.match(JSON.stringify(store.getSerializableAccess()), /unix:\/\/ann@/);
    });

    it('a user without transactions reads, and writes nothing by halves', async () => {
      const rights = ['on', `>${SECRET}`, '~p:*', '+@read', '+@write', '+@connection'];
      await bench.server.send('ACL', 'SETUSER', 'plain', ...rights);
      await put(bench.open().artifacts, 'a', '1');
      const { artifacts, workflows } = bench.open({ url: withUser('plain', SECRET) });
      const may = refused('storage', /user may not.*multi/i);
      await assert.rejects(put(artifacts, 'a', '2'), may);
      await assert.rejects(put(artifacts, 'b', '2'), may);
      await assert.rejects(artifacts.delete('a'), may);
      assert.equal(await textOf(artifacts, 'a'), '1');
      assert.deepEqual(await bench.keys(), ['p:artifacts:__index__', 'p:artifacts:a']);
      await workflows.save(workflow('w'));
      assert.equal((await workflows.list()).length, 1);
    });

    it('a user who may read only', async () => {
      await put(bench.open().artifacts, 'a', '1');
      await bench.open().artifacts.save('large', Buffer.alloc(2_000_000), BYTES);
      const { artifacts, workflows } = bench.open({ url: withUser('reader', SECRET) });
      assert.deepEqual(await namesOf(artifacts), ['a', 'large']);
      assert.equal(await textOf(artifacts, 'a'), '1');
      await using reader = await artifacts.open('large');
      assert.equal((await reader.read(1_500_000, 10)).length, 10);
      const may = refused('storage', /user may not/);
      await assert.rejects(put(artifacts, 'b', '1'), may);
      await assert.rejects(artifacts.delete('a'), may);
      await assert.rejects(artifacts.rename('a', 'b'), may);
      await assert.rejects(workflows.save(workflow('a')), may);
      assert.deepEqual(await namesOf(artifacts), ['a', 'large']);
    });
  });

  describe('whose server has a password for all', () => {
    const bench = new RedisBench();
    bench.install();

    it('which is asked for, since it is wanted', async () => {
      await using server = await RedisServer.start('--requirepass', SECRET);
      const asked: boolean[] = [];
      const { artifacts } = bench.open({
        url: server.url,
        password: async ({ wasRefused }) => {
          asked.push(wasRefused);
          return asked.length === 1 ? undefined : SECRET;
        },
      });
      await put(artifacts, 'a', '1');
      assert.deepEqual(asked, [false, true]);
    });
  });

  describe('whose server refuses', () => {
    before(function () {
      if (!hasRedis()) this.skip();
    });
    const bench = new RedisBench();
    bench.install();
    const limit = (memory: string) => bench.server.send('CONFIG', 'SET', 'maxmemory', memory);
    afterEach(() => limit('0'));

    it('what its memory does not hold; what was there stays', async () => {
      const { artifacts } = bench.open();
      await put(artifacts, 'a', 'old');
      const full = refused('storage', /"a" could not be saved: the memory that Redis may use is full/);
      await artifacts.save('large', Buffer.alloc(30_000_000), BYTES);
      await limit('20mb');
      await assert.rejects(put(artifacts, 'a', 'new'), full);
      await using writer = await artifacts.create('a');
      await assert.rejects(writer.write(Buffer.alloc(1_000_000)), full);
      assert.equal(await textOf(artifacts, 'a'), 'old');
      assert.deepEqual(await namesOf(artifacts), ['a', 'large']);
      // Deleting goes on.
      const removed = await artifacts.remove('large');
      await limit('0');
      await removed?.restore();
      await limit('20mb');
      assert.equal(await artifacts.delete('large'), true);
      await put(artifacts, 'a', 'new');
      assert.equal(await textOf(artifacts, 'a'), 'new');
    });

    it('a version that is read when there is no memory for a copy', async () => {
      const { artifacts } = bench.open();
      await artifacts.save('a', Buffer.alloc(12_000_000, 'x'), BYTES);
      await limit('4mb');
      await using reader = await artifacts.open('a');
      assert.equal(Buffer.from(await reader.read(11_999_999, 10)).toString(), 'x');
    });

    it('writes to a replica', async () => {
      await using replica = await RedisServer.start('--replicaof', '127.0.0.1', '1');
      const { artifacts } = bench.open({ url: replica.url });
      await assert.rejects(put(artifacts, 'a', '1'), refused('storage', /read-only replica/));
    });

    it('more than 512 MB, before any of it is sent', async () => {
      const { artifacts } = bench.open();
      const large = refused('usage', /larger than 512 MB/);
      const content = new Uint8Array(512 * 1024 * 1024 + 1);
      await assert.rejects(artifacts.save('a', content, BYTES), large);
      await using writer = await artifacts.create('a');
      await assert.rejects(writer.write(content), large);
      assert.deepEqual(await bench.keys(), []);
    });
  });
}
