import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Executor } from '../../../src/core/contract/executor.ts';
import { until } from '../../support/until.ts';
import { assertUsable } from '../support/subject.ts';
import type { ContainerBench } from './bench.ts';

/** The containers that are kept ready. */
export function describeSpareContainers(bench: ContainerBench): void {
  describe('keeps a spare container', () => {
    const WARM = { warmSpare: true };
    let scratch: string;

    before(async () => {
      scratch = await realpath(await mkdtemp(path.join(tmpdir(), 'code-mode-container-')));
      // Whoever is nobody inside is not its owner.
      await chmod(scratch, 0o755);
    });

    after(() => rm(scratch, { recursive: true, force: true }));

    const idOf = async (executor: Executor) => (await bench.container(executor)).id;

    /** Waits until there is a container besides `known`, and for as long as it may take to get ready. */
    async function spareBeside(known: readonly string[]): Promise<string> {
      const spare = await until('a spare container', async () =>
        (await bench.containers()).find((id) => !known.includes(id)),
      );
      await until(
        'its interpreter',
        async () => (await bench.engine.call(['top', spare])).trim().split('\n').length > 2,
      );
      await sleep(500);
      return spare;
    }

    it('that another session with the same settings gets, and a restart does not need', async () => {
      const one = await bench.start(WARM);
      const own = await idOf(one);
      const spare = await spareBeside([own]);
      await one.restart();
      assert.equal(await idOf(one), own);
      const other = await bench.start(WARM);
      assert.equal(await idOf(other), spare);
      assert.deepEqual(other.capabilityReport(), one.capabilityReport());
      await assertUsable(other);
      await other.restart();
      await assertUsable(other);
      assert.equal(await idOf(other), spare);
      assert.equal(await bench.value(one, '"x" in dir()'), false);
    });

    it('that one gets whose container was stopped', async () => {
      const executor = await bench.start(WARM);
      const spare = await spareBeside([await idOf(executor)]);
      await bench.control(executor).stop();
      await assertUsable(executor);
      assert.equal(await idOf(executor), spare);
    });

    it('in the folder of its session', async () => {
      const folder = path.join(scratch, 'a folder');
      await mkdir(folder);
      const settings = { ...WARM, workspace: 'readOnly' };
      const one = await bench.start(settings, { workspaceFolder: scratch });
      assert.equal(await bench.value(one, 'import os\nos.getcwd()'), scratch);
      const spare = await spareBeside([await idOf(one)]);
      const other = await bench.start(settings, { workspaceFolder: scratch, workingFolder: folder });
      assert.equal(await idOf(other), spare);
      assert.equal(await bench.value(other, 'import os\nos.getcwd()'), folder);
    });

    it('that a session with other settings does not get', async () => {
      const one = await bench.start(WARM);
      const spare = await spareBeside([await idOf(one)]);
      for (const settings of [
        { environment: { ANY: 'x' } },
        { memoryLimit: 1000 },
        { workspace: 'readOnly' },
      ]) {
        const other = await bench.start({ ...WARM, ...settings }, { workspaceFolder: scratch });
        assert.notEqual(await idOf(other), spare);
        await other.close();
      }
    });

    it('that a rebuilt one does not get', async () => {
      const executor = await bench.start(WARM);
      const spare = await spareBeside([await idOf(executor)]);
      await bench.control(executor).rebuild();
      assert.notEqual(await idOf(executor), spare);
    });

    it('that is not taken once it has ended', async () => {
      const lines: string[] = [];
      const executor = await bench.start(WARM, { log: (line) => lines.push(line) });
      const spare = await spareBeside([await idOf(executor)]);
      await bench.engine.call(['rm', '--force', spare]);
      await until('that it has ended is noticed', () => lines.some((line) => line.includes('kept ready')));
      const other = await bench.start(WARM);
      assert.notEqual(await idOf(other), spare);
      await assertUsable(other);
    });

    it('that ends with the last session that could take it', async () => {
      const [one, two] = await Promise.all([bench.start(WARM), bench.start(WARM)]);
      const own = [await idOf(one), await idOf(two)];
      const spare = await spareBeside(own);
      await one.close();
      assert.ok((await bench.containers()).includes(spare));
      await two.close();
      assert.deepEqual(await bench.untilGone(), []);
    });

    it('but none where the settings say so', async () => {
      const executor = await bench.start({ warmSpare: false });
      await sleep(1500);
      assert.deepEqual(await bench.containers(), [await idOf(executor)]);
    });
  });
}
