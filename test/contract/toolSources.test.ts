import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { StorageSpec } from '../../src/core/storage/storageSpec.ts';
import { openToolSources, ToolDefinitions } from '../../src/core/tools/sources/index.ts';
import { hasRedis, RedisServer } from '../support/redisServer.ts';
import { until } from '../support/until.ts';

const KEY = 'team:__tools__';
const tool = (name: string, description = '') => ({ name, description, recipes: { run: {} } });

describe('tools in Redis', function () {
  if (!hasRedis()) return;
  this.timeout(60_000);

  let server: RedisServer;
  let definitions: ToolDefinitions | undefined;
  let log: string[];
  let changes: number;

  before(async () => {
    server = await RedisServer.start();
  });
  after(() => server[Symbol.asyncDispose]());
  afterEach(async () => {
    await definitions?.[Symbol.asyncDispose]();
    definitions = undefined;
    await server.send('DEL', KEY);
  });

  function open(
    storage: StorageSpec,
    more: { baseFolder?: string; password?: string } = {},
  ): ToolDefinitions {
    log = [];
    changes = 0;
    const { baseFolder, password } = more;
    const options = {
      log: (line: string) => void log.push(line),
      ...(password !== undefined && { secret: async () => password }),
    };
    const sources = openToolSources({ storage, ...(baseFolder !== undefined && { baseFolder }) }, options);
    const opened = new ToolDefinitions({ sources, log: options.log });
    opened.onDidChange(() => {
      changes += 1;
    });
    definitions = opened;
    return opened;
  }

  const openHere = () => open({ type: 'redis', url: server.url, prefix: 'team' });
  const save = (field: string, text: string) => server.send('HSET', KEY, field, text);

  async function list(): Promise<string[]> {
    const tools = (await definitions?.list()) ?? [];
    return tools.map(({ entry, name, definition, problems }) =>
      definition
        ? `${name}: ${definition.config.description}`
        : `${entry} is broken: ${problems[0]?.message}`,
    );
  }

  it('are JSON as py-code-mode writes it, or YAML', async () => {
    await save('jq', JSON.stringify(tool('jq', 'Größe \u{1f600}')).replace('ö', '\\u00f6'));
    await save('curl', 'name: curl\ndescription: Web\nrecipes: {get: {}}\n');
    await save('broken', '{"name": ');
    openHere();
    const found = await list();
    assert.match(found[0]!, /^broken is broken: ./);
    assert.deepEqual(found.slice(1), ['curl: Web', 'jq: Größe \u{1f600}']);
    const [, curl] = (await definitions?.list()) ?? [];
    assert.equal(curl?.file, undefined);
    assert.equal(curl?.definition?.file, undefined);
  });

  it('are told of when anybody changes them', async () => {
    await save('a', JSON.stringify(tool('a', 'first')));
    openHere();
    assert.deepEqual(await list(), ['a: first']);
    await until('the server tells', async () =>
      (await server.clients()).some((line) => / flags=[a-zA-Z]*B/u.test(line)),
    );
    await save('a', JSON.stringify(tool('a', 'second')));
    await until('the change is told', () => changes > 0);
    assert.deepEqual(await list(), ['a: second']);
    const before = await definitions?.list();
    assert.equal(await definitions?.list(), before);
    await server.send('HDEL', KEY, 'a');
    await until('the tool is gone', async () => (await list()).length === 0);
  });

  it('come after those in files', async () => {
    const baseFolder = await mkdtemp(path.join(tmpdir(), 'tool-sources-'));
    try {
      await mkdir(path.join(baseFolder, 'tools'));
      await writeFile(path.join(baseFolder, 'tools/a.yaml'), JSON.stringify(tool('a', 'in a file')));
      await save('a', JSON.stringify(tool('a', 'in Redis')));
      await save('b', JSON.stringify(tool('b', 'in Redis')));
      open({ type: 'redis', url: server.url, prefix: 'team' }, { baseFolder });
      const [file, same, other] = await list();
      assert.equal(file, 'a: in a file');
      assert.match(same!, /^a is broken: There is a tool a already, in .*a\.yaml\.$/);
      assert.equal(other, 'b: in Redis');
    } finally {
      await rm(baseFolder, { recursive: true, force: true });
    }
  });

  it('stay while the server is away, and are looked at again when it is back', async () => {
    const own = await RedisServer.start();
    try {
      await own.send('HSET', KEY, 'a', JSON.stringify(tool('a', 'first')));
      open({ type: 'redis', url: own.url, prefix: 'team' });
      assert.deepEqual(await list(), ['a: first']);
      await own.kill();
      assert.deepEqual(await list(), ['a: first']);
      await own.start();
      await own.send('HSET', KEY, 'b', JSON.stringify(tool('b', 'second')));
      await until('the new tool is seen', async () => (await list()).join() === 'b: second');
    } finally {
      await definitions?.[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
    }
  });

  it("that can't be had take nothing else down, and say so", async () => {
    const baseFolder = await mkdtemp(path.join(tmpdir(), 'tool-sources-'));
    try {
      await mkdir(path.join(baseFolder, 'tools'));
      await writeFile(path.join(baseFolder, 'tools/a.yaml'), JSON.stringify(tool('a')));
      open({ type: 'redis', url: `unix://${baseFolder}/nothing`, prefix: 'team' }, { baseFolder });
      const [file, broken] = await list();
      assert.equal(file, 'a: ');
      assert.match(broken!, /^team:__tools__ is broken: ./);
      assert.equal(log.filter((line) => line.startsWith('tools: ')).length > 0, true);
    } finally {
      await rm(baseFolder, { recursive: true, force: true });
    }
  });

  it('may need a password, which is asked for', async () => {
    const own = await RedisServer.start('--requirepass', 'secret');
    try {
      await own.sendAs('secret', 'HSET', KEY, 'a', JSON.stringify(tool('a', 'locked')));
      open({ type: 'redis', url: own.url, prefix: 'team' }, { password: 'secret' });
      assert.deepEqual(await list(), ['a: locked']);
      assert.ok(!log.join('\n').includes('secret'));
    } finally {
      await definitions?.[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
    }
  });
});
