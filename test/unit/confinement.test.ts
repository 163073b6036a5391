import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  type ConfinedCommand,
  type ConfinementPolicy,
  checkConfinement,
  confine,
  innerExit,
} from '../../src/core/executors/confinement/index.ts';

const PYTHON = '/usr/bin/python3';

describe('a confined process', () => {
  let root: string;
  let workspace: string;
  let policy: ConfinementPolicy;
  const confined: ConfinedCommand[] = [];

  before(async function () {
    const found = await checkConfinement();
    if (!found.available) {
      console.log(`      not run: ${found.missing}`);
      this.skip();
    }
  });

  beforeEach(async () => {
    root = await realpath(await mkdtemp(path.join(tmpdir(), 'confinement-')));
    workspace = path.join(root, 'workspace');
    await mkdir(workspace);
    policy = {
      writable: [workspace],
      readable: [],
      otherFiles: 'visible',
      network: 'off',
      workingFolder: workspace,
    };
  });

  afterEach(async () => {
    for (const command of confined.splice(0)) await command.release();
    await rm(root, { recursive: true, force: true });
  });

  async function start(
    args: readonly string[],
    {
      command = PYTHON,
      env = {},
      ...changes
    }: Partial<ConfinementPolicy> & { command?: string; env?: Record<string, string> } = {},
    stdio: ('pipe' | 'ignore')[] = ['ignore', 'pipe', 'pipe'],
  ): Promise<ChildProcess> {
    const made = await confine(
      command,
      args,
      { PATH: process.env.PATH ?? '', ...env },
      { ...policy, ...changes },
    );
    confined.push(made);
    return spawn(made.command, made.args, { env: made.env, stdio });
  }

  async function python(code: string, changes: Partial<ConfinementPolicy> = {}) {
    const child = await start(['-c', code], changes);
    const [stdout, stderr, [exitCode, signal]] = await Promise.all([
      text(child.stdout as Readable),
      text(child.stderr as Readable),
      once(child, 'close'),
    ]);
    return { stdout: stdout.trim(), stderr: stderr.trim(), ...innerExit({ code: exitCode, signal }) };
  }

  it('gets every file descriptor and passes its exit code on', async () => {
    const code = 'import os, sys; os.write(4, os.read(3, 100)); os.write(5, b"five"); sys.exit(3)';
    const child = await start(['-c', code], {}, ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe']);
    (child.stdio[3] as Writable).end('three');
    const [four, five, [exitCode]] = await Promise.all([
      text(child.stdio[4] as Readable),
      text(child.stdio[5] as Readable),
      once(child, 'close'),
    ]);
    assert.deepEqual([four, five, exitCode], ['three', 'five', 3]);
  });

  it('tells by which signal it ended', async () => {
    const { code, signal } = await python('import os, signal; os.kill(os.getpid(), signal.SIGSEGV)');
    assert.deepEqual([code, signal], [null, 'SIGSEGV']);
  });

  it('writes where it may and nowhere else', async () => {
    const { stdout } = await python(
      `
import os
def attempt(name):
    try:
        open(name, 'w').close()
        return 'written'
    except OSError as error:
        return error.strerror
print(attempt('here.txt'), *[attempt(os.path.join(folder, 'confinement-escape')) for folder in
  (os.path.expanduser('~'), '/etc', '/tmp', '/var/tmp', '/dev/shm', '/usr', '/')], sep='\\n')`,
    );
    const readOnly = 'Read-only file system';
    assert.deepEqual(stdout.split('\n'), [
      'written',
      readOnly,
      readOnly,
      readOnly,
      readOnly,
      'written',
      readOnly,
      readOnly,
    ]);
    assert.deepEqual(await readdir(workspace), ['.vscode', 'here.txt']);
    await confined.pop()?.release();
    assert.deepEqual(await readdir(workspace), ['here.txt']);
    assert.equal((await readdir('/dev/shm')).includes('confinement-escape'), false);
  });
});
