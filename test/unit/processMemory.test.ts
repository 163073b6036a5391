import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { memoryFromProc, memoryFromPs, processTreeMemory } from '../../src/core/common/processMemory.ts';

const MEBIBYTE = 1024 * 1024;

/** A program that takes 60 MiB, or has a child that is like it take them, or ends that child, when it is told to. */
const PROGRAM = `
const { spawn } = require('node:child_process');
let taken, child;
const steps = {
  take: () => { taken = Buffer.alloc(${60 * MEBIBYTE}, 1); console.log('taken'); },
  start: () => {
    child = spawn(process.execPath, ['-e', process.argv[1], process.argv[1]], { stdio: ['pipe', 'inherit', 'inherit'] });
    child.stdin.write('take\\n');
  },
  end: () => { child.once('exit', () => console.log('ended')); child.kill('SIGKILL'); },
};
process.stdin.setEncoding('utf8').on('data', (step) => steps[step.trim()]()).on('end', () => process.exit());
`;

/** The ways in which a process tree's memory is found, where this system has them. */
const WAYS: readonly [string, (root: number) => Promise<number | undefined>, NodeJS.Platform[]][] = [
  ['as the platform does', processTreeMemory, ['linux', 'darwin']],
  ['by the process files', memoryFromProc, ['linux']],
  ['by ps', memoryFromPs, ['linux', 'darwin']],
];

describe("a process tree's memory", function () {
  this.timeout(30_000);
  this.slow(5000);

  for (const [title, memory, platforms] of WAYS) {
    describe(title, () => {
      let child: ChildProcess;
      let ended: Promise<unknown>;

      before(function () {
        if (!platforms.includes(process.platform)) this.skip();
      });

      beforeEach(() => {
        child = spawn(process.execPath, ['-e', PROGRAM, PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
        ended = once(child, 'exit');
      });

      afterEach(async () => {
        child.stdin?.end();
        await ended;
      });

      const tell = async (step: string) => {
        child.stdin?.write(`${step}\n`);
        assert.ok(child.stdout);
        await once(child.stdout, 'data');
      };
      const measure = async () => {
        const bytes = await memory(child.pid ?? 0);
        assert.ok(bytes !== undefined, 'it is told');
        return bytes;
      };

      it('is that of a process and those below it', async () => {
        const before = await measure();
        await tell('take');
        const taken = await measure();
        assert.ok(taken >= before + 50 * MEBIBYTE, `${before}, then ${taken}`);
        await tell('start');
        const both = await measure();
        assert.ok(both >= taken + 50 * MEBIBYTE, `${taken}, then ${both}`);
        await tell('end');
        const left = await measure();
        assert.ok(left <= both - 50 * MEBIBYTE, `${both}, then ${left}`);
      });

      it('is not told of a process that has ended', async () => {
        child.kill('SIGKILL');
        // Its end is not noticed yet: the system may still list it.
        await memory(child.pid ?? 0);
        await ended;
        assert.equal(await memory(child.pid ?? 0), undefined);
      });
    });
  }

  describe('by process files of other systems', () => {
    let proc: string;

    beforeEach(async () => {
      proc = await mkdtemp(path.join(os.tmpdir(), 'code-mode-proc-'));
    });
    afterEach(() => rm(proc, { recursive: true }));

    /** Lays files out as Linux does; each is named by its path below the folder. */
    const layOut = async (files: Readonly<Record<string, string>>) => {
      for (const [name, text] of Object.entries(files)) {
        const file = path.join(proc, name);
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(file, text);
      }
    };

    it('follows the lists of children of every thread', async () => {
      await layOut({
        '1/status': 'Name:\tpython\nVmRSS:\t     100 kB\n',
        '1/task/1/children': '2 3 ',
        '1/task/9/children': '4 ',
        // Its own part of what it shares is told, and goes first.
        '2/status': 'VmRSS:\t     900 kB\n',
        '2/smaps_rollup': '0-1 ---p 0 00:00 0 [rollup]\nRss: 900 kB\nPss:    20 kB\nPss_Dirty: 1 kB\n',
        '2/task/2/children': '5 ',
        // One that has ended, whose parent has not noticed.
        '3/status': 'Name:\tpython\nState:\tZ (zombie)\n',
        '3/task/3/children': '',
        '5/status': 'VmRSS:\t       3 kB\n',
        '6/status': 'VmRSS:\t    7000 kB\n',
      });
      assert.equal(await memoryFromProc(1, proc), 123 * 1024);
    });

    it("looks for each process's parent where there are no lists", async () => {
      await layOut({
        '1/status': 'VmRSS:\t     100 kB\n',
        '1/stat': '1 (python) S 0 1 1',
        '2/status': 'VmRSS:\t      20 kB\n',
        '2/stat': '2 (a ) S 7 (name\n) R 1 2 2',
        '3/status': 'VmRSS:\t       3 kB\n',
        '3/stat': '3 (sh) S 2 2 2',
        '4/status': 'VmRSS:\t    7000 kB\n',
        '4/stat': '4 (sh) S 0 2 2',
      });
      assert.equal(await memoryFromProc(1, proc), 123 * 1024);
    });

    it('ends where ids were given anew while it read', async () => {
      await layOut({
        '1/status': 'VmRSS:\t     100 kB\n',
        '1/stat': '1 (python) S 2 1 1',
        '2/status': 'VmRSS:\t      20 kB\n',
        '2/stat': '2 (sh) S 1 1 1',
      });
      assert.equal(await memoryFromProc(1, proc), 120 * 1024);
    });

    it('is not told of a process that is not there', async () => {
      assert.equal(await memoryFromProc(1, proc), undefined);
    });
  });
});
