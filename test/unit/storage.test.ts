import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { type ArtifactDataType, FileStorageAccessSchema } from '../../src/core/contract/storage.ts';
import { storageError } from '../../src/core/storage/file/fileErrors.ts';
import { FileStorage } from '../../src/core/storage/file/fileStorage.ts';
import { artifactSegments } from '../../src/core/storage/names.ts';
import {
  namesOf,
  put as putText,
  refused,
  StorageFolder,
  textOf,
  workflow,
} from '../support/storageFolder.ts';

const posix = process.platform !== 'win32';

describe('the file storage', () => {
  const folder = new StorageFolder().install();
  let base: string;
  let lines: string[];
  let storage: FileStorage;
  beforeEach(() => {
    storage = folder.open();
    ({ base, lines } = folder);
  });

  const at = (...parts: string[]) => folder.at(...parts);
  const indexText = () => folder.indexText();
  const leftovers = () => folder.leftovers();
  const writeIndex = (content: string) => folder.write('artifacts/.artifacts.json', content);
  const put = (name: string, content: string, dataType?: ArtifactDataType) =>
    putText(storage, name, content, dataType);
  const text = (name: string) => textOf(storage, name);
  const names = () => namesOf(storage);

  describe('makes no folder or file by reading', () => {
    it('artifacts, workflows or the descriptor', async () => {
      assert.deepEqual(await storage.artifacts.list(), []);
      assert.equal(await storage.artifacts.exists('a'), false);
      assert.equal(await storage.artifacts.get('a/b'), undefined);
      assert.equal(await storage.artifacts.delete('a'), false);
      await assert.rejects(storage.artifacts.load('a'), refused(/no artifact "a"/, 'not-found'));
      assert.deepEqual(await storage.workflows.list(), []);
      assert.equal(await storage.workflows.get('a'), undefined);
      assert.equal(await storage.workflows.delete('a'), false);
      assert.deepEqual(FileStorageAccessSchema.parse(storage.getSerializableAccess()), {
        type: 'file',
        workflows_path: at('workflows'),
        artifacts_path: at('artifacts'),
        vectors_path: null,
        root_path: base,
      });
      assert.equal(existsSync(base), false);
    });
  });

  describe('keeps artifacts', () => {
    it('as raw files with an index in the format of py-code-mode', async () => {
      const content = Buffer.from('{\n  "open": [\n    22\n  ]\n}');
      const saved = await storage.artifacts.save('scans/grün.json', content, {
        description: 'Ports of the «lab» 🌍',
        metadata: { host: '10.0.0.1', deep: { list: [1, {}, []] } },
        dataType: 'json',
      });
      assert.deepEqual(readFileSync(at('artifacts/scans/grün.json')), content);
      assert.match(saved.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
      assert.equal(
        indexText(),
        `{
  "scans/gr\\u00fcn.json": {
    "description": "Ports of the \\u00ablab\\u00bb \\ud83c\\udf0d",
    "created_at": "${saved.created_at}",
    "metadata": {
      "host": "10.0.0.1",
      "deep": {
        "list": [
          1,
          {},
          []
        ]
      },
      "_data_type": "json"
    }
  }
}`,
      );
      assert.deepEqual(await storage.artifacts.list(), [saved]);
      assert.deepEqual(await storage.artifacts.get('scans/grün.json'), saved);
      assert.deepEqual(saved.metadata, { host: '10.0.0.1', deep: { list: [1, {}, []] } });
      assert.equal(saved.path, at('artifacts/scans/grün.json'));
      assert.deepEqual(leftovers(), []);
    });

    it('and replaces, loads and deletes them', async () => {
      await put('a.bin', 'one', 'bytes');
      await put('a.bin', 'two');
      assert.deepEqual(await storage.artifacts.load('a.bin'), {
        content: Buffer.from('two'),
        dataType: 'text',
      });
      assert.deepEqual(await names(), ['a.bin']);
      assert.equal(await storage.artifacts.delete('a.bin'), true);
      assert.equal(await storage.artifacts.delete('a.bin'), false);
      assert.equal(await storage.artifacts.exists('a.bin'), false);
      assert.equal(indexText(), '{}');
      await assert.rejects(storage.artifacts.load('a.bin'), refused(/no artifact/, 'not-found'));
    });

    it('of any size, also none', async () => {
      await put('empty', '', 'bytes');
      assert.equal((await storage.artifacts.load('empty')).content.byteLength, 0);
      await put('large', 'x'.repeat(20_000_000));
      assert.equal((await text('large')).length, 20_000_000);
    });

    it('with names that are keys of every object', async () => {
      await put('__proto__', '1');
      await put('constructor', '2');
      assert.deepEqual(await names(), ['__proto__', 'constructor']);
      assert.equal(await text('__proto__'), '1');
    });

    it('with the permissions that the file had', async function () {
      if (!posix) this.skip();
      await put('private', 'old');
      chmodSync(at('artifacts/private'), 0o600);
      await put('private', 'new');
      assert.equal(statSync(at('artifacts/private')).mode & 0o777, 0o600);
    });

    it('also when two callers in one process save at once', async () => {
      const many = Array.from({ length: 40 }, (_, n) => `n${String(n).padStart(2, '0')}`);
      const other = new FileStorage({ baseFolder: base });
      await Promise.all(
        many.map((name, n) =>
          (n % 2 ? storage : other).artifacts.save(name, Buffer.from(name), {
            description: name,
            metadata: {},
            dataType: 'text',
          }),
        ),
      );
      assert.deepEqual(await names(), many);
      assert.deepEqual(Object.keys(JSON.parse(indexText())).sort(), many);
    });
  });

  describe('opens a store that py-code-mode wrote', () => {
    const INDEX = `{
  "notes.txt": {
    "description": "Gr\\u00fc\\u00dfe",
    "created_at": "2025-11-03T09:15:27.123456+00:00",
    "metadata": {
      "id": 1234567890123456789,
      "score": NaN,
      "ratio": 1.0,
      "_data_type": "text"
    },
    "later_version": {"kept": true}
  },
  "scans/nmap.json": {
    "description": "",
    "created_at": "2025-11-03T10:00:00+01:00",
    "metadata": {
      "_data_type": "json"
    }
  },
  "raw": {
    "description": "bytes",
    "created_at": "2025-11-03T10:00:00+00:00",
    "metadata": {
      "_data_type": "bytes"
    }
  },
  "registered.csv": {
    "description": "by hand",
    "created_at": "2025-11-03T10:00:00+00:00",
    "metadata": {}
  }
}`;
    beforeEach(() => {
      writeIndex(INDEX);
      mkdirSync(at('artifacts/scans'));
      mkdirSync(at('workflows'));
      writeFileSync(at('artifacts/notes.txt'), 'Grüße\r\n');
      writeFileSync(at('artifacts/scans/nmap.json'), '{"open": [22]}');
      writeFileSync(at('artifacts/raw'), Buffer.from([0, 255]));
      writeFileSync(at('artifacts/registered.csv'), 'a,b\n');
      writeFileSync(at('workflows/greet.py'), 'async def run(): pass\n');
    });

    it('and reads everything in it', async () => {
      assert.deepEqual(await names(), ['notes.txt', 'raw', 'registered.csv', 'scans/nmap.json']);
      const notes = await storage.artifacts.get('notes.txt');
      assert.equal(notes?.description, 'Grüße');
      assert.equal(notes?.created_at, '2025-11-03T09:15:27.123456+00:00');
      assert.deepEqual(notes?.metadata, { id: '1234567890123456789', score: null, ratio: 1 });
      assert.equal(await text('notes.txt'), 'Grüße\r\n');
      for (const [name, dataType] of [
        ['notes.txt', 'text'],
        ['scans/nmap.json', 'json'],
        ['raw', 'bytes'],
        ['registered.csv', 'text'],
      ]) {
        assert.equal((await storage.artifacts.load(name ?? '')).dataType, dataType, name);
      }
      assert.deepEqual(await storage.workflows.list(), [
        { name: 'greet', source: 'async def run(): pass\n' },
      ]);
      assert.deepEqual(lines, []);
    });

    it('and leaves what it does not change as it is, to the last digit', async () => {
      await put('new', 'new');
      await storage.artifacts.delete('new');
      assert.equal(indexText(), INDEX);
      await storage.artifacts.delete('scans/nmap.json');
      assert.ok(indexText().includes('"id": 1234567890123456789,\n      "score": NaN,\n      "ratio": 1.0,'));
    });

    it('of a workspace, apart from the others', async () => {
      const workspace = new FileStorage({ baseFolder: base, workspaceId: 'team-1' });
      assert.deepEqual(await workspace.artifacts.list(), []);
      await workspace.workflows.save(workflow('mine', 'async def run(): pass'));
      assert.ok(existsSync(at('workspaces/team-1/workflows/mine.py')));
      assert.equal(workspace.getSerializableAccess().type, 'file');
      for (const id of ['', '..', 'a/b', 'a'.repeat(129), 'é']) {
        assert.throws(() => new FileStorage({ baseFolder: base, workspaceId: id }), refused(/workspace id/));
      }
    });

    it('and shows files that no index knows, and no entries without a file', async () => {
      writeFileSync(at('artifacts/dropped.json'), '[1]');
      writeFileSync(at('artifacts/.hidden'), 'x');
      rmSync(at('artifacts/raw'));
      assert.deepEqual(await names(), ['dropped.json', 'notes.txt', 'registered.csv', 'scans/nmap.json']);
      assert.equal((await storage.artifacts.load('dropped.json')).dataType, 'json');
      assert.equal(await storage.artifacts.exists('raw'), false);
      assert.equal(await storage.artifacts.delete('dropped.json'), true);
    });
  });

  describe('refuses names', () => {
    const WRONG = [
      '',
      '.',
      '..',
      '../x',
      'a/../b',
      'a//b',
      '/etc/passwd',
      'a/',
      '/',
      'C:/x',
      'a\\b',
      '..\\x',
      'a/...',
    ];
    const ODD = [
      'a\0b',
      'a\nb',
      '\ud800',
      'con',
      'NUL.txt',
      'a/aux.json',
      'com1',
      'lpt9.log',
      'x'.repeat(256),
    ];
    const OWN = ['.artifacts.json', '.ARTIFACTS.json', '.artifacts.json.lock', 'a/.tmp-1'];
    for (const name of [...WRONG, ...ODD, ...OWN]) {
      it(`such as ${JSON.stringify(name.slice(0, 30))}`, async () => {
        await assert.rejects(put(name, 'x'), refused(/cannot name an artifact/));
        await assert.rejects(storage.artifacts.load(name), refused(/cannot name an artifact/));
        await assert.rejects(storage.artifacts.delete(name), refused(/cannot name an artifact/));
        await assert.rejects(storage.artifacts.exists(name), refused(/cannot name an artifact/));
        assert.equal(existsSync(base), false);
      });
    }

    it('that only Windows cannot have, there', () => {
      for (const name of ['a:b', 'a?', 'a*', 'a.', 'a ', 'a|b', '<a>', '"a"', 'dir./x']) {
        assert.throws(() => artifactSegments(name, 'win32'), refused(/Windows/), name);
        assert.ok(artifactSegments(name, 'linux').length > 0);
      }
    });

    it('and takes all others', async () => {
      const fine = [
        'a b.txt',
        'Ünïcode/世界/🌍.json',
        '.hidden',
        'a..b',
        '-rf',
        '$(x)',
        'console',
        "it's",
        'x'.repeat(255),
      ];
      for (const name of fine) await put(name, name);
      for (const name of fine) assert.equal(await text(name), name);
      assert.deepEqual(await names(), [...fine].sort());
    });

    it('of an index that was tampered with', async () => {
      writeFileSync(path.join(path.dirname(base), 'outside'), 'secret');
      writeIndex(
        '{"../../outside": {"description": "", "created_at": "2025-01-01T00:00:00+00:00", "metadata": {}}}',
      );
      assert.deepEqual(await names(), []);
    });
  });

  describe('follows no link out of its folder', () => {
    beforeEach(function () {
      if (!posix) this.skip();
      mkdirSync(path.join(path.dirname(base), 'outside'));
      writeFileSync(path.join(path.dirname(base), 'outside/secret'), 'secret');
      mkdirSync(at('artifacts/inside'), { recursive: true });
      mkdirSync(at('workflows'));
    });
    const outside = () => path.join(path.dirname(base), 'outside');

    it('for an artifact or a folder of artifacts', async () => {
      symlinkSync(path.join(outside(), 'secret'), at('artifacts/file'));
      symlinkSync(outside(), at('artifacts/folder'));
      symlinkSync(path.join(outside(), 'new'), at('artifacts/dangling'));
      for (const name of ['file', 'folder/secret', 'folder/new/deep', 'dangling']) {
        await assert.rejects(put(name, 'x'), refused(/leads out of the store/), name);
        await assert.rejects(storage.artifacts.load(name), refused(/leads out of the store/), name);
        await assert.rejects(storage.artifacts.exists(name), refused(/leads out of the store/), name);
      }
      await assert.rejects(storage.artifacts.delete('folder/secret'), refused(/leads out of the store/));
      assert.deepEqual(await names(), []);
      assert.deepEqual(readdirSync(outside()), ['secret']);
      assert.equal(readFileSync(path.join(outside(), 'secret'), 'utf8'), 'secret');
    });

    it('but deletes the link itself', async () => {
      symlinkSync(path.join(outside(), 'secret'), at('artifacts/file'));
      assert.equal(await storage.artifacts.delete('file'), true);
      assert.deepEqual(readdirSync(outside()), ['secret']);
    });

    it('and follows those that stay in it', async () => {
      symlinkSync('inside', at('artifacts/folder'));
      await put('folder/a', 'through the link');
      assert.equal(readFileSync(at('artifacts/inside/a'), 'utf8'), 'through the link');
      assert.equal(await text('folder/a'), 'through the link');
      assert.ok((await names()).includes('folder/a'));
    });

    it('and may itself be one', async () => {
      symlinkSync(base, path.join(path.dirname(base), 'link'));
      const linked = new FileStorage({ baseFolder: path.join(path.dirname(base), 'link') });
      await linked.artifacts.save('a', Buffer.from('a'), { description: '', metadata: {}, dataType: 'text' });
      assert.equal(await text('a'), 'a');
    });

    it('for a workflow', async () => {
      writeFileSync(path.join(outside(), 'leak.py'), 'async def run(): pass');
      symlinkSync(path.join(outside(), 'leak.py'), at('workflows/leak.py'));
      assert.deepEqual(await storage.workflows.list(), []);
      assert.match(lines.join('\n'), /"leak" was skipped/);
      await assert.rejects(storage.workflows.save(workflow('leak', 'x')), refused(/leads out of the store/));
    });
  });

  describe('rebuilds a damaged index', () => {
    beforeEach(async () => {
      await storage.artifacts.save('first', Buffer.from('1'), {
        description: 'the first',
        metadata: {},
        dataType: 'bytes',
      });
      await put('second.json', '{}', 'json');
    });
    const whole = () => indexText();

    for (const [title, damage] of [
      ['that was cut off', (index: string) => index.slice(0, index.indexOf('"second.json"') + 30)],
      ['that is empty', () => ''],
      ['that is no JSON', () => 'not an index at all'],
      ['that is no object', () => '["first"]'],
      [
        'with an entry that is none',
        (index: string) => index.replace(/"second.json": \{[\s\S]*\}/, '"second.json": nonsense}'),
      ],
      ['with something after it', (index: string) => `${index}}`],
    ] as const) {
      it(title, async () => {
        const damaged = damage(whole());
        writeIndex(damaged);
        assert.deepEqual(await names(), ['first', 'second.json']);
        assert.match(lines.join('\n'), /is damaged; it is rebuilt from the files/);
        await names();
        assert.equal(lines.length, 1, 'it is said once');
        assert.equal(indexText(), damaged, 'reading changes nothing');
        await put('third', '3');
        assert.deepEqual(Object.keys(JSON.parse(indexText())).sort(), ['first', 'second.json', 'third']);
        assert.equal(readFileSync(at('artifacts/.artifacts.json.damaged'), 'utf8'), damaged);
        if (damaged.startsWith('{')) {
          assert.equal(
            (await storage.artifacts.get('first'))?.description,
            'the first',
            'what can be read is kept',
          );
        }
        assert.deepEqual(await names(), ['first', 'second.json', 'third']);
      });
    }

    it('but not one that py-code-mode is just writing', async () => {
      const index = whole();
      writeIndex(index.slice(0, 40));
      setTimeout(() => writeIndex(index), 30);
      assert.equal((await storage.artifacts.get('first'))?.description, 'the first');
      assert.deepEqual(lines, []);
    });

    it('and reads entries whose parts are wrong as far as they go', async () => {
      writeIndex(
        '{"first": {"description": 5, "created_at": "yesterday", "metadata": {"_data_type": "tape"}}}',
      );
      const first = await storage.artifacts.get('first');
      assert.deepEqual(first, {
        name: 'first',
        path: at('artifacts/first'),
        description: '',
        metadata: {},
        created_at: '1970-01-01T00:00:00+00:00',
      });
    });
  });

  describe('says what is wrong', () => {
    it('where the base folder is a file', async () => {
      writeFileSync(base, 'a file');
      await assert.rejects(
        put('a', 'x'),
        refused(/"a" could not be saved: a part of its path is a file/, 'storage'),
      );
      await assert.rejects(
        storage.workflows.save(workflow('a', 'x')),
        refused(/"a" could not be saved/, 'storage'),
      );
      assert.deepEqual(await storage.artifacts.list(), []);
    });

    it('where a folder or a file is in the way', async () => {
      await put('a/b', 'x');
      await assert.rejects(put('a', 'x'), refused(/there is a folder of that name/, 'storage'));
      await assert.rejects(put('a/b/c', 'x'), refused(/is a file, not a folder/, 'storage'));
      await assert.rejects(storage.artifacts.load('a'), refused(/no artifact "a"/, 'not-found'));
      assert.deepEqual(leftovers(), []);
      assert.deepEqual(Object.keys(JSON.parse(indexText())), ['a/b']);
    });

    it('where the system refuses', () => {
      for (const [code, words] of [
        ['ENOSPC', /the disk is full/],
        ['EACCES', /permission was denied/],
        ['EROFS', /the disk is read-only/],
        ['ENAMETOOLONG', /the name is too long/],
      ] as const) {
        const error = storageError(Object.assign(new Error(code), { code }), 'It could not be saved');
        assert.equal(error.code, 'storage');
        assert.match(error.message, words);
        assert.ok(error.hint);
      }
    });
  });
});
