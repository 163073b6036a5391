import assert from 'node:assert/strict';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import { describeRedis, parseRedisUrl, splitRedisUrl } from '../../src/core/storage/redis/address.ts';

describe('the address of a Redis server', () => {
  for (const [url, plain, password, described] of [
    ['redis://localhost', 'redis://localhost:6379/0', undefined, 'redis://localhost:6379/0'],
    ['redis://:p%40ss@h:1/2', 'redis://h:1/2', 'p@ss', 'redis://h:1/2'],
    ['rediss://ann:x@h', 'rediss://ann@h:6379/0', 'x', 'rediss://h:6379/0'],
    ['redis://a%2Fb@[::1]:7/', 'redis://a%2Fb@[::1]:7/0', undefined, 'redis://[::1]:7/0'],
    ['redis://h?db=3&password=secret&username=ann', 'redis://ann@h:6379/3', 'secret', 'redis://h:6379/3'],
    ['unix:///run/redis.sock', 'unix:///run/redis.sock?db=0', undefined, 'unix:///run/redis.sock?db=0'],
    ['unix://ann:x@/a%20b/s?db=4', 'unix://ann@/a%20b/s?db=4', 'x', 'unix:///a%20b/s?db=4'],
    ['unix://:x@/s', 'unix:///s?db=0', 'x', 'unix:///s?db=0'],
  ] as const) {
    it(`${url} is ${plain}`, () => {
      assert.deepEqual(splitRedisUrl(url), { url: plain, password });
      assert.equal(describeRedis(url), described);
      assert.deepEqual(parseRedisUrl(plain), { ...parseRedisUrl(url), password: undefined });
    });
  }

  it('says host, port, user and database', () => {
    assert.deepEqual(parseRedisUrl('rediss://ann:x@[::1]:7/5'), {
      socket: { host: '::1', port: 7, tls: true },
      database: 5,
      username: 'ann',
      password: 'x',
    });
    assert.deepEqual(parseRedisUrl('unix:///a%20b').socket, { path: '/a b', tls: false });
  });

  for (const url of [
    '',
    'localhost',
    'http://:s3cr3t@h',
    'redis://:s3cr3t@h/x',
    'redis://:s3cr3t@h:99999',
    'unix://',
    'redis://:s3cr3t%@h',
  ]) {
    it(`not ${JSON.stringify(url)}, which is not repeated`, () => {
      assert.throws(
        () => splitRedisUrl(url),
        (error) => CodeModeError.is(error, 'usage') && !CodeModeError.describe(error).includes('s3cr3t'),
      );
    });
  }
});
