import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  type FoundInterpreter,
  findInterpreters,
} from '../../../src/core/executors/subprocess/environment/index.ts';
import { ExecutorBench } from '../support/executorBench.ts';
import { commandLine, descendants, untilGone } from '../support/processes.ts';

const run = promisify(execFile);

/** What the tests of the executor `subprocess` share: its executors, the interpreters there are, and a folder. */
export class SubprocessBench extends ExecutorBench {
  #scratch: string | undefined;
  #interpreters: readonly FoundInterpreter[] = [];

  constructor() {
    super('subprocess');
  }

  /** Registers mocha's hooks: an executor lives as long as its test, the folder as long as the suite. */
  install(): void {
    before(async () => {
      this.#scratch = await mkdtemp(path.join(tmpdir(), 'code-mode-subprocess-'));
      const cacheFolder = path.join(this.#scratch, 'cache');
      const found = await findInterpreters({ cacheFolder, log: () => undefined });
      this.#interpreters = found.filter(({ kind }) => kind === 'installation');
    });
    afterEach(async () => {
      await this.closeAll();
      assert.deepEqual(await untilGone(pythons()), [], 'no interpreter outlives its executor');
    });
    after(async () => {
      if (this.#scratch) await rm(this.#scratch, { recursive: true, force: true });
    });
  }

  /** Absolute path of a folder for this suite. */
  get scratch(): string {
    assert.ok(this.#scratch, 'the folder is there only inside a test');
    return this.#scratch;
  }

  /** The installations of CPython that there are, the newest first. */
  get interpreters(): readonly FoundInterpreter[] {
    return this.#interpreters;
  }

  /** The newest CPython there is. */
  get python(): string {
    assert.ok(this.#interpreters[0], 'there is a CPython');
    return this.#interpreters[0].executable;
  }

  protected defaults(): Record<string, unknown> {
    return { python: this.python, sandbox: 'off' };
  }

  /** Makes a virtual environment in the folder of the suite. */
  async makeEnvironment(name: string): Promise<{ readonly folder: string; readonly packages: string }> {
    const folder = path.join(this.scratch, name);
    await run(this.python, ['-m', 'venv', '--without-pip', folder]);
    const { stdout } = await run(path.join(folder, 'bin', 'python'), [
      '-c',
      'import sysconfig; print(sysconfig.get_path("purelib"), end="")',
    ]);
    return { folder, packages: stdout };
  }
}

/** The interpreters of this executor that this process has started. */
export function pythons(): number[] {
  return descendants(process.pid).filter((pid) => {
    const [program = '', script = ''] = commandLine(pid);
    return path.basename(program).startsWith('python') && script.endsWith('start_cpython.py');
  });
}
