import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDependencyConfiguration } from '../../../src/core/deps/configuration/index.ts';
import { servePackages, wheel } from '../../support/packages.ts';
import { threadCount, untilGone } from '../support/processes.ts';
import { pythons, type SubprocessBench } from './bench.ts';

/** The interpreters that are kept ready. */
export function describeSpares(bench: SubprocessBench): void {
  describe('keeps a spare interpreter', () => {
    const PID = 'import os\nos.getpid()';

    /** Waits until a spare is there besides `known`, and for as long as it may take to get ready. */
    async function spareBeside(known: readonly unknown[]): Promise<number> {
      for (;;) {
        const spare = pythons().find((pid) => !known.includes(pid));
        // It is taken only once it is ready: soon after its second thread has begun to read what it is told.
        if (spare !== undefined && threadCount(spare) !== 1) {
          await sleep(300);
          return spare;
        }
        await sleep(20);
      }
    }

    it('that a restart and a reset get, with nothing of the old one in it', async () => {
      const executor = await bench.start({ warmSpare: true });
      let current = await bench.value(executor, PID);
      for (const change of ['restart', 'reset'] as const) {
        await bench.value(
          executor,
          'import builtins, decimal, os, sys, tempfile\nleft = builtins.left = 1\nos.environ["LEFT"] = "1"\nsys.path.append("left")\nopen(os.path.join(tempfile.gettempdir(), "left"), "w").close()',
        );
        const spare = await spareBeside([current]);
        await executor[change]();
        assert.equal(await bench.value(executor, PID), spare);
        assert.deepEqual(
          await bench.value(
            executor,
            'import os, sys, tempfile\n["left" in dir(), "decimal" in sys.modules, "LEFT" in os.environ, "left" in sys.path, os.listdir(tempfile.gettempdir())]',
          ),
          [false, false, false, false, []],
        );
        current = spare;
      }
    });

    it('that another session with the same settings gets, in its own folder', async () => {
      const one = await bench.start({ warmSpare: true });
      const spare = await spareBeside([await bench.value(one, PID)]);
      const folder = path.join(bench.scratch, 'another folder');
      await mkdir(folder, { recursive: true });
      const other = await bench.start(
        { warmSpare: true },
        { workspaceFolder: bench.scratch, workingFolder: folder },
      );
      assert.notEqual(await bench.value(other, PID), spare, 'its workspace is another one');
      const same = await bench.start({ warmSpare: true });
      assert.equal(await bench.value(same, PID), spare);
      assert.equal(await bench.value(other, 'import os\nos.getcwd()'), folder);
      const second = await spareBeside([]).then(() =>
        bench.start({ warmSpare: true }, { workspaceFolder: bench.scratch, workingFolder: bench.scratch }),
      );
      assert.equal(await bench.value(second, 'import os\nos.getcwd()'), bench.scratch);
    });

    it('that a session with other settings does not get', async () => {
      const one = await bench.start({ warmSpare: true });
      const spare = await spareBeside([await bench.value(one, PID)]);
      for (const settings of [{ passEnvironment: ['ANY'] }, { memoryLimit: 1000 }, { cpuLimit: 100 }]) {
        const other = await bench.start({ warmSpare: true, ...settings });
        assert.notEqual(await bench.value(other, PID), spare);
        await other.close();
      }
    });

    it('that is another one once the packages have changed', async () => {
      const { folder } = await bench.makeEnvironment('changing');
      const pathy = wheel({
        name: 'pathy',
        version: '1.0',
        files: { 'pathy.pth': 'import pathy_start\n', 'pathy_start.py': 'import sys\nsys.pathy = "here"\n' },
      });
      await using index = await servePackages([pathy]);
      const spec = { indexUrl: index.url };
      await using configuration = openDependencyConfiguration({}, { log: () => undefined });
      const executor = await bench.start(
        { warmSpare: true, python: folder },
        { deps: { configuration, spec } },
      );
      const own = await bench.value(executor, PID);
      const spare = await spareBeside([own]);
      assert.deepEqual((await executor.installDeps(['pathy'])).failed, []);
      await untilGone([spare]);
      const next = await spareBeside([own]);
      await executor.restart();
      assert.deepEqual(await bench.value(executor, 'import os, sys\n[os.getpid(), sys.pathy]'), [
        next,
        'here',
      ]);
    });

    it('that is not taken once it has died', async () => {
      const executor = await bench.start({ warmSpare: true });
      const spare = await spareBeside([await bench.value(executor, PID)]);
      process.kill(spare, 'SIGKILL');
      await untilGone([spare]);
      await executor.restart();
      assert.notEqual(await bench.value(executor, PID), spare);
    });

    it('that ends with the last session that could take it', async () => {
      const [one, two] = await Promise.all([
        bench.start({ warmSpare: true }),
        bench.start({ warmSpare: true }),
      ]);
      const spare = await spareBeside([await bench.value(one, PID), await bench.value(two, PID)]);
      await one.close();
      assert.ok(pythons().includes(spare));
      await two.close();
      assert.deepEqual(pythons(), []);
    });

    it('of which there are at most two, whatever the number of configurations', async () => {
      const executors = await Promise.all(
        [100, 200, 300, 400].map((cpuLimit) => bench.start({ warmSpare: true, cpuLimit })),
      );
      const own = await Promise.all(executors.map((executor) => bench.value(executor, PID)));
      await spareBeside(own);
      await sleep(1000);
      const spares = pythons().filter((pid) => !own.includes(pid));
      assert.ok(spares.length <= 2, `there are ${spares.length}`);
    });

    it('but none where the settings say so', async () => {
      const executor = await bench.start({ warmSpare: false });
      await executor.restart();
      await sleep(1000);
      assert.deepEqual(pythons(), [await bench.value(executor, PID)]);
    });
  });
}
