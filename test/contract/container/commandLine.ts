import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ALL_CAPABILITIES } from '../../../src/core/contract/capability.ts';
import { containerSettings, testName } from '../../support/containers.ts';
import { codeMode, RunningCommand } from '../support/commandLine.ts';
import type { ContainerBench } from './bench.ts';

/** `code-mode` with containers. */
export function describeCommandLine(bench: ContainerBench): void {
  describe('from the command line', () => {
    let base: string;

    before(async () => {
      base = await mkdtemp(path.join(tmpdir(), 'code-mode-container-cli-'));
    });

    after(() => rm(base, { recursive: true, force: true }));

    /** The arguments that choose it, with the settings of this machine. */
    function chosen(changes: Readonly<Record<string, unknown>> = {}): string[] {
      const settings = containerSettings({ cacheDeps: false, ...changes });
      return [
        ...['--executor', 'container'],
        ...Object.entries(settings).flatMap(([name, value]) => [
          '--set',
          `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
        ]),
      ];
    }

    const inBase = () => ['--base', path.join(base, '.code-mode')];

    it('runs code, and leaves no container', async () => {
      const command = new RunningCommand([
        'run',
        ...chosen(),
        ...inBase(),
        '-c',
        'import os\nprint("out")\nos.getpid() != 1',
      ]);
      assert.deepEqual(await command.ended, { code: 0, signal: null, stdout: 'out\nTrue\n', stderr: '' });
      assert.deepEqual(await bench.untilGone(command.process.pid), []);
    });

    it('ends code that takes too long, and code that is interrupted', async () => {
      const late = await codeMode([
        'run',
        ...chosen(),
        ...inBase(),
        '--timeout',
        '1',
        '-c',
        'print("before")\nwhile True: pass',
      ]);
      assert.deepEqual([late.code, late.stdout], [124, 'before\n']);
      const command = new RunningCommand([
        'run',
        ...chosen(),
        ...inBase(),
        '-c',
        'print("ready")\nwhile True: pass',
      ]);
      await command.printed('ready');
      command.process.kill('SIGINT');
      assert.equal((await command.ended).code, 130);
      assert.deepEqual(await bench.untilGone(command.process.pid), []);
    });

    it('leaves no container where it is killed', async () => {
      const command = new RunningCommand([
        'run',
        ...chosen(),
        ...inBase(),
        '-c',
        'print("ready")\nwhile True: pass',
      ]);
      await command.printed('ready');
      command.process.kill('SIGKILL');
      await command.ended;
      assert.deepEqual(await bench.untilGone(command.process.pid), []);
    });

    it('says what is missing, and what to do', async () => {
      const image = `localhost/${testName()}`;
      const ended = await codeMode(['run', ...chosen({ image, pull: 'never' }), ...inBase(), '-c', '1']);
      assert.equal(ended.code, 2, ended.stderr);
      assert.match(ended.stderr, new RegExp(`^code-mode: .*${image}.*\n.+\n$`));
    });

    it('verifies each capability that is declared', async function () {
      this.timeout(180_000);
      const ended = await codeMode(['capabilities', '--verify', '--json', ...chosen()]);
      const [{ startError, capabilities }] = JSON.parse(ended.stdout);
      assert.equal(startError, null);
      assert.equal(capabilities.length, ALL_CAPABILITIES.length);
      for (const { capability, supported, probe } of capabilities) {
        if (supported) assert.equal(probe.passed, true, `${capability}: ${probe.saw}`);
      }
      assert.equal(ended.code, 0, ended.stdout);
    });
  });
}
