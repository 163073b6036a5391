import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasRedis, RedisServer } from '../support/redisServer.ts';
import { codeMode, type Ended, RunningCommand } from './support/commandLine.ts';
import { exportOf, sendAll } from './support/redisExport.ts';

const GREET = '"""Greets somebody."""\n\n\nasync def run(name: str):\n    return f"Hello {name}"\n';
const TOOL = '# of the team\nname: jq\ndescription: Query JSON\nenabled: yes\nrecipes: {q: {}}\n';

describe('code-mode store', function () {
  this.timeout(120_000);
  let scratch: string;
  let server: RedisServer;
  let base: string;

  before(async function () {
    if (!hasRedis()) this.skip();
    scratch = await mkdtemp(path.join(tmpdir(), 'code-mode-store-'));
    server = await RedisServer.start();
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    if (scratch) await rm(scratch, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await sendAll(server.url, [['FLUSHALL']]);
    base = await mkdtemp(path.join(scratch, 'base-'));
    await write('workflows/greet.py', GREET);
    await write('workflows/plain.py', 'async def run():\n    return 42\n');
    await write('artifacts/notes.txt', 'some notes\n');
    await write('artifacts/raw/every.bin', Buffer.from(Array.from({ length: 256 }, (_, index) => index)));
    await write('tools/query.yaml', TOOL);
    await write('requirements.txt', '# what we need\npandas>=2.0  # tables\nrequests\n');
  });

  async function write(name: string, content: string | Uint8Array, folder = base): Promise<void> {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  const read = (name: string, folder = base) => readFile(path.join(folder, name), 'utf8');
  const store = (...args: string[]) => codeMode(['store', ...args]);
  const target = () => ['--target', server.url, '--prefix', 'team'];
  const push = (...args: string[]) => store('bootstrap', '--source', base, ...target(), ...args);
  const pull = (dest: string, ...args: string[]) => store('pull', ...target(), '--dest', dest, ...args);
  const diff = (...args: string[]) => store('diff', '--source', base, ...target(), ...args);
  const json = (ended: Ended) => JSON.parse(ended.stdout);
  const keys = async () => Object.keys(await exportOf(server.url, 'team'));

  function assertEnded(ended: Ended, code: number, stdout?: RegExp, stderr?: RegExp): void {
    assert.equal(ended.code, code, ended.stdout + ended.stderr);
    if (stdout) assert.match(ended.stdout, stdout);
    if (stderr) assert.match(ended.stderr, stderr);
    else if (code === 0) assert.equal(ended.stderr, '');
  }

  describe('bootstrap', () => {
    it('shows in a dry run what it would do, and does nothing', async () => {
      const dry = await push('--dry-run');
      assertEnded(dry, 0, /^ {2}\+ greet$/m);
      assert.match(dry.stdout, /^Would be: 7 added, 0 replaced, 0 removed, 0 the same\.$/m);
      assert.match(dry.stdout, /Nothing was changed/);
      assert.deepEqual(await keys(), []);
      const planned = json(await push('--dry-run', '--json'));
      assert.equal(planned.dryRun, true);
      assert.deepEqual(planned.planned.slice(0, 1), [{ kind: 'workflows', name: 'greet', action: 'add' }]);
    });

    it('pushes everything, with the keys of py-code-mode', async () => {
      const pushed = await push();
      assertEnded(pushed, 0, /^7 added, 0 replaced, 0 removed, 0 the same\.$/m);
      assert.deepEqual(await keys(), [
        'team:__tools__',
        'team:artifacts:__index__',
        'team:artifacts:notes.txt',
        'team:artifacts:raw/every.bin',
        'team:deps',
        'team:workflows:__workflows__',
      ]);
      const [tool, greet, packages] = await sendAll(server.url, [
        ['HGET', 'team:__tools__', 'jq'],
        ['HGET', 'team:workflows:__workflows__', 'greet'],
        ['SMEMBERS', 'team:deps'],
      ]);
      // "yes" is true in the YAML that Python reads.
      assert.equal(
        String(tool),
        '{"name": "jq", "description": "Query JSON", "enabled": true, "recipes": {"q": {}}}',
      );
      assert.deepEqual(JSON.parse(String(greet)), {
        name: 'greet',
        description: 'Greets somebody.',
        source: GREET,
        parameters: [{ name: 'name', type: 'string', description: '', required: true, default: null }],
      });
      assert.deepEqual((packages as Buffer[]).map(String).sort(), ['pandas>=2.0', 'requests']);
      assertEnded(await push(), 0, /^0 added, 0 replaced, 0 removed, 7 the same\.$/m);
      assertEnded(await diff(), 0, /^0 added, 0 removed, 0 changed, 7 the same\.$/m);
    });

    it('replaces what has changed, and removes only when it is told to', async () => {
      await push();
      await write('workflows/greet.py', GREET.replace('Hello', 'Hi'));
      await rm(path.join(base, 'workflows/plain.py'));
      await write('requirements.txt', 'pandas>=3.0\n');
      const kept = await push();
      assertEnded(kept, 0, /^0 added, 2 replaced, 0 removed, 3 the same, 2 kept that are there only\.$/m);
      const cleared = json(await push('--clear', '--json'));
      assert.deepEqual(cleared.done, [
        { kind: 'workflows', name: 'plain', action: 'remove' },
        { kind: 'deps', name: 'requests', action: 'remove' },
      ]);
      assert.deepEqual(
        { ...cleared, done: [], from: '', to: '' },
        {
          from: '',
          to: '',
          dryRun: false,
          done: [],
          remaining: [],
          skipped: [],
          same: 5,
          kept: 0,
          error: null,
        },
      );
      assertEnded(await diff(), 0);
    });

    it('keeps a description that no source says', async () => {
      await push('--type', 'workflows');
      const key = 'team:workflows:__workflows__';
      const [record] = await sendAll(server.url, [['HGET', key, 'plain']]);
      const described = JSON.stringify({ ...JSON.parse(String(record)), description: 'The answer' });
      await sendAll(server.url, [['HSET', key, 'plain', described]]);
      await write('workflows/plain.py', 'async def run():\n    return 43\n');
      await push('--type', 'workflows');
      const [after] = await sendAll(server.url, [['HGET', key, 'plain']]);
      assert.equal(JSON.parse(String(after)).description, 'The answer');
      assert.match(JSON.parse(String(after)).source, /43/);
    });

    it('leaves out what is broken, says so, and does the rest', async () => {
      await write('workflows/broken.py', 'async def run(:\n');
      await write('workflows/sync.py', 'def run():\n    pass\n');
      await write('tools/broken.yaml', 'name: [\n');
      await write('requirements.txt', 'pandas\nthing @ https://example.test/thing.whl\n');
      const pushed = await push();
      assert.equal(pushed.code, 1);
      assert.match(pushed.stdout, /^6 added/m);
      assert.match(pushed.stderr, /workflows "broken" was left out: /);
      assert.match(pushed.stderr, /workflows "sync" was left out: .*async def run/);
      assert.match(pushed.stderr, /tools "broken" was left out: broken\.yaml/);
      assert.match(pushed.stderr, /deps "thing @ https:.*" was left out: /);
      assert.equal(json(await push('--json')).skipped.length, 4);
    });

    it('takes some types only, and a workspace', async () => {
      assertEnded(await push('--type', 'deps', '--type', 'tools'), 0, /^3 added/m);
      assert.deepEqual(await keys(), ['team:__tools__', 'team:deps']);
      assertEnded(await push('--workspace', 'ws_1'), 0, /^4 added/m);
      assert.equal((await keys()).filter((key) => key.startsWith('team:ws:ws_1:')).length, 4);
      assertEnded(await push('--workspace', 'ws_1', '--type', 'deps'), 2, undefined, /no deps of its own/);
    });

    it('clears nothing from a source that is empty or none', async () => {
      await push();
      const before = await exportOf(server.url, 'team');
      const empty = await mkdtemp(path.join(scratch, 'empty-'));
      const from = (folder: string) => store('bootstrap', '--source', folder, ...target(), '--clear');
      assertEnded(await from(empty), 2, /^$/, /not the folder of a store/);
      assertEnded(await from(path.join(base, 'workflows')), 2, /^$/, /Name the base folder/);
      assertEnded(await from(path.join(empty, 'no')), 2, /^$/, /There is no folder/);
      await mkdir(path.join(empty, 'workflows'));
      assertEnded(await from(empty), 2, /^$/, /The source holds nothing/);
      assert.deepEqual(await exportOf(server.url, 'team'), before);
    });
  });

  describe('pull', () => {
    it('fetches a store into a new folder', async () => {
      await push();
      const dest = path.join(scratch, 'pulled', 'deep');
      assertEnded(await pull(dest, '--dry-run'), 0, /^Would be: 7 added/m);
      await assert.rejects(readdir(path.dirname(dest)));
      assertEnded(await pull(dest), 0, /^7 added/m);
      for (const name of ['workflows/greet.py', 'workflows/plain.py', 'artifacts/notes.txt']) {
        assert.equal(await read(name, dest), await read(name), name);
      }
      assert.deepEqual(
        await readFile(path.join(dest, 'artifacts/raw/every.bin')),
        await readFile(path.join(base, 'artifacts/raw/every.bin')),
      );
      assert.equal(
        await read('tools/jq.yaml', dest),
        'name: jq\ndescription: Query JSON\nenabled: true\nrecipes:\n  q: {}\n',
      );
      assert.deepEqual((await read('requirements.txt', dest)).split('\n').sort(), [
        '',
        'pandas>=2.0',
        'requests',
      ]);
      const again = await store('diff', '--source', dest, ...target());
      assertEnded(again, 0);
    });

    it('leaves comments of requirements.txt and files of tools where they are', async () => {
      await push();
      await write(
        'requirements.txt',
        '# what we need\nPandas >= 1.0  # tables\n-r more.txt\nnumpy\n\n# the end',
      );
      await write('more.txt', '# none\n');
      await write('tools/query.yaml', TOOL.replace('Query', 'Ask'));
      assertEnded(await pull(base), 0, /^1 added, 2 replaced/m);
      assert.equal(
        await read('requirements.txt'),
        '# what we need\npandas>=2.0  # tables\n-r more.txt\nnumpy\n\n# the end\nrequests\n',
      );
      assert.deepEqual(await readdir(path.join(base, 'tools')), ['query.yaml']);
      assertEnded(await pull(base, '--clear'), 0, /^ {2}- numpy$/m);
      assert.equal(
        await read('requirements.txt'),
        '# what we need\npandas>=2.0  # tables\n-r more.txt\n\n# the end\nrequests\n',
      );
    });

    it('leaves out what no folder can have', async () => {
      await push();
      await sendAll(server.url, [
        ['HSET', 'team:__tools__', '../evil', '{"name": "../evil"}'],
        ['SET', 'team:artifacts:../evil.txt', 'x'],
        [
          'HSET',
          'team:artifacts:__index__',
          '../evil.txt',
          '{"description": "", "created_at": "2026-01-01T00:00:00+00:00", "metadata": {}}',
        ],
      ]);
      const dest = path.join(scratch, 'careful', 'base');
      const pulled = await pull(dest);
      assert.equal(pulled.code, 1, pulled.stderr);
      assert.match(pulled.stderr, /tools "\.\.\/evil" was left out/);
      assert.match(pulled.stdout, /^7 added/m);
      assert.deepEqual(await readdir(path.dirname(dest)), ['base']);
    });
  });

  describe('diff', () => {
    it('says what differs, as py-code-mode does, with a patch', async () => {
      await push();
      await write('workflows/greet.py', GREET.replace('Hello', 'Hi'));
      await write('workflows/mine.py', 'async def run():\n    return 1\n');
      await rm(path.join(base, 'artifacts/notes.txt'));
      await write('artifacts/raw/every.bin', Buffer.alloc(256));
      await write('requirements.txt', 'pandas>=3\nrequests\n');
      const differs = await diff('--patch');
      assertEnded(differs, 1);
      assert.match(differs.stdout, /^ {2}- mine {2}\(in the source only\)$/m);
      assert.match(differs.stdout, /^ {2}\+ notes\.txt {2}\(in the target only\)$/m);
      assert.match(differs.stdout, /^ {2}~ raw\/every\.bin {2}\(changed\)$/m);
      assert.match(differs.stdout, /^--- source\/workflows\/greet\.py/m);
      assert.match(differs.stdout, /^-.*Hi \{name\}.*\n\+.*Hello \{name\}/m);
      assert.match(differs.stdout, /^1 added, 1 removed, 3 changed, 3 the same\.$/m);
      const result = json(await diff('--json', '--patch'));
      assert.deepEqual(result.workflows, {
        added: [],
        removed: ['mine'],
        changed: ['greet'],
        same: ['plain'],
      });
      assert.deepEqual(result.deps.changed, ['pandas']);
      assert.match(result.patches.greet, /^--- source/);
      const types = json(await diff('--json', '--type', 'tools'));
      assert.deepEqual(Object.keys(types), ['source', 'target', 'tools']);
    });

    it('compares two folders as well', async () => {
      const other = path.join(scratch, 'other');
      await write('workflows/greet.py', GREET, other);
      const compared = await store('diff', '--source', base, '--target', other, '--type', 'workflows');
      assertEnded(compared, 1, /^0 added, 1 removed, 0 changed, 1 the same\.$/m);
    });
  });

  describe('list', () => {
    it('lists a folder and Redis alike', async () => {
      await push();
      const [files, redis] = [await store('list', '--target', base), await store('list', ...target())];
      assertEnded(files, 0, /^workflows \(2\)\n {2}greet {2}Greets somebody\.\n {2}plain$/m);
      assert.match(files.stdout, /^ {2}notes\.txt {6} 11 {2}\d{4}-\d\d-\d\d \d\d:\d\d$/m);
      assert.match(
        files.stdout,
        /^tools \(1\)\n {2}jq {2}Query JSON\ndeps \(2\)\n {2}pandas>=2\.0\n {2}requests$/m,
      );
      const undated = (text: string) => text.replace(/^.*\n/, '').replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, '');
      assert.equal(undated(redis.stdout), undated(files.stdout));
      const listed = json(await store('list', ...target(), '--json', '--type', 'artifacts'));
      assert.deepEqual(
        listed.artifacts.map(({ name, size }: { name: string; size: number }) => [name, size]),
        [
          ['notes.txt', 11],
          ['raw/every.bin', 256],
        ],
      );
      assert.equal(listed.workflows, undefined);
    });
  });

  describe('migrate', () => {
    it('renames skills to workflows in a folder and in Redis', async () => {
      const old = path.join(scratch, 'old');
      await write('skills/greet.py', GREET, old);
      await write('skills/other.py', GREET, old);
      await write('workflows/other.py', 'async def run():\n    pass\n', old);
      const migrated = await store('migrate', '--target', old);
      assert.equal(migrated.code, 1);
      assert.match(migrated.stdout, /^1 moved from skills to workflows, 1 stay\.$/m);
      assert.match(migrated.stderr, /"other\.py" stays: workflows\/ has another one\./);
      assert.equal(await read('workflows/greet.py', old), GREET);
      const record = JSON.stringify({ name: 'greet', description: '', source: GREET, parameters: [] });
      await sendAll(server.url, [['HSET', 'team:skills:__skills__', 'greet', record]]);
      const result = json(await store('migrate', ...target(), '--json'));
      assert.equal(result.moved.length, 1);
      assert.deepEqual(await keys(), ['team:workflows:__workflows__']);
    });
  });

  describe('a password', () => {
    const secret = 'pass:w@rd';
    let locked: RedisServer;
    before(async () => {
      locked = await RedisServer.start('--requirepass', secret);
    });
    after(() => locked?.[Symbol.asyncDispose]());

    it('is taken from the URL or the environment, and never shown', async () => {
      const url = locked.url.replace('unix://', `unix://:${encodeURIComponent(secret)}@`);
      const pushed = await store('bootstrap', '--source', base, '--target', url);
      assertEnded(pushed, 0, /^7 added/m);
      const env = { ...process.env, CODE_MODE_REDIS_PASSWORD: secret };
      const listed = await codeMode(['store', 'list', '--target', locked.url], { env });
      assertEnded(listed, 0, /greet/);
      const wrong = await codeMode(['store', 'list', '--target', locked.url], {
        env: { ...env, CODE_MODE_REDIS_PASSWORD: 'hunter2' },
      });
      assertEnded(wrong, 2, /^$/, /password/i);
      const none = await store('list', '--target', locked.url);
      assertEnded(none, 2, /^$/, /password/i);
      const badUrl = await store('list', '--target', `redis://:${encodeURIComponent(secret)}@[`);
      assert.equal(badUrl.code, 2);
      for (const ended of [pushed, listed, wrong, none, badUrl]) {
        for (const word of [secret, encodeURIComponent(secret), 'hunter2']) {
          assert.ok(!(ended.stdout + ended.stderr).includes(word), ended.stdout + ended.stderr);
        }
      }
    });
  });

  describe('wrong usage', () => {
    it('is said with what to do', async () => {
      for (const [args, message] of [
        [[], /store needs a command/],
        [['fly'], /no command "store fly"/],
        [['list'], /--target STORE is missing/],
        [['bootstrap', '--target', 'x'], /--source DIR is missing/],
        [['pull', '--target', 'x'], /--dest DIR is missing/],
        [['list', '--target', 'x', '--prefix', 'p'], /--prefix goes with a Redis URL/],
        [['list', '--target', 'http://x'], /address of a Redis server/],
        [['list', '--target', 'x', '--type', 'cats'], /no type "cats"/],
        [['list', '--target', 'x', '--workspace', '../x'], /workspace id/],
        [['list', '--target', 'x', 'extra'], /"extra"/],
      ] as const) {
        const ended = await store(...args);
        assertEnded(ended, 2, /^$/, message);
      }
    });

    it('of a server that is not there ends with 2', async () => {
      assertEnded(await store('list', '--target', 'redis://127.0.0.1:1'), 2, /^$/, /can't be reached/);
      assertEnded(await store('diff', '--source', base, '--target', 'redis://127.0.0.1:1'), 2);
    });

    it('is avoided by help', async () => {
      for (const command of ['bootstrap', 'pull', 'diff', 'list', 'migrate']) {
        assertEnded(await store(command, '--help'), 0, new RegExp(`Usage: code-mode store ${command} `));
        const help = await codeMode(['help', 'store', command]);
        assert.match(help.stdout, /CODE_MODE_REDIS_PASSWORD/);
      }
      assertEnded(await store('--help'), 0, /bootstrap/);
    });
  });

  describe('beside it, artifacts and workflows', () => {
    const artifacts = (args: string[], stdin?: string | Uint8Array) =>
      codeMode(['artifacts', ...args], stdin === undefined ? {} : { stdin });

    it('saves and loads artifacts as streams', async () => {
      const at = ['--base', base];
      const bytes = Buffer.alloc(3_000_001, 7);
      await write('large.bin', bytes, scratch);
      const file = path.join(scratch, 'large.bin');
      assertEnded(await artifacts(['save', 'big/large.bin', file, ...at, '--description', 'Large']), 0);
      const out = path.join(scratch, 'out.bin');
      assertEnded(await artifacts(['load', 'big/large.bin', '-o', out, ...at]), 0, /^$/);
      assert.deepEqual(await readFile(out), bytes);
      assert.equal((await artifacts(['load', 'big/large.bin', ...at])).stdout.length, bytes.length);
      assertEnded(await artifacts(['save', 'hello.txt', '-', ...target()], 'grüß dich\n'), 0);
      assertEnded(await artifacts(['load', 'hello.txt', ...target()]), 0, /^grüß dich\n$/);
      const saved = json(await artifacts(['save', 'raw', '--json', ...target()], Buffer.from([1, 0, 255])));
      assert.equal(saved.name, 'raw');
      const [index] = await sendAll(server.url, [['HGETALL', 'team:artifacts:__index__']]);
      const types = (index as Buffer[]).map(String).filter((text) => text.startsWith('{'));
      assert.deepEqual(types.map((text) => JSON.parse(text).metadata._data_type).sort(), ['bytes', 'text']);
      const listed = await artifacts(['list', ...at]);
      assertEnded(listed, 0, /^big\/large\.bin {2}3000001 {2}.* {2}Large$/m);
      assertEnded(await artifacts(['delete', 'hello.txt', ...target()]), 0, /^$/);
      assertEnded(await artifacts(['delete', 'hello.txt', ...target()]), 2, /^$/, /no artifact "hello\.txt"/);
      assertEnded(await artifacts(['load', 'hello.txt', ...target()]), 2, /^$/, /no artifact "hello\.txt"/);
      assertEnded(await artifacts(['load', '../x', ...at]), 2, /^$/, /cannot name an artifact/);
      assertEnded(await artifacts(['save', 'x', '/no/such/file', ...at]), 2, /^$/, /can't be read/);
      assertEnded(await artifacts(['save', 'x', '--data-type', 'cat', ...at], 'x'), 2, /^$/, /data type/);
    });

    it('saves nothing when it is interrupted', async () => {
      const saving = new RunningCommand(['artifacts', 'save', 'half.txt', '--base', base], { stdin: null });
      saving.process.stdin.write('the first half');
      const folder = path.join(base, 'artifacts');
      const begun = async () => (await readdir(folder)).some((name) => name.startsWith('.tmp-'));
      while (!(await begun())) await delay(20);
      saving.process.kill('SIGINT');
      assert.equal((await saving.ended).code, 130);
      assert.deepEqual((await readdir(folder)).sort(), ['notes.txt', 'raw']);
    });

    it('lists, searches and shows workflows', async () => {
      const workflows = (...args: string[]) => codeMode(['workflows', ...args, '--base', base]);
      await write('workflows/broken.py', 'def run(): pass\n');
      assertEnded(await workflows('list'), 0, /^greet\(name\) {2}Greets somebody\.$/m);
      assert.match((await workflows('list')).stdout, /^broken\(\) {5}`run` .*async def run/m);
      assertEnded(await workflows('search', 'greeting somebdy'), 0, /^greet\(name\)/);
      assert.equal((await workflows('show', 'greet')).stdout, GREET);
      const [greet] = json(await workflows('search', 'greet', '--json', '--limit', '1'));
      assert.deepEqual(greet, {
        name: 'greet',
        description: 'Greets somebody.',
        parameters: [{ name: 'name', type: 'string', description: '', required: true, default: null }],
        problem: null,
      });
      assertEnded(await workflows('show', 'nothing'), 2, /^$/, /no workflow "nothing"/);
      assertEnded(await workflows('search', 'x', '--limit', '0'), 2, /^$/, /--limit/);
      assertEnded(
        await codeMode(['workflows', 'list'], { cwd: scratch }),
        2,
        /^$/,
        /no folder "\.code-mode"/,
      );
      assertEnded(await codeMode(['workflows']), 2, /^$/, /workflows needs a command/);
      assertEnded(await codeMode(['workflows', '--help']), 0, /Usage: code-mode workflows list/);
      assertEnded(await codeMode(['artifacts', '--help']), 0, /Usage: code-mode artifacts list/);
    });
  });
});
