import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hasRedis, RedisServer } from '../support/redisServer.ts';
import { codeMode, type Ended } from './support/commandLine.ts';
import { sendAll } from './support/redisExport.ts';

const SHELL = `name: shell
description: Runs scripts
tags: [test]
command: sh
schema:
  options: {c: {short: c}}
  positional: [{name: file, description: Which one}, {name: count, type: integer}, {name: more, type: array}]
  stdin: {}
recipes:
  script: {description: Runs a file, params: {file: {required: true}, count: {}, more: {}, input: {}}}
  code: {params: {c: {required: true}}}
  bytes: {params: {c: {}}, output: bytes}
  json: {params: {c: {}}, output: json}
`;
const BROKEN = 'name: broken\nrecipes: {r: {}}\ntimeout: soon\n';
const SERVER = `name: server
type: mcp
description: Never starts
command: no-such-program-here
`;

describe('code-mode tools', function () {
  this.timeout(60_000);
  let folder: string;

  before(function () {
    // The program that the tools run.
    if (process.platform === 'win32') this.skip();
  });
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'code-mode-tools-')));
    await tool('shell.yaml', SHELL);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function tool(name: string, text: string): Promise<string> {
    const file = path.join(folder, '.code-mode/tools', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  }
  const tools = (...args: string[]) => codeMode(['tools', ...args], { cwd: folder });
  const call = (...args: string[]) => tools('call', ...args);

  function assertEnded(
    ended: Ended,
    code: number,
    stdout: string | RegExp,
    stderr: string | RegExp = '',
  ): void {
    assert.equal(ended.code, code, ended.stdout + ended.stderr);
    if (typeof stdout === 'string') assert.equal(ended.stdout, stdout);
    else assert.match(ended.stdout, stdout);
    if (typeof stderr === 'string') assert.equal(ended.stderr, stderr);
    else assert.match(ended.stderr, stderr);
  }

  it('helps, and refuses what it does not know', async () => {
    assertEnded(await tools('--help'), 0, /Usage: code-mode tools list/);
    assertEnded(await tools(), 2, '', /tools needs a command: list, search, show, check, call, new\./);
    assertEnded(await tools('fly'), 2, '', /There is no command "tools fly"/);
    assertEnded(await tools('list', '--base', 'nowhere'), 2, '', /There is no folder "nowhere"/);
  });

  it('lists all, also what is broken, and starts nothing', async () => {
    await tool('broken.yaml', BROKEN);
    await tool('server.yaml', SERVER);
    const ended = await tools('list');
    assertEnded(
      ended,
      0,
      /^broken {3,}.*timeout.*\nserver +Never starts\nshell +script, code, bytes, json +Runs scripts\n$/,
    );
    const listed = JSON.parse((await tools('list', '--json')).stdout);
    assert.deepEqual(
      listed.map(({ name, problem }: { name: string; problem: string | null }) => [name, problem === null]),
      [
        ['broken', false],
        ['server', true],
        ['shell', true],
      ],
    );
  });

  it('searches and shows', async () => {
    assertEnded(await tools('search', 'run a script'), 0, /^shell +script/);
    assertEnded(await tools('search', 'unrelated'), 0, '');
    const shown = await tools('show', 'shell');
    assertEnded(shown, 0, /^tools\.shell {2}\[test\]\nRuns scripts\n\ntools\.shell\.script\(file: str, /);
    assert.match(shown.stdout, /file +string +Which one/);
    assert.equal(JSON.parse((await tools('show', 'shell', '--json')).stdout).callables.length, 4);
    assertEnded(await tools('show', 'nothing'), 2, '', /There is no tool "nothing"/);
  });

  it('checks the tools of a store, and files', async () => {
    assertEnded(await tools('check'), 0, '');
    const file = await tool('broken.yaml', BROKEN);
    await tool('odd.yaml', 'name: odd\nrecipes:\n  r: {colour: red}\n');
    const found =
      /^\.code-mode\/tools\/broken\.yaml:3:10: .+\n\.code-mode\/tools\/odd\.yaml:3:7: warning: .*colour.*\n$/;
    assertEnded(await tools('check'), 1, found);
    assertEnded(
      await tools('check', '.code-mode/tools/odd.yaml'),
      0,
      /^\.code-mode\/tools\/odd\.yaml:3:7: warning/,
    );
    const [problem] = JSON.parse((await tools('check', file, '--json')).stdout);
    assert.deepEqual([problem.file, problem.line, problem.column, problem.severity], [file, 3, 10, 'error']);
    assertEnded(await tools('check', 'nowhere.yaml'), 2, '', /"nowhere\.yaml" can't be read/);
  });

  describe('call', () => {
    it('writes what the tool gives', async () => {
      await writeFile(path.join(folder, 'echo.sh'), 'pwd; for a; do echo "[$a]"; done; cat');
      const ended = await call(
        'shell.script',
        'file=echo.sh',
        'count=3',
        'more=a b',
        'more=c=d',
        'input=text',
      );
      assertEnded(ended, 0, `${folder}\n[3]\n[a b]\n[c=d]\ntext`);
      assertEnded(await call('shell', 'c=echo direct'), 0, 'direct\n');
    });

    it('takes JSON, files and standard input', async () => {
      await writeFile(path.join(folder, 'cat.sh'), 'cat');
      const args = { file: 'cat.sh', more: ['x', 'y'], input: 'given' };
      assertEnded(await call('shell.script', '--json-args', JSON.stringify(args)), 0, 'given');
      const changed = ['--json-args', JSON.stringify(args), 'input=changed'];
      assertEnded(await call('shell.script', ...changed), 0, 'changed');
      await writeFile(path.join(folder, 'script'), 'from a file');
      assertEnded(await call('shell.script', 'file=cat.sh', 'input=@script'), 0, 'from a file');
      const piped = await codeMode(['tools', 'call', 'shell.script', 'file=cat.sh', 'input=@-'], {
        cwd: folder,
        stdin: 'piped',
      });
      assertEnded(piped, 0, 'piped');
    });

    it('gives bytes as bytes, and JSON as JSON', async () => {
      const c = "c=printf '\\377\\000'";
      assert.equal(JSON.parse((await call('shell.bytes', c, '--json')).stdout).base64, '/wA=');
      await call('shell', "c=printf '\\377\\000' > made");
      assert.deepEqual(await readFile(path.join(folder, 'made')), Buffer.from([255, 0]));
      const long = '{"id": 12345678901234567890}';
      assertEnded(await call('shell.json', `c=echo '${long}'`), 0, `${long}\n`);
      assertEnded(await call('shell.code', 'c=echo text', '--json'), 0, '"text\\n"\n');
    });

    it('says what is wrong', async () => {
      assertEnded(await call('shell.code', 'c=echo bad >&2; exit 3'), 1, '', /exit code 3\.\nbad\n$/);
      assertEnded(await call('shell.code'), 2, '', /needs 'c'/);
      assertEnded(await call('shell.code', 'c=x', 'd=y'), 2, '', /has no parameter 'd'/);
      assertEnded(await call('shell.fly'), 2, '', /has no callable "fly"/);
      assertEnded(await call('shell.code', 'x'), 2, '', /"x" is no argument/);
      assertEnded(await call('shell.code', 'c=x', 'c=y'), 2, '', /"c" is given twice/);
      assertEnded(await call('shell.code', '--json-args', '[]'), 2, '', /--json-args is not a JSON object/);
      assertEnded(await call('shell.script', 'file=x', 'count=many'), 2, '', /an integer for 'count'/);
      assertEnded(await call('nothing'), 2, '', /There is no tool "nothing"/);
    });
  });

  it('makes the file of a tool from a program’s help', async () => {
    const ended = await tools('new', 'sort');
    assertEnded(ended, 0, /^# Made from what "sort --help" says[\s\S]*\nname: sort\n/);
    assertEnded(await tools('check', await tool('sort.yaml', ended.stdout)), 0, '');
  });

  it('knows the tools of a Redis store', async function () {
    if (!hasRedis()) this.skip();
    await using server = await RedisServer.start();
    await sendAll(server.url, [['HSET', 'team:__tools__', 'shell', SHELL]]);
    const store = ['--target', server.url, '--prefix', 'team'];
    assertEnded(await tools('list', ...store), 0, /^shell +script/);
    assertEnded(await tools('check', ...store), 0, '');
    assertEnded(await call('shell.code', 'c=echo there', ...store), 0, 'there\n');
  });
});
