import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import { executorRegistry } from '../../src/core/executors/index.ts';
import { createSessionManager } from '../../src/core/session/local.ts';
import { findByWorkspaceFolder } from '../../src/core/session/remote/announcement.ts';
import { serveSessions } from '../../src/core/session/server.ts';
import { type SessionSpec, workspaceSessionId } from '../../src/core/session/session.ts';
import { describeSessionContract } from './session.contract.ts';
import { codeMode, RunningCommand } from './support/commandLine.ts';
import { framed, send } from './support/rawSocket.ts';
import { ServedManager } from './support/served.ts';
import { Deferred, DIST_FOLDER, HANG_S } from './support/subject.ts';

const EXECUTOR = executorRegistry.list()[0]!.id;

describeSessionContract('the session manager in this process', async () => {
  const manager = createSessionManager({ distFolder: DIST_FOLDER, log: () => undefined });
  return { manager, other: manager, dispose: async () => manager[Symbol.asyncDispose]() };
});

describeSessionContract('the session manager attached to another', async () => {
  const served = await ServedManager.create();
  return {
    manager: await served.attach(),
    other: await served.attach(),
    dispose: async () => served[Symbol.asyncDispose](),
  };
});

describe('sessions that are served', function () {
  this.timeout(60_000);
  let served: ServedManager;

  beforeEach(async () => {
    served = await ServedManager.create();
  });
  afterEach(async () => served[Symbol.asyncDispose]());

  const spec = { id: 'workspace', title: 'Workspace', executor: EXECUTOR };

  async function announcement(): Promise<string> {
    const [name] = await readdir(served.folder);
    return path.join(served.folder, name!);
  }

  it('are the same for the window and for who attaches', async () => {
    const inWindow = await served.local.open(spec);
    await inWindow.run('from_window = 1');
    const attached = await served.attach();
    const session = await attached.open(spec);
    assert.equal((await session.run('from_window + 1')).value, 2);
    await session.run('from_terminal = 3');
    assert.equal((await inWindow.run('from_terminal')).value, 3);
  });

  it('live on when a client goes, and so does its run', async () => {
    const inWindow = await served.local.open(spec);
    const attached = await served.attach();
    const session = await attached.open(spec);
    const started = new Deferred();
    const ran = new Deferred();
    inWindow.onDidRun(({ endedAt }) => {
      if (endedAt !== null) ran.resolve();
    });
    session
      .run('import time\nprint("started")\ntime.sleep(0.5)\nfinished = True', {
        onEvent: () => started.resolve(),
      })
      .catch(() => undefined);
    await started.promise;
    await attached[Symbol.asyncDispose]();
    await ran.promise;
    assert.equal((await inWindow.run('finished')).value, true);
  });

  it('do not wait for the answer of a client that has gone', async () => {
    const inWindow = await served.local.open(spec);
    const attached = await served.attach();
    const session = await attached.open(spec);
    const ran = new Deferred<string | undefined>();
    inWindow.onDidRun(({ status }) => {
      if (status !== null) ran.resolve(status);
    });
    session
      .run('try:\n    input()\nexcept EOFError as error:\n    refused = str(error)', {
        timeoutS: HANG_S,
        onInput: () => {
          void attached[Symbol.asyncDispose]();
          return new Promise(() => undefined);
        },
      })
      .catch(() => undefined);
    assert.equal(await ran.promise, 'ok');
    assert.match(String((await inWindow.run('refused')).value), /nobody is there to answer/);
  });

  it("end a client's calls with a clear error when the host goes", async () => {
    const attached = await served.attach();
    const session = await attached.open(spec);
    const closed = new Deferred();
    session.onDidClose(() => closed.resolve());
    const run = session.run('print(1)\nwhile True: pass', {
      timeoutS: HANG_S,
      onEvent: () => void served.stopServing(),
    });
    await assert.rejects(run, (error) => CodeModeError.is(error, 'host-lost') && !!error.hint);
    await closed.promise;
    await assert.rejects(session.run('1'), (error) => CodeModeError.is(error, 'host-lost'));
  });

  it('are found from a folder below the workspace folder of one of them', async () => {
    const below = path.join(served.workspaceFolder, 'src', 'deep');
    assert.equal(await findByWorkspaceFolder(below, served), undefined);
    const attached = await served.attach();
    await attached.open({ ...spec, workspaceFolder: served.workspaceFolder });
    const found = await findByWorkspaceFolder(below, served);
    assert.equal(found?.workspaceFolder, await realpath(served.workspaceFolder));
    assert.equal(
      found?.announcement.baseFolder,
      await realpath(served.workspaceFolder).then((folder) => path.join(folder, '.code-mode')),
    );
  });

  it("are opened by a window of the folder where it is the workspace's", async () => {
    const { workspaceFolder } = served;
    const id = workspaceSessionId(workspaceFolder);
    let opened = 0;
    const window = await served.attach({
      workspaceFolder,
      openWorkspaceSession: async () => {
        opened++;
        await window.open({ ...spec, id, workspaceFolder, title: "the window's" });
      },
    });
    const terminal = await served.attach();
    const session = await terminal.openWorkspace(workspaceFolder, { ...spec, id, workspaceFolder });
    assert.equal(session.info.title, "the window's");
    await terminal.openWorkspace(workspaceFolder, { ...spec, id, workspaceFolder });
    assert.equal(opened, 1);
    const other = path.join(workspaceFolder, 'other');
    const own = { ...spec, id: workspaceSessionId(other), workspaceFolder: other, title: "the terminal's" };
    assert.equal((await terminal.openWorkspace(other, own)).info.title, "the terminal's");
    assert.equal(opened, 1);
  });

  it('are not announced any more once disposed', async () => {
    await served.stopServing();
    assert.deepEqual(await readdir(served.folder), []);
    assert.equal(await served.tryAttach(), undefined);
  });

  it('are for their owner only', async function () {
    if (process.platform === 'win32') this.skip();
    const file = await announcement();
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal((await stat(served.folder)).mode & 0o777, 0o700);
    const { address } = JSON.parse(await readFile(file, 'utf8'));
    assert.equal((await stat(path.dirname(address))).mode & 0o777, 0o700);
  });

  it('refuse a wrong token', async () => {
    const file = await announcement();
    const endpoint = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...endpoint, token: 'guessed' }));
    await assert.rejects(
      served.attach(),
      (error) => CodeModeError.is(error, 'usage') && /token/.test(error.message),
    );
    await writeFile(file, JSON.stringify(endpoint));
    await served.attach();
  });

  it('refuse every call before the token', async () => {
    const { address } = JSON.parse(await readFile(await announcement(), 'utf8'));
    await served.local.open(spec);
    for (const [method, params] of [
      ['host/endIfUnused', {}],
      ['sessions/open', spec],
      ['session/run', { session: 'workspace', stream: 's', code: '1', tag: null, answersInput: false }],
      ['session/close', { session: 'workspace' }],
    ] as const) {
      const socket = connect(address);
      send(socket, 1, method, params);
      const answer = await new Promise<string>((resolve) =>
        socket.once('data', (data) => resolve(String(data))),
      );
      socket.destroy();
      assert.match(answer, /"error"/, String(method));
      assert.match(answer, /token/);
    }
    assert.ok(served.local.get('workspace'));
  });

  it('survive nonsense on the socket', async () => {
    const { address } = JSON.parse(await readFile(await announcement(), 'utf8'));
    for (const nonsense of ['GET / HTTP/1.1\r\n\r\n', framed('{"a":'), '\x00'.repeat(1000)]) {
      const socket = connect(address);
      socket.on('error', () => undefined);
      socket.write(nonsense);
      await new Promise((resolve) => setTimeout(resolve, 50));
      socket.destroy();
    }
    await served.attach();
  });

  it('are taken over where the announcement is what a crash left behind', async () => {
    const file = await announcement();
    const endpoint = JSON.parse(await readFile(file, 'utf8'));
    await served.stopServing();
    await writeFile(file, JSON.stringify({ ...endpoint, address: path.join(served.folder, 'gone.sock') }));
    assert.equal(await served.tryAttach(), undefined);
    assert.deepEqual(await readdir(served.folder), []);
    await writeFile(file, JSON.stringify({ ...endpoint, address: path.join(served.folder, 'gone.sock') }));
    await served.serve();
    await served.attach();
  });

  it('are left to the process that serves the folder already', async () => {
    const second = createSessionManager({ distFolder: DIST_FOLDER, log: () => undefined });
    const { baseFolder, folder } = served;
    const options = { baseFolder, folder, version: '1.2.3', log: () => undefined };
    assert.equal(await serveSessions(second, options), undefined);
    await second[Symbol.asyncDispose]();
    await served.local.open(spec);
    const attached = await served.attach();
    assert.deepEqual(
      (await attached.list()).map(({ id }) => id),
      ['workspace'],
    );
  });

  it('that do not answer are given up', async () => {
    const file = await announcement();
    const endpoint = JSON.parse(await readFile(file, 'utf8'));
    const folder = await mkdtemp(path.join(tmpdir(), 'code-mode-mute-'));
    const address = path.join(folder, 'mute.sock');
    const mute = createServer((socket) => socket.on('error', () => undefined)).listen(address);
    try {
      await writeFile(file, JSON.stringify({ ...endpoint, address }));
      await assert.rejects(
        served.attach(),
        (error) => CodeModeError.is(error, 'host-lost') && /does not answer/.test(error.message),
      );
    } finally {
      mute.close();
      await writeFile(file, JSON.stringify(endpoint));
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('are not looked for in an announcement that cannot be read', async () => {
    const file = await announcement();
    const original = await readFile(file, 'utf8');
    for (const broken of ['', '{', '[]', '{"address": 5}']) {
      await writeFile(file, broken);
      assert.equal(await served.tryAttach(), undefined, broken);
    }
    await writeFile(file, original);
  });
});

describe('code-mode run --attach', function () {
  this.timeout(60_000);
  let served: ServedManager;
  let home: string;
  let env: NodeJS.ProcessEnv;
  let id: string;
  let spec: SessionSpec;

  // The command finds the announcements where a person's data is, so the person of these tests has a home of its own.
  before(async function () {
    if (process.platform !== 'linux') this.skip();
    home = await mkdtemp(path.join(tmpdir(), 'code-mode-home-'));
    env = { ...process.env, XDG_DATA_HOME: home };
    const folder = path.join(home, 'python-code-mode', 'live-sessions');
    served = await ServedManager.create({ folder });
    const { workspaceFolder } = served;
    id = workspaceSessionId(workspaceFolder);
    spec = { id, title: 'Workspace', executor: EXECUTOR, workspaceFolder };
    // A window has something open: that is how the folder becomes known.
    const window = await served.attach({ workspaceFolder, openWorkspaceSession: () => window.open(spec) });
    await window.open(spec);
  });
  after(async () => {
    await served?.[Symbol.asyncDispose]();
    if (home) await rm(home, { recursive: true, force: true });
  });

  const attach = (args: readonly string[], stdin?: string) =>
    codeMode(['run', '--attach', ...args], {
      cwd: served.workspaceFolder,
      env,
      ...(stdin === undefined ? {} : { stdin }),
    });

  it('runs in the live session, with its variables', async () => {
    const session = await served.local.open(spec);
    await session.run('answer = 42');
    const ended = await attach(['-c', 'print("attached")\nanswer']);
    assert.deepEqual(ended, { code: 0, signal: null, stdout: 'attached\n42\n', stderr: '' });
    await attach(['-c', 'left_behind = 7']);
    assert.equal((await session.run('left_behind')).value, 7);
  });

  it('opens the session where there is none', async () => {
    await served.local.get(id)?.close();
    assert.equal((await attach(['-c', '1 + 1'])).stdout, '2\n');
    assert.ok(served.local.get(id));
  });

  it('answers input() from the terminal that started the run', async () => {
    assert.equal((await attach(['-c', 'input("Q? ")'], 'A\n')).stdout, "Q? 'A'\n");
  });

  it('prints JSON, errors and timeouts as without it', async () => {
    assert.equal(JSON.parse((await attach(['--json', '-c', '[1]'])).stdout).value[0], 1);
    assert.equal((await attach(['-c', '1 / 0'])).code, 1);
    assert.equal((await attach(['--timeout', '0.5', '-c', 'while True: pass'])).code, 124);
  });

  it('interrupts its own run with Ctrl+C, and the session lives on', async () => {
    await attach(['-c', 'kept = 1']);
    const command = new RunningCommand(['run', '--attach', '-c', 'print("ready")\nwhile True: pass'], {
      cwd: served.workspaceFolder,
      env,
      stdin: null,
    });
    await command.printed('ready');
    command.process.kill('SIGINT');
    assert.equal((await command.ended).code, 130);
    assert.equal((await attach(['-c', 'kept'])).stdout, '1\n');
  });

  it('refuses another executor than the one that is live', async () => {
    await attach(['-c', '1']);
    const other = executorRegistry.list().find(({ id }) => id !== EXECUTOR);
    const ended = await attach(['--executor', other!.id, '-c', '1']);
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, new RegExp(`runs on "${EXECUTOR}"`));
  });

  it('says so where no window has the folder open', async () => {
    const ended = await codeMode(['run', '--attach', '--workspace', home, '-c', '1'], { env });
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /^code-mode: There is no live session of VS Code[^\n]*\n.+\n$/);
  });

  it('says so where the announcements cannot be used', async function () {
    if (process.getuid?.() === 0) this.skip();
    await chmod(home, 0);
    try {
      assert.equal((await attach(['-c', '1'])).code, 2);
    } finally {
      await chmod(home, 0o700);
    }
  });
});
