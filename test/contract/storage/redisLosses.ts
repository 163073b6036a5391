import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ArtifactStore } from '../../../src/core/contract/storage.ts';
import { RedisBench } from './redisBench.ts';
import { BYTES, namesOf, put, refused, textOf, workflow } from './subject.ts';

/** A server that goes away, and comes back. */
export function describeRedisLosses(): void {
  describe('whose server goes away', function () {
    this.timeout(60_000);
    const bench = new RedisBench('--appendonly', 'yes', '--appendfsync', 'always');
    bench.install();
    const killConnections = () => bench.server.send('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');

    it('and was never there: an error at once', async () => {
      const { artifacts } = bench.open({ url: 'redis://127.0.0.1:1/3' });
      await assert.rejects(
        artifacts.list(),
        refused('storage', /Redis at redis:\/\/127\.0\.0\.1:1\/3 can't be reached/),
      );
      await assert.rejects(artifacts.list(), refused('storage', /can't be reached/));
    });

    it('and comes back while calls wait for it', async () => {
      const { artifacts, workflows } = bench.open();
      await put(artifacts, 'a', '1');
      await bench.server.kill();
      const calls = [put(artifacts, 'b', '2'), workflows.save(workflow('w')), artifacts.rename('a', 'c')];
      const restarted = delay(500).then(() => bench.server.start());
      await Promise.all([...calls, restarted]);
      assert.deepEqual(await namesOf(artifacts), ['b', 'c']);
      assert.deepEqual(
        (await workflows.list()).map(({ name }) => name),
        ['w'],
      );
    });

    it('and stays away: clear errors, until it is back', async () => {
      const { artifacts } = bench.open();
      await put(artifacts, 'a', '1');
      await bench.server.kill();
      const gone = refused('storage', /Redis at unix:.* can't be reached/);
      await assert.rejects(artifacts.list(), gone);
      // By now it is known to be away: nobody waits again.
      await assert.rejects(put(artifacts, 'b', '2'), gone);
      await bench.server.start();
      assert.deepEqual(await namesOf(artifacts), ['a']);
    });

    it('and still reads its data when it is back', async () => {
      const { artifacts } = bench.open();
      await put(artifacts, 'a', '1');
      for (let at = 0; at < 2000; at += 1) await bench.server.send('SET', `other${at}`, '1');
      await bench.server.send('BGREWRITEAOF');
      while (/aof_rewrite_in_progress:1/.test(String(await bench.server.send('INFO', 'persistence'))))
        await delay(10);
      await bench.server.kill();
      const slowly = ['--key-load-delay', '500', '--loading-process-events-interval-bytes', '1024'];
      await bench.server.start(...slowly);
      await assert.rejects(bench.server.send('GET', 'x'), /LOADING/);
      assert.equal(await textOf(artifacts, 'a'), '1');
      await bench.server.send('CONFIG', 'SET', 'key-load-delay', '0');
    });

    it('in the middle of saves: each is there whole, or not at all', async () => {
      const { artifacts } = bench.open();
      const saved: string[] = [];
      let over = false;
      const saving = (async () => {
        for (let turn = 0; !over; turn += 1) {
          await artifacts.save(`a${turn}`, Buffer.alloc(200_000, String(turn % 10)), BYTES);
          saved.push(`a${turn}`);
        }
      })();
      for (let round = 0; round < 3; round += 1) {
        await delay(200);
        await bench.server.kill();
        await bench.server.start();
      }
      over = true;
      await saving;
      assert.ok(saved.length > 3);
      const names = await namesOf(artifacts);
      assert.deepEqual(names, [...saved].sort());
      for (const name of names) assert.match(await textOf(artifacts, name), /^(\d)\1{199999}$/);
      assert.deepEqual(bench.lines, []);
    });

    it('in the middle of pieces that are written and read', async () => {
      const { artifacts } = bench.open();
      const content = randomBytes(4_000_000);
      await using writer = await artifacts.create('a');
      await writer.write(content.subarray(0, 1_500_000));
      await killConnections();
      await writer.write(content.subarray(1_500_000, 3_000_000));
      await bench.server.kill();
      await bench.server.start();
      await writer.write(content.subarray(3_000_000));
      await killConnections();
      await writer.commit(BYTES);
      await using reader = await artifacts.open('a');
      const first = await reader.read(0, 2_000_000);
      await killConnections();
      const second = await reader.read(2_000_000, 2_000_000);
      assert.ok(content.equals(Buffer.concat([first, second])));
    });

    /** Every kind of change. */
    async function round(artifacts: ArtifactStore, content: string): Promise<void> {
      await put(artifacts, 'a', content);
      await artifacts.rename('a', 'b');
      const removed = await artifacts.remove('b');
      await removed?.restore();
      assert.equal(await textOf(artifacts, 'b'), content);
      await using writer = await artifacts.create('c');
      await writer.write(Buffer.from('12'));
      await writer.write(Buffer.from('34'));
      await writer.commit(BYTES);
      assert.equal(await textOf(artifacts, 'c'), '1234');
      assert.equal(await artifacts.delete('b'), true);
    }

    it('with all connections, again and again, under every call', async () => {
      const { artifacts } = bench.open();
      let over = false;
      const killing = (async () => {
        while (!over) {
          await killConnections();
          await delay(40);
        }
      })();
      try {
        for (let turn = 0; turn < 60; turn += 1) await round(artifacts, String(turn));
      } finally {
        over = true;
        await killing;
      }
      assert.deepEqual(await namesOf(artifacts), ['c']);
    });

    it('and is silent: an error, and all is well when it goes on', async () => {
      const { artifacts } = bench.open();
      await put(artifacts, 'a', '1');
      bench.server.pause();
      try {
        const silent = refused('storage', /does not answer/);
        await Promise.all([
          assert.rejects(artifacts.list(), silent),
          assert.rejects(put(artifacts, 'a', '2'), silent),
          assert.rejects(artifacts.rename('a', 'b'), silent),
        ]);
      } finally {
        bench.server.resume();
      }
      assert.equal((await namesOf(artifacts)).length, 1);
    });

    it('and is emptied under what is being written and read', async () => {
      const { artifacts } = bench.open();
      await artifacts.save('a', Buffer.alloc(3_000_000), BYTES);
      await using reader = await artifacts.open('a');
      await using writer = await artifacts.create('b');
      await using other = await artifacts.create('c');
      await writer.write(Buffer.from('12'));
      await other.write(Buffer.from('12'));
      const removed = await artifacts.remove('a');
      await bench.server.send('FLUSHALL');
      await assert.rejects(reader.read(0, 10), refused('storage', /was changed while it was read/));
      await assert.rejects(
        writer.write(Buffer.from('34')),
        refused('storage', /no longer has what was written/),
      );
      await assert.rejects(other.commit(BYTES), refused('storage', /no longer has what was written/));
      await assert.rejects(
        async () => removed?.restore(),
        refused('not-found', /can no longer be brought back/),
      );
      assert.deepEqual(await namesOf(artifacts), []);
    });

    it('and the store is closed: calls fail, connections end', async () => {
      const store = bench.open();
      store.watch(() => undefined);
      await put(store.artifacts, 'a', '1');
      await store.artifacts.rename('a', 'b');
      await store[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await assert.rejects(store.artifacts.list(), refused('closed', /closed/));
      while ((await bench.server.clients()).length > 0) await delay(10);
      const unused = bench.open();
      await unused[Symbol.asyncDispose]();
    });

    it('and the store is closed while somebody is asked for a password', async () => {
      let asked = () => {};
      const wasAsked = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const password = () => {
        asked();
        return new Promise<never>(() => undefined);
      };
      const store = bench.open({ password });
      store.watch(() => undefined);
      const listing = assert.rejects(store.artifacts.list(), refused('closed', /closed/));
      await wasAsked;
      await store[Symbol.asyncDispose]();
      await listing;
    });

    it('a store that is not closed does not keep its process alive', async () => {
      const script = path.resolve(__dirname, 'storage/forgetful.js');
      const child = spawn(process.execPath, [script, bench.server.url], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let printed = '';
      child.stdout.on('data', (text: Buffer) => {
        printed += text.toString();
      });
      const [code] = await once(child, 'exit');
      assert.deepEqual([code, printed], [0, 'done\n']);
    });
  });
}
