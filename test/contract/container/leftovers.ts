import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type { Engine } from '../../../src/core/executors/container/engine/engine.ts';
import {
  isOwnerGone,
  keptLabels,
  OWNER_LABEL,
  ownedLabels,
} from '../../../src/core/executors/container/labels.ts';
import { removeLeftovers } from '../../../src/core/executors/container/leftovers.ts';
import {
  containerEngine,
  containerSettings,
  DockerService,
  hasDocker,
  testName,
} from '../../support/containers.ts';
import type { ContainerBench } from './bench.ts';

/** What processes that were killed have left. */
export function describeContainerLeftovers(bench: ContainerBench): void {
  describe('what earlier processes have left', () => {
    const labelled = (labels: Readonly<Record<string, string>>) =>
      Object.entries(labels).map(([name, value]) => `--label=${name}=${value}`);

    /** Labels of a process that has ended. */
    function goneLabels(): Readonly<Record<string, string>> {
      const own = ownedLabels('/somewhere');
      const { pid } = spawnSync(process.execPath, ['-e', '']);
      const owner = (own[OWNER_LABEL] ?? '').replace(`:${process.pid}:`, `:${pid}:`);
      assert.ok(isOwnerGone(owner));
      return { ...own, [OWNER_LABEL]: owner };
    }

    async function checkRemoval(engine: Engine): Promise<void> {
      const volumes = {
        gone: goneLabels(),
        own: ownedLabels('/somewhere'),
        kept: keptLabels('/somewhere'),
        'of another machine': { ...goneLabels(), [OWNER_LABEL]: 'another:1:1' },
      };
      const names: Record<string, string> = {};
      const container = testName();
      const removed: string[] = [];
      try {
        for (const [title, labels] of Object.entries(volumes)) {
          names[title] = testName();
          await engine.call(['volume', 'create', ...labelled(labels), names[title]]);
        }
        const { image } = containerSettings();
        await engine.call([
          ...['create', '--name', container, ...labelled(goneLabels())],
          ...['--mount', `type=volume,source=${names.gone},target=/left`, String(image), 'true'],
        ]);
        await removeLeftovers(engine, (line) => removed.push(line));
        assert.equal(removed.length, 2, removed.join('\n'));
        assert.equal(await isThere(engine, ['container', 'inspect', container]), false);
        for (const [title, name] of Object.entries(names)) {
          assert.equal(await isThere(engine, ['volume', 'inspect', name]), title !== 'gone', title);
        }
      } finally {
        await engine.call(['rm', '--force', container]).catch(() => undefined);
        for (const name of Object.values(names)) {
          await engine.call(['volume', 'rm', '--force', name]).catch(() => undefined);
        }
      }
    }

    async function isThere(engine: Engine, args: readonly string[]): Promise<boolean> {
      return engine.call(args).then(
        () => true,
        () => false,
      );
    }

    it('is removed, and nothing of others', () => checkRemoval(bench.engine));

    it('is removed by the command line of Docker', async function () {
      if (!hasDocker()) this.skip();
      await using service = await DockerService.start();
      await checkRemoval(await containerEngine(service.settings()));
    });
  });
}
