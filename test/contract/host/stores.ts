import assert from 'node:assert/strict';
import type { SecretRequest } from '../../../src/core/session/secrets.ts';
import { hasRedis, RedisServer } from '../../support/redisServer.ts';
import { until } from '../../support/until.ts';
import type { HostBench } from './bench.ts';

const PASSWORD = 'open sesame';
const SAVE = 'artifacts.save("kept.txt", "kept")';
const LOAD = `
try:
    found = artifacts.load("kept.txt")
except Exception as error:
    found = f"{type(error).__name__}: {error}"
found
`;

/** Stores of sessions whose password a client keeps. */
export function describeStores(bench: HostBench): void {
  describe('keeps artifacts and workflows in Redis', () => {
    let redis: RedisServer;

    before(async function () {
      if (!hasRedis()) this.skip();
      redis = await RedisServer.start('--requirepass', PASSWORD);
    });
    after(() => redis?.[Symbol.asyncDispose]());
    beforeEach(() => redis.sendAs(PASSWORD, 'FLUSHALL'));

    const storage = () => ({ type: 'redis', url: redis.url, prefix: 'p' }) as const;

    /** A client that keeps these passwords, and tells what it was asked for. */
    const keeper = (...passwords: (string | undefined)[]) => {
      const asked: SecretRequest[] = [];
      const onSecret = async (request: SecretRequest) => {
        asked.push(request);
        return passwords.shift();
      };
      return { asked, onSecret };
    };

    it('with the password of whoever is attached', async () => {
      const { asked, onSecret } = keeper(PASSWORD);
      const session = await bench.open(await bench.attach({ onSecret }), { storage: storage() });
      assert.equal((await session.run(SAVE)).error, null);
      assert.equal((await session.run(LOAD)).value, 'kept');
      assert.deepEqual(asked, [
        { name: `redis ${redis.url}`, title: `The password of Redis at ${redis.url}`, wasRefused: false },
      ]);
      assert.equal(String(await redis.sendAs(PASSWORD, 'GET', 'p:artifacts:kept.txt')), 'kept');
    });

    it('with a person asked where the one that is kept is refused, or there is none', async () => {
      for (const kept of ['outdated', undefined]) {
        const { asked, onSecret } = keeper(kept, PASSWORD);
        const session = await bench.open(await bench.attach({ onSecret }), { storage: storage() });
        assert.equal((await session.run(SAVE)).error, null);
        assert.deepEqual(
          asked.map(({ wasRefused }) => wasRefused),
          [false, true],
        );
        await session.close();
      }
    });

    it('with the password of another client where the newest has none', async () => {
      const { asked, onSecret } = keeper(PASSWORD);
      await bench.attach({ onSecret });
      const session = await bench.open(await bench.attach(), { storage: storage() });
      assert.equal((await session.run(SAVE)).error, null);
      assert.equal(asked.length, 1);
    });

    it('with a clear error where nobody has the password, which no log holds', async () => {
      const lines: string[] = [];
      const log = (line: string) => lines.push(line);
      const { onSecret } = keeper('a wrong one', 'another wrong one', 'a third');
      const session = await bench.open(await bench.attach({ onSecret, log }), { storage: storage() });
      assert.match(String((await session.run(LOAD)).value), /StorageError: .*password/is);
      assert.equal((await session.run('1 + 1')).value, 2);
      assert.doesNotMatch(lines.join('\n'), /wrong one|sesame/);
    });

    it('and leaves no connection when the session is closed', async () => {
      const { onSecret } = keeper(PASSWORD, PASSWORD);
      const session = await bench.open(await bench.attach({ onSecret }), { storage: storage() });
      await session.run(SAVE);
      await session.close();
      const others = async () => {
        const list = String(await redis.sendAs(PASSWORD, 'CLIENT', 'LIST'));
        return list.split('\n').filter((line) => line !== '' && !line.includes('cmd=client|list')).length;
      };
      await until('the connections are closed', async () => (await others()) === 0);
    });
  });
}
