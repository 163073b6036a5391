import assert from 'node:assert/strict';
import type { Session } from '../../../src/core/session/session.ts';
import { containerSettings } from '../../support/containers.ts';
import { HostBench } from '../host/bench.ts';
import type { ContainerBench } from './bench.ts';

/** The container of a session that the session host has. */
export function describeAttached(containers: ContainerBench): void {
  describe('in a session host', () => {
    const host = new HostBench();
    host.install();

    async function open(): Promise<Session> {
      const executorSettings = containerSettings({ warmSpare: false, cacheDeps: false });
      return host.open(await host.attach(), { executor: 'container', executorSettings });
    }

    it('is seen by all that are attached, and can be stopped and rebuilt', async () => {
      const session = await open();
      assert.equal(session.info.hasContainer, true);
      const control = session.container;
      assert.ok(control);
      assert.equal((await control.report()).container, null);
      const changed = new Promise<void>((resolve) => control.onDidChange(resolve));
      assert.equal((await session.run('1 + 1')).value, 2);
      await changed;
      const pid = await host.hostPid();
      const { container, engine } = await control.report();
      assert.equal(engine, containers.engine.label);
      assert.deepEqual(await containers.containers(pid), [container?.id]);
      assert.ok(((await control.usage())?.memory ?? 0) > 0);
      assert.match(await control.log(), new RegExp(`Container ${container?.name}: `));

      const other = await host.attach();
      const same = other.get('workspace');
      assert.deepEqual((await same?.container?.report())?.container, container);
      await same?.container?.stop();
      assert.deepEqual(await containers.untilGone(pid), []);
      assert.equal((await control.report()).container, null);
      assert.equal(await control.usage(), null);

      await session.run('x = 1');
      const before = (await control.report()).container;
      await control.rebuild();
      const after = (await control.report()).container;
      assert.ok(before && after);
      assert.notEqual(after.id, before.id);
      assert.equal((await session.run('"x" in dir()')).value, false);
      await session.close();
      assert.deepEqual(await containers.untilGone(pid), []);
    });

    it('ends with a host that was killed, while code runs', async () => {
      const session = await open();
      const pid = await host.hostPid();
      const run = session.run('print("ready")\nwhile True: pass', {
        onEvent: () => process.kill(pid, 'SIGKILL'),
      });
      await assert.rejects(run, { code: 'host-lost' });
      assert.deepEqual(await containers.untilGone(pid), []);
    });
  });
}
