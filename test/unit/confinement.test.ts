import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { SettingsError } from '../../src/core/contract/errors.ts';
import {
  type ConfinedCommand,
  type ConfinementPolicy,
  checkConfinement,
  confine,
  innerExit,
} from '../../src/core/executors/confinement/index.ts';
import { confineOnMacOS } from '../../src/core/executors/confinement/macos.ts';

const READ_ONLY = 'Read-only file system';
const MISSING = 'No such file or directory';

/** Python: what becomes of each attempt, a line each. */
const ATTEMPTS = `
import os, sys
def attempt(what, *args):
    try:
        return what(*args) or 'done'
    except OSError as error:
        return error.strerror or str(error)
def write(name):
    with open(name, 'w') as file:
        file.write('x')
def read(name):
    with open(name) as file:
        return file.read().strip()
`;

describe('a confined process', () => {
  let executable: string;
  let root: string;
  let workspace: string;
  let policy: ConfinementPolicy;
  let commands: ConfinedCommand[];
  let servers: Server[];

  before(async function () {
    const found = await checkConfinement();
    if (!found.available) {
      console.log(`      not run: ${found.missing}`);
      this.skip();
    }
    // Not what stands on the search path: that may be a script that starts another.
    const { stdout } = await promisify(execFile)('python3', ['-c', 'import sys; print(sys.executable)']);
    executable = stdout.trim();
  });

  beforeEach(async () => {
    root = await realpath(await mkdtemp(path.join(tmpdir(), 'confinement-')));
    workspace = path.join(root, 'workspace');
    await mkdir(workspace);
    commands = [];
    servers = [];
    policy = {
      writable: [workspace],
      readable: [],
      otherFiles: 'visible',
      network: 'off',
      workingFolder: workspace,
    };
  });

  afterEach(async () => {
    for (const command of commands) await command.release();
    for (const server of servers) server.close();
    await rm(root, { recursive: true, force: true });
  });

  async function start(
    program: string,
    args: readonly string[],
    changes: Partial<ConfinementPolicy> = {},
    stdio: ('pipe' | 'ignore')[] = ['ignore', 'pipe', 'pipe'],
  ): Promise<ChildProcess> {
    const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
    const command = await confine(program, args, env, { ...policy, ...changes });
    commands.push(command);
    return spawn(command.command, command.args, { env: command.env, detached: command.detached, stdio });
  }

  async function outcome(child: ChildProcess) {
    const [stdout, stderr, [code, signal]] = await Promise.all([
      text(child.stdout as Readable),
      text(child.stderr as Readable),
      once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
    ]);
    return { stdout: stdout.trim(), stderr: stderr.trim(), ...innerExit({ code, signal }) };
  }

  async function python(code: string, changes?: Partial<ConfinementPolicy>): Promise<string> {
    const {
      stdout,
      stderr,
      code: exitCode,
    } = await outcome(await start(executable, ['-c', ATTEMPTS + code], changes));
    assert.equal(exitCode, 0, stderr);
    return stdout;
  }

  async function listening<T extends Server>(server: T, address?: string): Promise<T> {
    servers.push(server);
    server.listen(address ? { path: address } : { host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return server;
  }

  describe('and who started it', () => {
    it('share every file descriptor, and the exit code', async () => {
      const code = 'import os, sys; os.write(4, os.read(3, 100)); os.write(5, b"five"); sys.exit(3)';
      const child = await start(executable, ['-c', code], {}, [
        'ignore',
        'pipe',
        'pipe',
        'pipe',
        'pipe',
        'pipe',
      ]);
      const pipes: readonly unknown[] = child.stdio;
      (pipes[3] as Writable).end('three');
      const [four, five, [exitCode]] = await Promise.all([
        text(pipes[4] as Readable),
        text(pipes[5] as Readable),
        once(child, 'close'),
      ]);
      assert.deepEqual([four, five, exitCode], ['three', 'five', 3]);
    });

    it('know by which signal it ended', async () => {
      const crash = await start(executable, ['-c', 'import os; os.kill(os.getpid(), 11)']);
      const { code, signal } = await outcome(crash);
      assert.deepEqual([code, signal], [null, 'SIGSEGV']);
    });

    it('end together with all that it started', async () => {
      const marker = `confined-${path.basename(root)}`;
      const code = `import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', '${marker}'], start_new_session=True); print('started', flush=True); time.sleep(60)`;
      const child = await start(executable, ['-c', code]);
      await once(child.stdout as Readable, 'data');
      assert.equal((await processesNamed(marker)).length > 0, true);
      process.kill(-child.pid!, 'SIGKILL');
      await once(child, 'close');
      await untilEmpty(() => processesNamed(marker));
    });

    it('end together when it is the starter that is killed', async () => {
      const marker = `confined-${path.basename(root)}`;
      const code = 'import time; print("started", flush=True); time.sleep(60)';
      const { command, args, detached, release } = await confine(
        executable,
        ['-c', code, marker],
        {},
        policy,
      );
      const script = `require('node:child_process').spawn(...${JSON.stringify([command, args, { detached, stdio: 'inherit' }])});
        setInterval(() => {}, 1000);`;
      const starter = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(starter.stdout, 'data');
      starter.kill('SIGKILL');
      await untilEmpty(() => processesNamed(marker));
      await release();
    });
  });

  describe('with files', () => {
    it('writes where it may and nowhere else', async () => {
      const said = await python(`
for folder in ['.', '/dev/shm', os.path.expanduser('~'), '/etc', '/usr', '/', '/tmp', '/var/tmp', '/run', '/proc/sys/kernel']:
    print(attempt(write, os.path.join(folder, 'confinement-escape')))`);
      const lines = said.split('\n');
      assert.deepEqual(lines.slice(0, 2), ['done', 'done']);
      assert.deepEqual(new Set(lines.slice(2, -1)), new Set([READ_ONLY]));
      assert.notEqual(lines.at(-1), 'done');
      assert.equal((await readdir('/dev/shm')).includes('confinement-escape'), false);
      assert.equal(await readFile(path.join(workspace, 'confinement-escape'), 'utf8'), 'x');
    });

    it('cannot change the kernel, nor undo what is mounted', async () => {
      const pattern = await readFile('/proc/sys/kernel/core_pattern', 'utf8');
      const said = await python(`
import ctypes
print(attempt(write, '/proc/sys/kernel/core_pattern'))
libc = ctypes.CDLL(None, use_errno=True)
print(libc.umount2(b'/tmp', 2), libc.mount(b'none', b'/mnt', b'tmpfs', 0, None))
print([line.split()[1] for line in open('/proc/self/status') if line.startswith('CapEff')])`);
      assert.equal(await readFile('/proc/sys/kernel/core_pattern', 'utf8'), pattern);
      assert.deepEqual(said.split('\n').slice(1), ['-1 -1', "['0000000000000000']"]);
      assert.notEqual(said.split('\n')[0], 'done');
    });

    it('sees neither secrets nor temporary files, but the rest', async () => {
      const home = path.join(root, 'home');
      for (const folder of ['.ssh', '.config/gh', '.config/matplotlib']) {
        await mkdir(path.join(home, folder), { recursive: true });
      }
      for (const file of [
        '.ssh/id_rsa',
        '.config/gh/hosts.yml',
        '.config/matplotlib/style',
        '.netrc',
        'data.csv',
        'diary',
      ]) {
        await writeFile(path.join(home, file), 'content');
      }
      await writeFile(path.join(root, 'other-program'), 'content');
      const before = process.env.HOME;
      process.env.HOME = home;
      try {
        const said = await python(
          `
for name in ['.ssh/id_rsa', '.config/gh/hosts.yml', '.netrc', 'diary', '.config/matplotlib/style', 'data.csv', '../other-program']:
    print(attempt(read, os.path.join(${JSON.stringify(home)}, name)))
print(attempt(read, '/etc/hostname') != '', os.listdir('/run'), os.path.exists('/var/tmp/x'))`,
          { readable: [home], hidden: [path.join(home, 'diary')] },
        );
        assert.deepEqual(said.split('\n').slice(0, -1), [
          MISSING,
          MISSING,
          'Permission denied',
          'Permission denied',
          'content',
          'content',
          MISSING,
        ]);
        await assert.rejects(python('', { writable: [home] }), SettingsError);
      } finally {
        process.env.HOME = before;
      }
    });

    it('reaches no socket of another program', async () => {
      const address = path.join(root, 'agent.sock');
      await listening(createServer(), address);
      const said = await python(`
import socket
print(attempt(socket.socket(socket.AF_UNIX).connect, ${JSON.stringify(address)}))`);
      assert.equal(said, MISSING);
    });

    it('leaves alone what would run outside later, and makes no new of it', async () => {
      await mkdir(path.join(workspace, '.git/hooks'), { recursive: true });
      await writeFile(path.join(workspace, '.git/config'), '[core]');
      await mkdir(path.join(workspace, 'tools'));
      const said = await python(
        `
for name in ['.vscode/tasks.json', '.git/config', '.git/hooks/pre-commit', 'tools/a.yaml', 'plans/deep/a', '.git/index', 'code.py']:
    print(attempt(write, name))
print(attempt(os.rename, '.git', 'other'))
print(attempt(os.rename, '.vscode', 'other'))
print(attempt(os.rename, 'plans', 'other'))`,
        { readOnly: [path.join(workspace, 'tools'), path.join(workspace, 'plans/deep')] },
      );
      const busy = 'Device or resource busy';
      assert.deepEqual(said.split('\n'), [...Array(5).fill(READ_ONLY), 'done', 'done', busy, busy, busy]);
      await commands.pop()?.release();
      assert.deepEqual((await readdir(workspace)).sort(), ['.git', 'code.py', 'tools']);
      assert.deepEqual((await readdir(path.join(workspace, '.git'))).sort(), ['config', 'hooks', 'index']);
    });

    it('takes over the placeholder of a process that was killed, and nothing that is used', async () => {
      const folder = path.join(workspace, '.vscode');
      const ended = spawn(process.execPath, ['-e', '']);
      await once(ended, 'close');
      await mkdir(folder);
      await utimes(folder, ended.pid!, ended.pid!);
      await python('');
      await commands.pop()?.release();
      assert.deepEqual(await readdir(workspace), []);

      await python('');
      await writeFile(path.join(folder, 'settings.json'), '{}');
      await commands.pop()?.release();
      assert.deepEqual(await readdir(folder), ['settings.json']);
    });

    it('follows a workspace that is named by a link', async () => {
      const link = path.join(root, 'link');
      await symlink(workspace, link);
      const said = await python(`print(attempt(write, ${JSON.stringify(path.join(link, 'a'))}))`, {
        writable: [link],
        workingFolder: link,
      });
      assert.equal(said, 'done');
      assert.deepEqual(await readdir(workspace), ['.vscode', 'a']);
    });

    it('sees only what is named, where other files are hidden', async () => {
      const dist = path.join(root, 'dist');
      await mkdir(dist);
      await writeFile(path.join(dist, 'a.js'), 'content');
      const script = `const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
        const attempt = (work) => { try { return String(work()); } catch (error) { return error.code; } };
        const folder = ${JSON.stringify(dist)};
        console.log(readFileSync(folder + '/a.js', 'utf8'));
        for (const place of [folder, '/', '/tmp']) console.log(attempt(() => writeFileSync(place + '/b', '')));
        for (const place of ['/etc/passwd', '/etc/hosts']) console.log(attempt(() => readFileSync(place)));
        console.log(readdirSync('/').concat(readdirSync('/etc')).join(' '));`;
      const child = await start(process.execPath, ['-e', script], {
        writable: [],
        readable: [dist],
        otherFiles: 'hidden',
        workingFolder: dist,
      });
      const { stdout, stderr } = await outcome(child);
      assert.equal(stderr, '');
      const [content, ...attempts] = stdout.split('\n');
      const there = attempts.pop()!.split(' ');
      assert.equal(content, 'content');
      assert.deepEqual(attempts, ['EROFS', 'EROFS', 'EROFS', 'ENOENT', 'ENOENT']);
      for (const name of ['home', 'root', 'var', 'run', 'sys', 'passwd', 'hostname']) {
        assert.equal(there.includes(name), false, name);
      }
    });
  });

  describe('with a network', () => {
    it('that is off reaches nothing, not even this machine', async () => {
      const server = await listening(createServer());
      const abstract = `\0confinement-${path.basename(root)}`;
      await listening(createServer(), abstract);
      const said = await python(`
import socket
print(attempt(socket.create_connection, ('127.0.0.1', ${(server.address() as AddressInfo).port}), 5))
print(attempt(socket.create_connection, ('192.0.2.1', 80), 5))
print(attempt(socket.socket(socket.AF_UNIX).connect, '\\0confinement-${path.basename(root)}'))
print(attempt(socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto, b'x', ('192.0.2.1', 53)))`);
      const refused = 'Connection refused';
      assert.deepEqual(said.split('\n'), [
        refused,
        'Network is unreachable',
        refused,
        'Network is unreachable',
      ]);
    });

    it('has no other sockets than those of the network, and no keys', async () => {
      const said = await python(`
import ctypes, platform, socket
print(attempt(socket.socket, socket.AF_VSOCK))
print(*[isinstance(attempt(socket.socket, family), socket.socket) for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)])
libc = ctypes.CDLL(None, use_errno=True)
keyctl = {'x86_64': 250, 'aarch64': 219}[platform.machine()]
for call in [keyctl, 425]:
    print(libc.syscall(call, 0, -3, 0), os.strerror(ctypes.get_errno()))`);
      const missing = '-1 Function not implemented';
      const family = 'Address family not supported by protocol';
      assert.deepEqual(said.split('\n'), [family, 'True True True', missing, missing]);
    });

    it('that is on reaches what this machine reaches', async () => {
      const server = await listening(createServer((socket) => socket.end('hello')));
      const said = await python(
        `
import socket
print(socket.create_connection(('127.0.0.1', ${(server.address() as AddressInfo).port}), 5).recv(100).decode())`,
        { network: 'on' },
      );
      assert.equal(said, 'hello');
    });

    it('of some domains reaches those, through a proxy', async () => {
      const server = await listening(
        createHttpServer((request, response) => response.end(`hello ${request.url}`)),
      );
      const { port } = server.address() as AddressInfo;
      const code = `
import socket, urllib.request
def get(url):
    try:
        return urllib.request.urlopen(url, timeout=20).read().decode()
    except urllib.error.HTTPError as error:
        return f'{error.code}'
    except urllib.error.URLError as error:
        return str(error.reason)
proxy = os.environ['HTTPS_PROXY']
os.environ['NO_PROXY'] = os.environ['no_proxy'] = ''
print(get('http://localhost:${port}/a'))
print(get('http://127.0.0.1:${port}/b'))
print(get('http://example.com/'))
print(get('https://example.com/'))
tunnel = socket.create_connection(('127.0.0.1', int(proxy.rsplit(':', 1)[1])), 5)
tunnel.sendall(b'CONNECT localhost:${port} HTTP/1.1\\r\\n\\r\\n')
print(tunnel.recv(100).decode().splitlines()[0])
print(attempt(socket.create_connection, ('127.0.0.1', ${port}), 5))`;
      const [one, other] = await Promise.all([
        python(code, { network: { allowedDomains: ['localhost'] } }),
        python(code, { network: { allowedDomains: ['*.example.org'] } }),
      ]);
      const refused = 'Tunnel connection failed: 403 Forbidden';
      const [open, closed] = ['HTTP/1.1 200 Connection Established', 'HTTP/1.1 403 Forbidden'];
      assert.deepEqual(one.split('\n'), ['hello /a', '403', '403', refused, open, 'Connection refused']);
      assert.deepEqual(other.split('\n'), ['403', '403', '403', refused, closed, 'Connection refused']);
    });

    it('names the entry that is no domain', async () => {
      const allowedDomains = ['pypi.org', 'https://pypi.org/simple'];
      await assert.rejects(
        confine(process.execPath, [], {}, { ...policy, network: { allowedDomains } }),
        (error) => {
          assert.ok(error instanceof SettingsError);
          assert.match(error.message, /: "https:\/\/pypi.org\/simple" is not the name of a domain\.$/);
          return true;
        },
      );
    });
  });

  it('does what Python does', async () => {
    const environment = path.join(root, 'environment');
    await promisify(execFile)(executable, ['-m', 'venv', '--without-pip', environment]);
    const code = `
import asyncio, multiprocessing, os, sqlite3, ssl, subprocess, sys, tempfile, threading
def double(number):
    return number * 2
tempfile.tempdir = os.getcwd()
context = multiprocessing.get_context('fork')
with context.Pool(2) as pool:
    print(pool.map(double, [1, 2]))
with context.Manager() as manager:
    print(list(manager.list([3])))
print(context.Value('i', 4).value)
thread = threading.Thread(target=lambda: print('thread'))
thread.start()
thread.join()
print(subprocess.run([sys.executable, '-c', 'print(5)'], capture_output=True, text=True).stdout.strip())
print(sqlite3.connect('a.db').execute('select 6').fetchone(), ssl.create_default_context().check_hostname)
async def child():
    process = await asyncio.create_subprocess_exec('true')
    return await process.wait()
print(asyncio.run(child()), sys.prefix == ${JSON.stringify(environment)})`;
    const program = path.join(environment, 'bin/python');
    const { stdout, stderr } = await outcome(await start(program, ['-c', code], { readable: [environment] }));
    assert.deepEqual(
      stdout.split('\n'),
      ['[2, 4]', '[3]', '4', 'thread', '5', '(6,) True', '0 True'],
      stderr,
    );
  });

  it('leaves nothing behind, however often it is killed', async () => {
    const before = await residue();
    for (let round = 0; round < 25; round += 1) {
      const network = round % 5 === 0 ? { allowedDomains: ['example.org'] } : 'off';
      const children = await Promise.all([
        start(executable, ['-c', 'print(1, flush=True); import time; time.sleep(60)'], { network }),
        start(executable, ['-c', 'import time; time.sleep(60)']),
      ]);
      if (round % 2 === 0) await once(children[0].stdout as Readable, 'data');
      for (const child of children) process.kill(-child.pid!, 'SIGKILL');
      await Promise.all(children.map((child) => once(child, 'close')));
      for (const command of commands.splice(0)) await command.release();
    }
    assert.deepEqual(await readdir(workspace), []);
    await untilEmpty(async () => (await residue()).filter((one) => !before.includes(one)));
  });
});

describe('the sandbox of macOS', () => {
  it('is called with what a policy says', async () => {
    const root = await realpath(await mkdtemp(path.join(tmpdir(), 'confinement-')));
    try {
      const confined = await confineOnMacOS(
        { command: process.execPath, args: ["it's $HOME"], env: { TMPDIR: root } },
        {
          writable: [root],
          readOnly: [path.join(root, 'tools')],
          readable: [],
          otherFiles: 'visible',
          hidden: ['/srv/diary'],
          network: { allowedDomains: ['example.org'] },
          workingFolder: root,
        },
      );
      await confined.release();
      const [option, script = ''] = confined.args;
      assert.deepEqual([confined.command, option], ['/bin/bash', '-c']);
      // What bash makes of it, with a program in place of the sandbox that shows its arguments.
      const show = `sandbox() { printf '%s\\0' "$@"; }; ${script.replace(/^env .*? \/usr\/bin\/sandbox-exec /s, 'sandbox ')}`;
      const { stdout } = await promisify(execFile)('bash', ['-c', show]);
      const [, profile = '', , , command = ''] = stdout.split('\0');
      const written = profile.slice(profile.indexOf('; File write'));
      assert.match(profile, /\(deny file-read\*[^)]*(\([^)]*\)\s*)*\(subpath "\/srv\/diary"\)/);
      assert.match(
        profile,
        new RegExp(`network-outbound \\(remote ip "localhost:${new URL(confined.env.HTTP_PROXY!).port}"`),
      );
      for (const place of ['', '/tools', '/.vscode'])
        assert.ok(written.includes(`(subpath "${root}${place}")`), place);
      assert.ok(command.startsWith(`/usr/bin/env TMPDIR=${root} `));
      assert.ok(command.endsWith(` ${process.execPath} 'it'"'"'s $HOME'`));
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});

/** Command lines of running processes that contain `marker`, by their process ids. */
async function processesNamed(marker: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(marker));
}

/** What starts of confined processes could leave: children of this process, temporary folders. */
async function residue(): Promise<string[]> {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8');
  const folders = [tmpdir(), process.env.XDG_RUNTIME_DIR ?? tmpdir()];
  const names = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  return [
    ...children.trim().split(' '),
    ...names.flat().filter((name) => name.startsWith('python-code-mode')),
  ];
}

async function untilEmpty(look: () => Promise<readonly string[]>): Promise<void> {
  for (const deadline = Date.now() + 10_000; ; ) {
    const found = await look();
    if (found.length === 0) return;
    if (Date.now() > deadline) assert.deepEqual(found, []);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
