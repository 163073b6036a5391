import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { BYTES, namesOf, put, refused, type StoreSubject, TEXT, textOf } from './subject.ts';

export function describeArtifacts(subject: StoreSubject): void {
  describe('keeps artifacts', () => {
    it('nothing is there at first, and reading makes nothing', async () => {
      const { artifacts } = subject.open();
      assert.deepEqual(await artifacts.list(), []);
      assert.equal(await artifacts.get('a'), undefined);
      assert.equal(await artifacts.exists('a/b'), false);
      assert.equal(await artifacts.delete('a'), false);
      assert.equal(await artifacts.remove('a'), undefined);
      assert.deepEqual(await artifacts.sizes(['a', 'b']), new Map());
      assert.deepEqual(await artifacts.sizes([]), new Map());
      await assert.rejects(artifacts.load('a'), refused('not-found', /no artifact "a"/));
      await assert.rejects(artifacts.open('a'), refused('not-found', /no artifact "a"/));
      await assert.rejects(artifacts.rename('a', 'b'), refused('not-found', /no artifact "a"/));
    });

    it('with description and metadata, as another process reads them', async () => {
      const metadata = { host: '10.0.0.1', 'ключ "🌍"': { list: [1, 2.5, null, true, {}, []] } };
      const details = {
        description: 'Ports of the «lab» 🌍\n\u007f\u2028',
        metadata,
        dataType: 'json',
      } as const;
      const saved = await subject.open().artifacts.save('scans/grün.json', Buffer.from('{"a": 1}'), details);
      assert.match(saved.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
      assert.ok(Math.abs(Date.parse(saved.created_at) - Date.now()) < 60_000);
      const { artifacts } = subject.open();
      const expected = {
        name: 'scans/grün.json',
        path: saved.path,
        description: details.description,
        metadata,
        created_at: saved.created_at,
      };
      assert.deepEqual(saved, expected);
      assert.deepEqual(await artifacts.get('scans/grün.json'), expected);
      assert.deepEqual(await artifacts.list(), [expected]);
      assert.equal(await artifacts.exists('scans/grün.json'), true);
      const { content, dataType } = await artifacts.load('scans/grün.json');
      assert.deepEqual([Buffer.from(content).toString(), dataType], ['{"a": 1}', 'json']);
    });

    it('of any content: empty, binary, text, 20 MB', async () => {
      const { artifacts } = subject.open();
      const every = Buffer.from(Array.from({ length: 512 }, (_, at) => at % 256));
      const contents = new Map([
        ['empty', Buffer.alloc(0)],
        ['bytes', every],
        ['text', Buffer.from('Grüße 🌍\r\n\0')],
        ['large', randomBytes(20_000_000)],
      ]);
      for (const [name, content] of contents) await artifacts.save(name, content, BYTES);
      for (const [name, content] of contents) {
        const loaded = await artifacts.load(name);
        assert.ok(content.equals(loaded.content), name);
        assert.equal(loaded.dataType, 'bytes');
      }
      assert.deepEqual(
        await artifacts.sizes([...contents.keys(), 'missing']),
        new Map([...contents].map(([name, content]) => [name, content.length])),
      );
    });

    it('a part of a buffer is a part only', async () => {
      const { artifacts } = subject.open();
      await artifacts.save('part', Buffer.from('0123456789').subarray(3, 6), BYTES);
      assert.equal(await textOf(artifacts, 'part'), '345');
    });

    it('replaced whole: content, description, metadata and kind', async () => {
      const { artifacts } = subject.open();
      await artifacts.save('a', Buffer.from('long content'), {
        description: 'x',
        metadata: { a: 1 },
        dataType: 'bytes',
      });
      await artifacts.save('a', Buffer.from('new'), {
        description: '',
        metadata: { b: 2 },
        dataType: 'text',
      });
      const info = await artifacts.get('a');
      assert.deepEqual([info?.description, info?.metadata], ['', { b: 2 }]);
      const { content, dataType } = await artifacts.load('a');
      assert.deepEqual([Buffer.from(content).toString(), dataType], ['new', 'text']);
    });

    it('read back as they were saved, and by the name where JSON is named so', async () => {
      const { artifacts } = subject.open();
      await artifacts.save('a.json', Buffer.from('1'), TEXT);
      await artifacts.save('b.json', Buffer.from('1'), BYTES);
      await artifacts.save('c', Buffer.from('1'), { ...TEXT, dataType: 'json' });
      const types = await Promise.all(
        ['a.json', 'b.json', 'c'].map(async (name) => (await artifacts.load(name)).dataType),
      );
      assert.deepEqual(types, ['json', 'bytes', 'json']);
    });

    it('listed by name, with folders and names that are hard', async () => {
      const { artifacts } = subject.open();
      const names = [
        'a',
        'a b',
        'a.b',
        'b/c/d/e',
        'b/c2',
        "it's",
        'naïve/日本語/🌍.txt',
        '%00',
        'x=[1]&y',
        '__proto__',
        'constructor',
      ];
      for (const name of [...names].reverse()) await put(artifacts, name, name);
      assert.deepEqual(await namesOf(artifacts), [...names].sort());
      for (const name of names) assert.equal(await textOf(artifacts, name), name);
      assert.deepEqual([...(await artifacts.sizes(names)).keys()].sort(), [...names].sort());
    });

    it('deleted: both content and entry', async () => {
      const { artifacts } = subject.open();
      await put(artifacts, 'a', '1');
      await put(artifacts, 'b', '2');
      assert.equal(await artifacts.delete('a'), true);
      assert.equal(await artifacts.delete('a'), false);
      assert.deepEqual(await namesOf(artifacts), ['b']);
      assert.equal(await artifacts.exists('a'), false);
      await assert.rejects(artifacts.load('a'), refused('not-found', /"a"/));
    });

    const bad = [
      '',
      '/',
      '/etc/passwd',
      '..',
      '../x',
      'a/../../x',
      'a/./b',
      '.',
      'a//b',
      'a/',
      'C:/x',
      'a\\b',
      'a\0b',
      'a\nb',
    ];
    for (const name of [
      ...bad,
      'NUL',
      'con.txt',
      'a/com1',
      '.artifacts.json',
      'x/.tmp-1',
      '\ud800',
      'x'.repeat(256),
    ]) {
      it(`no name: ${JSON.stringify(name).slice(0, 40)}`, async () => {
        const { artifacts } = subject.open();
        const usage = refused('usage', /cannot name an artifact/);
        await put(artifacts, 'good', '1');
        await assert.rejects(artifacts.save(name, Buffer.from(''), TEXT), usage);
        await assert.rejects(artifacts.create(name), usage);
        await assert.rejects(artifacts.load(name), usage);
        await assert.rejects(artifacts.open(name), usage);
        await assert.rejects(artifacts.get(name), usage);
        await assert.rejects(artifacts.exists(name), usage);
        await assert.rejects(artifacts.delete(name), usage);
        await assert.rejects(artifacts.remove(name), usage);
        await assert.rejects(artifacts.rename('good', name), usage);
        await assert.rejects(artifacts.rename(name, 'other'), usage);
        assert.deepEqual(await artifacts.sizes([name, 'good']), new Map([['good', 1]]));
        assert.deepEqual(await namesOf(artifacts), ['good']);
      });
    }
  });

  describe('renames artifacts', () => {
    it('all else stays', async () => {
      const { artifacts } = subject.open();
      const details = { description: 'd', metadata: { a: [1] }, dataType: 'bytes' } as const;
      const before = await artifacts.save('a', Buffer.from('1'), details);
      const after = await artifacts.rename('a', 'deep/er/b');
      assert.deepEqual({ ...after, name: 'a', path: before.path }, before);
      assert.deepEqual(await artifacts.get('deep/er/b'), after);
      assert.deepEqual(await namesOf(artifacts), ['deep/er/b']);
      assert.equal((await artifacts.load('deep/er/b')).dataType, 'bytes');
    });

    it('not to a name that is taken', async () => {
      const { artifacts } = subject.open();
      await put(artifacts, 'a', '1');
      await put(artifacts, 'b', '2');
      await assert.rejects(artifacts.rename('a', 'b'), refused('usage', /"b"/));
      assert.deepEqual([await textOf(artifacts, 'a'), await textOf(artifacts, 'b')], ['1', '2']);
    });

    it('only one of several that want the name gets it', async () => {
      const { artifacts } = subject.open();
      const names = ['a', 'b', 'c', 'd', 'e', 'f'];
      for (const name of names) await put(artifacts, name, name);
      const stores = names.map(() => subject.open().artifacts);
      const renames = await Promise.allSettled(names.map((name, at) => stores[at]?.rename(name, 'z')));
      assert.equal(renames.filter(({ status }) => status === 'fulfilled').length, 1);
      const winner = await textOf(artifacts, 'z');
      assert.deepEqual(await namesOf(artifacts), [...names.filter((name) => name !== winner), 'z']);
    });
  });

  describe('removes artifacts, and brings them back', () => {
    it('as they were', async () => {
      const { artifacts } = subject.open();
      const before = await artifacts.save('a/b', Buffer.from('1'), {
        description: 'd',
        metadata: { x: 1 },
        dataType: 'bytes',
      });
      const removed = await artifacts.remove('a/b');
      assert.deepEqual(await namesOf(artifacts), []);
      assert.equal(await artifacts.exists('a/b'), false);
      await removed?.restore();
      assert.deepEqual(await artifacts.list(), [before]);
      assert.deepEqual(
        await artifacts.load('a/b').then(({ content, dataType }) => [content.length, dataType]),
        [1, 'bytes'],
      );
    });

    it('not over another one, and not twice', async () => {
      const { artifacts } = subject.open();
      await put(artifacts, 'a', '1');
      const removed = await artifacts.remove('a');
      await put(artifacts, 'a', '2');
      await assert.rejects(async () => removed?.restore(), refused('usage', /"a"/));
      assert.equal(await textOf(artifacts, 'a'), '2');
      await artifacts.delete('a');
      await removed?.restore();
      assert.equal(await textOf(artifacts, 'a'), '1');
      await artifacts.delete('a');
      await assert.rejects(async () => removed?.restore(), refused('not-found', /"a"/));
    });
  });
}
