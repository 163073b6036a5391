import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FileLock } from '../../src/core/common/files/fileLock.ts';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import {
  type ArtifactDataType,
  FileStorageAccessSchema,
  type WorkflowRecord,
} from '../../src/core/contract/storage.ts';
import { storageError } from '../../src/core/storage/file/fileErrors.ts';
import { FileStorage } from '../../src/core/storage/file/fileStorage.ts';
import { removeAbandoned } from '../../src/core/storage/file/folderWalk.ts';
import { artifactSegments } from '../../src/core/storage/names.ts';

const WRITER = path.resolve(__dirname, '../support/storageWriter.js');
/** A record as the library makes it; a store of files keeps its source. */
const workflow = (name: string, source: string): WorkflowRecord => ({
  name,
  source,
  description: '',
  parameters: [],
});
const posix = process.platform !== 'win32';

describe('the file storage', () => {
  let base: string;
  let lines: string[];
  let storage: FileStorage;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    base = path.join(mkdtempSync(path.join(tmpdir(), 'code-mode-storage-')), 'base');
    lines = [];
    storage = new FileStorage({ baseFolder: base, log: (line) => lines.push(line) });
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(path.dirname(base), { recursive: true, force: true });
  });

  const at = (...parts: string[]) => path.join(base, ...parts);
  const indexText = () => readFileSync(at('artifacts/.artifacts.json'), 'utf8');
  const put = (name: string, content: string, dataType: ArtifactDataType = 'text') =>
    storage.artifacts.save(name, Buffer.from(content), { description: '', metadata: {}, dataType });
  const text = async (name: string) => Buffer.from((await storage.artifacts.load(name)).content).toString();
  const names = async () => (await storage.artifacts.list()).map(({ name }) => name);
  const refused =
    (pattern: RegExp, code = 'usage') =>
    (error: unknown) => {
      assert.ok(error instanceof CodeModeError, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, pattern);
      return true;
    };
  /** Files by which programs would see that something is unfinished. */
  const leftovers = () =>
    readdirSync(at('artifacts'), { recursive: true })
      .map(String)
      .filter((name) => /\.tmp-|lock|break/.test(name));
  function start(...parameters: string[]): ChildProcess {
    const child = fork(WRITER, [base, ...parameters]);
    children.push(child);
    return child;
  }
  function writeIndex(content: string): void {
    mkdirSync(at('artifacts'), { recursive: true });
    writeFileSync(at('artifacts/.artifacts.json'), content);
  }

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

  describe('loses and tears nothing', () => {
    it('when six processes save, delete and list at once', async function () {
      this.timeout(60_000);
      const writers = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => start('churn', id, '30'));
      const codes = await Promise.all(writers.map(async (child) => (await once(child, 'exit'))[0]));
      assert.deepEqual(codes, [0, 0, 0, 0, 0, 0]);
      const expected = ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((id) =>
        Array.from({ length: 30 }, (_, turn) => turn)
          .filter((turn) => turn % 3 !== 0)
          .map((turn) => `own/${id}-${turn}`),
      );
      assert.deepEqual(await names(), [...expected, 'shared'].sort());
      assert.deepEqual(Object.keys(JSON.parse(indexText())).sort(), [...expected, 'shared'].sort());
      assert.equal(new Set(readFileSync(at('artifacts/shared'))).size, 1);
      assert.deepEqual(leftovers(), []);
    });

    it('when a process is killed at any moment', async function () {
      this.timeout(60_000);
      for (let round = 0; round < 12; round += 1) {
        const child = start('forever', String(round));
        await once(child, 'message');
        await delay(15 + round * 7);
        const content = existsSync(at('artifacts/torn')) ? await storage.artifacts.load('torn') : undefined;
        if (content) assertWhole(content.content);
        child.kill('SIGKILL');
        await once(child, 'exit');
        JSON.parse(existsSync(at('artifacts/.artifacts.json')) ? indexText() : '{}');
        const started = performance.now();
        await put('after', String(round));
        assert.ok(performance.now() - started < 5000, 'the lock of the dead is taken over at once');
        const listed = await names();
        assert.deepEqual(
          listed,
          readdirSync(at('artifacts'))
            .filter((name) => !name.startsWith('.'))
            .sort(),
        );
        if (listed.includes('torn')) assertWhole((await storage.artifacts.load('torn')).content);
      }
    });

    function assertWhole(content: Uint8Array): void {
      assert.equal(content.byteLength, 3_000_000);
      assert.equal(new Set(content).size, 1);
    }

    it('when the holder of the lock is gone', async () => {
      await put('before', 'x');
      const dead = fork(WRITER, [base, 'churn', 'dead', '0']);
      await once(dead, 'exit');
      const machine =
        posix && existsSync('/proc/self/ns/pid')
          ? `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`
          : `${hostname()} `;
      writeFileSync(
        at('artifacts/.artifacts.json.lock'),
        JSON.stringify({ token: 't', pid: dead.pid, machine }),
      );
      writeFileSync(at('artifacts/orphan'), 'its entry was not written any more');
      await put('after', 'x');
      assert.match(lines.join('\n'), /took over the lock/);
      assert.deepEqual(Object.keys(JSON.parse(indexText())), ['before', 'orphan', 'after']);
      assert.deepEqual(leftovers(), []);
    });

    it('when the holder of the lock cannot be asked and does not let go', async () => {
      mkdirSync(base);
      writeFileSync(at('lock'), '{"token":"t","pid":1,"machine":"elsewhere"}');
      const lock = new FileLock(at('lock'), { log: (line) => lines.push(line), staleMs: 300 });
      const started = performance.now();
      assert.equal(await lock.hold(async ({ tookOver }) => tookOver), true);
      assert.ok(performance.now() - started >= 300);
      assert.equal(await lock.hold(async ({ tookOver }) => tookOver), false);
      assert.deepEqual(readdirSync(base), []);
    });

    it('but not from a holder who takes long and shows that it is at work', async () => {
      mkdirSync(base);
      const [first, second] = [1, 2].map(
        () => new FileLock(at('lock'), { log: () => undefined, staleMs: 400 }),
      );
      const order: string[] = [];
      const long = first?.hold(async (held) => {
        await delay(1500);
        held.confirm();
        order.push('first');
      });
      await delay(50);
      await second?.hold(async ({ tookOver }) => void order.push(`second ${tookOver}`));
      await long;
      assert.deepEqual(order, ['first', 'second false']);
    });

    it('and nobody waits for a lock who has given up', async () => {
      mkdirSync(base);
      const [first, second] = [1, 2].map(() => new FileLock(at('lock'), { log: () => undefined }));
      const giveUp = new AbortController();
      await first?.hold(async () => {
        const waiting = second?.hold(async () => 'never', giveUp.signal);
        giveUp.abort(new Error('enough'));
        await assert.rejects(async () => waiting, /enough/);
      });
      assert.deepEqual(readdirSync(base), []);
    });

    it('when a process that slept for too long wakes up without its lock', async () => {
      mkdirSync(base);
      const lock = new FileLock(at('lock'), { log: () => undefined });
      let turns = 0;
      const result = await lock.hold(async (held) => {
        turns += 1;
        held.confirm();
        // As another process does that takes over.
        if (turns === 1) writeFileSync(at('lock'), '{"token":"another","pid":1,"machine":"elsewhere"}');
        setTimeout(() => rmSync(at('lock'), { force: true }), 50);
        held.confirm();
        return 'done';
      });
      assert.equal(result, 'done');
      assert.equal(turns, 2, 'what it was about to do is done again from the start');
    });

    it('and removes what was left unfinished an hour ago', async () => {
      mkdirSync(at('artifacts/deep'), { recursive: true });
      for (const name of ['.tmp-1', 'deep/.tmp-2', 'kept']) writeFileSync(at('artifacts', name), 'x');
      const past = new Date(Date.now() - 2 * 3_600_000);
      utimesSync(at('artifacts/.tmp-1'), past, past);
      await put('a', 'x');
      assert.deepEqual(leftovers(), ['.tmp-1', 'deep/.tmp-2'], 'what was moved there just now is not old');
      await removeAbandoned(at('artifacts'), Date.now() + 3_610_000);
      assert.deepEqual(leftovers(), []);
      assert.deepEqual(await names(), ['a', 'kept']);
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

  describe('keeps workflows', () => {
    const SOURCE = '"""Grüße."""\nasync def run(name: str):\r\n    return name\n';

    it('as Python files', async () => {
      await storage.workflows.save(workflow('greet', SOURCE));
      assert.equal(readFileSync(at('workflows/greet.py'), 'utf8'), SOURCE);
      assert.deepEqual(await storage.workflows.get('greet'), { name: 'greet', source: SOURCE });
      assert.deepEqual(await storage.workflows.list(), [{ name: 'greet', source: SOURCE }]);
      assert.equal(await storage.workflows.delete('greet'), true);
      assert.equal(await storage.workflows.delete('greet'), false);
      assert.equal(await storage.workflows.get('greet'), undefined);
      assert.deepEqual(readdirSync(at('workflows')), []);
    });

    it('and skips what is none', async () => {
      await storage.workflows.save(workflow('b', 'b'));
      await storage.workflows.save(workflow('a', 'a'));
      await storage.workflows.save(workflow('ünï', 'u'));
      for (const name of ['_private.py', 'not-one.py', '1st.py', 'notes.txt', 'no_extension']) {
        writeFileSync(at('workflows', name), 'x');
      }
      mkdirSync(at('workflows/folder.py'));
      writeFileSync(at('workflows/marked.py'), '\uFEFFmarked');
      writeFileSync(at('workflows/latin.py'), Buffer.from([0x23, 0xe9]));
      assert.deepEqual(
        (await storage.workflows.list()).map(({ name, source }) => [name, source]),
        [
          ['a', 'a'],
          ['b', 'b'],
          ['marked', 'marked'],
          ['ünï', 'u'],
        ],
      );
      assert.match(lines.join('\n'), /"latin" was skipped: The workflow "latin" is not UTF-8 text/);
      await assert.rejects(storage.workflows.get('latin'), refused(/not UTF-8/, 'storage'));
      assert.equal(await storage.workflows.get('../artifacts/x'), undefined);
    });

    it('with names that Python can say', async () => {
      for (const name of ['', '../x', 'a-b', '_a', '1a', 'a b', 'a.b', 'con', 'x'.repeat(300)]) {
        await assert.rejects(
          storage.workflows.save(workflow(name, 'x')),
          refused(/cannot name a workflow/),
          name,
        );
      }
      await assert.rejects(storage.workflows.save(workflow('a', '\ud800')), refused(/not valid Unicode/));
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
