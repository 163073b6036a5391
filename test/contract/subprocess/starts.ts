import assert from 'node:assert/strict';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CodeModeError } from '../../../src/core/contract/errors.ts';
import { untilGone } from '../support/processes.ts';
import { assertUsable } from '../support/subject.ts';
import { pythons, type SubprocessBench } from './bench.ts';

/** Interpreters that cannot be started. */
export function describeBadStarts(bench: SubprocessBench): void {
  describe('that cannot be started', () => {
    /** Asserts that the start fails with a message and a hint for people, and leaves no process. */
    async function assertFails(starting: Promise<unknown>, message: RegExp): Promise<void> {
      await assert.rejects(starting, (error) => {
        assert.ok(CodeModeError.is(error), String(error));
        assert.match(error.message, message);
        assert.ok((error.hint ?? '').length > 10, 'it says what to do');
        return true;
      });
      assert.deepEqual(await untilGone(pythons()), []);
    }

    it('says what is wrong with an interpreter that is none', async () => {
      const folder = path.join(bench.scratch, 'none');
      await mkdir(folder);
      const text = path.join(folder, 'text');
      await writeFile(text, 'not a program\n', { mode: 0o755 });
      for (const [setting, message] of [
        [path.join(folder, 'missing'), /no Python interpreter at .*missing/],
        [folder, /has no Python interpreter in it/],
        [text, /text file/],
        [process.execPath, /no Python interpreter/],
      ] as const) {
        await assertFails(bench.create({ python: setting }).start(), message);
      }
    });

    it('does not wait for ever for a program that does not answer', async () => {
      const program = path.join(bench.scratch, 'hangs');
      await writeFile(program, '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 });
      await assertFails(
        bench.create({ python: program }, { startTimeoutS: 1 }).start(),
        /did not start within 1 s/,
      );
    });

    it('recovers once the interpreter is there', async () => {
      const folder = path.join(bench.scratch, 'later');
      const executor = bench.create({ python: folder });
      await assertFails(executor.start(), /no Python interpreter/);
      await assertFails(executor.run('1'), /no Python interpreter/);
      await bench.makeEnvironment('later');
      await assertUsable(executor);
    });

    it('says so where the environment is gone at a restart, and recovers once it is back', async () => {
      for (const warmSpare of [false, true]) {
        const { folder } = await bench.makeEnvironment(`moved-${warmSpare}`);
        const executor = await bench.start({ python: folder, warmSpare });
        await rename(folder, `${folder}-away`);
        await assertFails(executor.restart(), /no Python interpreter|link/);
        assert.equal(executor.state, 'dead');
        await rename(`${folder}-away`, folder);
        await assertUsable(executor);
        await executor.close();
      }
    });

    describe('for what its sitecustomize does', () => {
      let environment: { folder: string; packages: string };

      before(async () => {
        environment = await bench.makeEnvironment('customized');
      });

      function customize(code: string): Promise<void> {
        return writeFile(path.join(environment.packages, 'sitecustomize.py'), code);
      }

      it('but starts where it only prints or fails: nothing of it is in a run', async () => {
        for (const code of [
          'import sys\nprint("printed")\nsys.stderr.write("complained")',
          'print("x" * 300_000)',
          'raise RuntimeError("customized")',
        ]) {
          await customize(code);
          const executor = await bench.start({ python: environment.folder });
          const result = await executor.run('print("own")');
          assert.deepEqual([result.stdout, result.stderr], ['own\n', ''], code);
        }
      });

      it('says why where it ends the process, with what was printed in the log', async () => {
        const log: string[] = [];
        await customize('import sys\nprint("about to leave")\nsys.exit("customized to fail")');
        const executor = bench.create({ python: environment.folder }, { log: (line) => log.push(line) });
        await assertFails(executor.start(), /could not be started: .*customized to fail/);
        assert.match(log.join('\n'), /about to leave/);
        await customize('');
        await assertUsable(executor);
      });

      it('gives up after the start timeout where it hangs, and recovers', async () => {
        await customize('');
        // So that it is known what it is, and only the start hangs.
        const known = await bench.start({ python: environment.folder });
        await known.close();
        await customize('import time\nprint("hanging", flush=True)\ntime.sleep(1000)');
        const log: string[] = [];
        const executor = bench.create(
          { python: environment.folder },
          { startTimeoutS: 1, log: (line) => log.push(line) },
        );
        await assertFails(executor.start(), /not ready after 1 s/);
        assert.match(log.join('\n'), /hanging/);
        await customize('');
        await assertUsable(executor);
      });
    });
  });
}
