import { describeRedisAccess } from './redisAccess.ts';
import { RedisBench } from './redisBench.ts';
import { describeRedisFormats } from './redisFormats.ts';
import { describeRedisLosses } from './redisLosses.ts';
import { describeOldRedis, describeRedisWatch } from './redisWatch.ts';

/** What only a store on Redis has. */
export function describeRedis(): void {
  describe('a store on Redis', function () {
    this.slow(5000);
    describe('that is there', () => {
      const bench = new RedisBench();
      bench.install();
      describeRedisFormats(bench);
      describeRedisWatch(bench);
    });
    describeRedisLosses();
    describeRedisAccess();
    describeOldRedis();
  });
}
