import assert from 'node:assert/strict';
import { RedisStorage } from '../../../src/core/storage/redis/redisStorage.ts';
import type { RedisBench } from './redisBench.ts';
import { BYTES, namesOf, put, refused, TEXT, textOf, workflow } from './subject.ts';

const ENTRY =
  '{"description": "", "created_at": "2025-01-02T03:04:05.678901+00:00", "metadata": {"_data_type": "text"}}';

/** The keys and values that py-code-mode shares. */
export function describeRedisFormats(bench: RedisBench): void {
  const send = (...words: (string | Buffer)[]) => bench.server.send(...words);

  describe('has the keys of py-code-mode', () => {
    it('writes artifacts as it does, to the letter', async () => {
      const { artifacts } = bench.open();
      const details = {
        description: 'Grüße 🌍 "x"\u007f\n',
        metadata: { b: 1.5, a: [1, { c: null }, true, []] },
        dataType: 'json',
      } as const;
      const { created_at } = await artifacts.save('scans/ä.json', Buffer.from('{"a": 1}'), details);
      assert.equal(await send('GET', 'p:artifacts:scans/ä.json'), '{"a": 1}');
      assert.equal(
        await send('HGET', 'p:artifacts:__index__', 'scans/ä.json'),
        `{"description": "Gr\\u00fc\\u00dfe \\ud83c\\udf0d \\"x\\"\\u007f\\n", "created_at": "${created_at}", ` +
          '"metadata": {"b": 1.5, "a": [1, {"c": null}, true, []], "_data_type": "json"}}',
      );
      assert.deepEqual(await bench.keys(), ['p:artifacts:__index__', 'p:artifacts:scans/ä.json']);
    });

    it('writes workflows as it does, to the letter', async () => {
      const { workflows } = bench.open({ workspaceId: 'team' });
      await workflows.save({
        name: 'fetch',
        source: 'async def run(url: str, n: int = 3):\n    return "ü"\n',
        description: 'Fetch é',
        parameters: [
          { name: 'url', type: 'string', description: '', required: true, default: null },
          { default: 3, required: false, description: '', type: 'integer', name: 'n' },
        ],
      });
      assert.equal(
        await send('HGET', 'p:ws:team:workflows:__workflows__', 'fetch'),
        '{"name": "fetch", "description": "Fetch \\u00e9", ' +
          '"source": "async def run(url: str, n: int = 3):\\n    return \\"\\u00fc\\"\\n", "parameters": [' +
          '{"name": "url", "type": "string", "description": "", "required": true, "default": null}, ' +
          '{"name": "n", "type": "integer", "description": "", "required": false, "default": 3}]}',
      );
      assert.deepEqual(await bench.keys(), ['p:ws:team:workflows:__workflows__']);
    });

    it('names them in the descriptor', () => {
      assert.deepEqual(bench.open({ workspaceId: 'w' }).getSerializableAccess(), {
        type: 'redis',
        redis_url: `${bench.server.url}?db=0`,
        workflows_prefix: 'p:ws:w:workflows',
        artifacts_prefix: 'p:ws:w:artifacts',
        vectors_prefix: 'p:ws:w:vectors',
        root_prefix: 'p:ws:w',
      });
    });

    it('leaves nothing else behind', async () => {
      const storage = bench.open();
      const { artifacts } = storage;
      await artifacts.save('large', Buffer.alloc(3_000_000), BYTES);
      const reader = await artifacts.open('large');
      const writer = await artifacts.create('other');
      await writer.write(Buffer.from('1'));
      await put(artifacts, 'gone', '1');
      await artifacts.remove('gone');
      const temporary = (await bench.keys()).filter((key) => key.startsWith('p:tmp:'));
      assert.equal(temporary.length, 3);
      for (const key of temporary)
        assert.ok(Number(await send('PTTL', key)) > 0, 'what is temporary expires');
      await reader[Symbol.asyncDispose]();
      assert.equal((await bench.keys()).filter((key) => key.startsWith('p:tmp:')).length, 2);
      await storage[Symbol.asyncDispose]();
      assert.deepEqual(await bench.keys(), ['p:artifacts:__index__', 'p:artifacts:large']);
    });

    it('what was written in pieces does not expire', async () => {
      const { artifacts } = bench.open();
      await using writer = await artifacts.create('a');
      await writer.write(Buffer.from('1'));
      await writer.commit(TEXT);
      await put(artifacts, 'b', '1');
      await (await artifacts.remove('b'))?.restore();
      assert.deepEqual([await send('PTTL', 'p:artifacts:a'), await send('PTTL', 'p:artifacts:b')], [-1, -1]);
    });

    it('does not take the name of its index', async () => {
      await assert.rejects(
        put(bench.open().artifacts, '__index__', ''),
        refused('usage', /cannot name an artifact/),
      );
    });
  });

  describe('reads what py-code-mode wrote, broken or half of it', () => {
    it('an entry without content is no artifact', async () => {
      const { artifacts } = bench.open();
      await put(artifacts, 'a', '1');
      await send('HSET', 'p:artifacts:__index__', 'lost', ENTRY);
      assert.deepEqual(await namesOf(artifacts), ['a']);
      assert.equal(await artifacts.get('lost'), undefined);
      await namesOf(artifacts);
      assert.deepEqual(bench.lines.filter((line) => line.includes('"lost"')).length, 1, 'said once');
      await put(artifacts, 'lost', '2');
      assert.deepEqual(await namesOf(artifacts), ['a', 'lost']);
    });

    it('content without an entry is read by its name', async () => {
      const { artifacts } = bench.open();
      await send('SET', 'p:artifacts:x/half.json', '[1]');
      assert.deepEqual(
        (await artifacts.list()).map(({ name, description, metadata }) => ({ name, description, metadata })),
        [{ name: 'x/half.json', description: '', metadata: {} }],
      );
      assert.equal((await artifacts.load('x/half.json')).dataType, 'json');
      await artifacts.rename('x/half.json', 'y');
      assert.equal(await textOf(artifacts, 'y'), '[1]');
      const removed = await artifacts.remove('y');
      await removed?.restore();
      assert.equal(await artifacts.delete('y'), true);
      assert.ok(bench.lines.some((line) => line.includes('"x/half.json"')));
    });

    it('an entry that is no JSON, or has numbers that JSON has not', async () => {
      const { artifacts } = bench.open();
      const metadata = '"metadata": {"n": NaN, "big": 12345678901234567890, "_data_type": "bytes"}';
      await send('SET', 'p:artifacts:a', '1');
      await send('SET', 'p:artifacts:b', '2');
      await send(
        'HSET',
        'p:artifacts:__index__',
        'a',
        '{"descr',
        'b',
        `{"description": "d", "created_at": "x", ${metadata}}`,
      );
      const [a, b] = await artifacts.list();
      assert.deepEqual([a?.name, a?.metadata], ['a', {}]);
      assert.deepEqual(b?.metadata, { n: null, big: '12345678901234567890' });
      assert.equal((await artifacts.load('b')).dataType, 'bytes');
      // Numbers that JavaScript would round keep their very text.
      await artifacts.rename('b', 'c');
      assert.match(
        String(await send('HGET', 'p:artifacts:__index__', 'c')),
        /"n": NaN, "big": 12345678901234567890/,
      );
    });

    it('names that cannot be used are left out', async () => {
      const { artifacts } = bench.open();
      await put(artifacts, 'a', '1');
      await send('SET', 'p:artifacts:../x', '1');
      await send('HSET', 'p:artifacts:__index__', '../x', ENTRY);
      assert.deepEqual(await namesOf(artifacts), ['a']);
      assert.ok(bench.lines.some((line) => line.includes('../x')));
    });

    it('workflows that cannot be read are skipped, and said once', async () => {
      const { workflows } = bench.open();
      await workflows.save(workflow('good'));
      await send(
        'HSET',
        'p:workflows:__workflows__',
        'bad',
        '{"name"',
        'worse',
        '[]',
        'not a name',
        '{"source": ""}',
      );
      for (let turn = 0; turn < 2; turn += 1) {
        assert.deepEqual(
          (await workflows.list()).map(({ name }) => name),
          ['good'],
        );
      }
      assert.equal(bench.lines.filter((line) => line.includes('"bad"')).length, 1);
      await assert.rejects(workflows.get('bad'), refused('storage', /"bad".*not a record/));
      assert.equal(await workflows.delete('bad'), true);
    });

    it('fields of later versions survive a rename', async () => {
      const { workflows } = bench.open();
      const hash = 'p:workflows:__workflows__';
      await send(
        'HSET',
        hash,
        'a',
        '{"name": "a", "description": "d", "source": "s", "parameters": [], "later": {"x": 1}}',
      );
      await workflows.rename('a', 'b');
      assert.equal(
        await send('HGET', hash, 'b'),
        '{"name": "b", "description": "d", "source": "s", "parameters": [], "later": {"x": 1}}',
      );
    });

    it('keys that hold something else', async () => {
      const { artifacts, workflows } = bench.open();
      await send('LPUSH', 'p:artifacts:list', '1');
      await send('SET', 'p:workflows:__workflows__', 'text');
      const wrong = refused('storage', /something else under the same key/);
      await assert.rejects(artifacts.load('list'), wrong);
      await assert.rejects(artifacts.open('list'), wrong);
      await assert.rejects(workflows.list(), wrong);
      await assert.rejects(workflows.save(workflow('a')), wrong);
      assert.deepEqual(await artifacts.sizes(['list']), new Map());
      await send('SET', 'p:artifacts:__index__', 'text');
      await assert.rejects(artifacts.list(), wrong);
    });
  });

  describe('reads the workflows of versions that say skills', () => {
    const skills = 'p:skills:__skills__';
    const record = (name: string, source: string) =>
      `{"name": "${name}", "description": "", "source": "${source}", "parameters": []}`;
    const sources = async () =>
      Object.fromEntries((await bench.open().workflows.list()).map(({ name, source }) => [name, source]));

    it('workflows go first, and a change goes to them', async () => {
      const { workflows } = bench.open();
      await send('HSET', skills, 'a', record('a', 'old'), 'b', record('b', 'old'), 'c', record('c', 'old'));
      await workflows.save(workflow('b'));
      assert.deepEqual(await sources(), { a: 'old', b: workflow('b').source, c: 'old' });
      assert.equal((await workflows.get('a'))?.source, 'old');
      await workflows.rename('a', 'd');
      assert.equal(await workflows.delete('b'), true);
      assert.deepEqual(await sources(), { c: 'old', d: 'old' });
      assert.deepEqual(await send('HKEYS', skills), ['c']);
    });

    it('and can be moved', async () => {
      const storage = new RedisStorage({ url: bench.server.url, prefix: 'p' });
      await using _ = storage;
      assert.equal(await storage.hasSkills(), false);
      await send('HSET', skills, 'a', record('a', 'old'), 'b', record('b', 'old'), 'c', record('c', 'same'));
      await send('HSET', 'p:workflows:__workflows__', 'b', record('b', 'new'), 'c', record('c', 'same'));
      assert.equal(await storage.hasSkills(), true);
      const { moved, kept } = await storage.migrateSkills();
      assert.deepEqual(moved, ['a', 'c']);
      assert.deepEqual(
        kept.map(({ name }) => name),
        ['b'],
      );
      assert.deepEqual(await sources(), { a: 'old', b: 'new', c: 'same' });
      assert.deepEqual(await send('HKEYS', skills), ['b']);
    });
  });
}
