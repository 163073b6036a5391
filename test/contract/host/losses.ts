import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { CodeModeError } from '../../../src/core/contract/errors.ts';
import { endHost, findHost } from '../../../src/core/session/host/hostClient.ts';
import { untilGone } from '../support/processes.ts';
import { EXECUTORS_OF_THIS_MACHINE } from '../support/subject.ts';
import type { HostBench } from './bench.ts';

const EXECUTORS = EXECUTORS_OF_THIS_MACHINE.map(({ id }) => id);

/** A host that is gone, or does not move. */
export function describeLosses(bench: HostBench): void {
  describe('that was killed', () => {
    for (const executor of EXECUTORS) {
      it(`with a run in flight is told of at once, and is replaced: ${executor}`, async () => {
        const [manager, other] = await Promise.all([bench.attach(), bench.attach()]);
        const lost = [manager, other].map((each) => new Promise((resolve) => each.onDidLose(resolve)));
        const session = await bench.open(manager, { executor });
        const closed = new Promise<void>((resolve) => session.onDidClose(resolve));
        const host = await bench.hostPid();
        let pythons: number[] = [];
        const run = session.run('print("ready")\nwhile True: pass', {
          onEvent: () => {
            pythons = bench.pythons(host);
            process.kill(host, 'SIGKILL');
          },
        });
        await assert.rejects(run, (error) => CodeModeError.is(error, 'host-lost') && !!error.hint);
        for (const error of await Promise.all(lost)) {
          assert.ok(CodeModeError.is(error, 'host-lost') && error.hint);
        }
        await closed;
        assert.equal(session.info.state, 'stopped');
        assert.equal(manager.get('workspace'), undefined);
        await assert.rejects(session.run('1'), { code: 'host-lost' });
        await assert.rejects(bench.open(manager), { code: 'host-lost' });
        const next = await bench.attach();
        assert.notEqual(await bench.hostPid(), host);
        assert.deepEqual(await next.list(), []);
        assert.equal((await (await bench.open(next)).run('1 + 1')).value, 2);
        assert.deepEqual(await untilGone(pythons), []);
        assert.equal(pythons.length > 0, executor !== 'in-process');
      });
    }

    it('idle is told of at once, and its Python ends', async () => {
      const manager = await bench.attach();
      const lost = new Promise((resolve) => manager.onDidLose(resolve));
      const session = await bench.open(manager);
      await session.run('x = 1');
      const host = await bench.hostPid();
      const pythons = bench.pythons(host);
      assert.notEqual(pythons.length, 0);
      process.kill(host, 'SIGKILL');
      assert.ok(CodeModeError.is(await lost, 'host-lost'));
      assert.deepEqual(await untilGone(pythons), []);
    });

    it('is replaced by one where many come at once', async () => {
      await bench.attach();
      const host = await bench.hostPid();
      process.kill(host, 'SIGKILL');
      const managers = await Promise.all(Array.from({ length: 4 }, () => bench.attach()));
      assert.deepEqual(bench.hosts(), [await bench.hostPid()]);
      assert.equal(managers.length, 4);
    });

    it('while clients attach, leaves each with a host or a clear error', async () => {
      await bench.attach();
      const host = await bench.hostPid();
      const attached = Array.from({ length: 20 }, () => bench.attach());
      process.kill(host, 'SIGKILL');
      for (const outcome of await Promise.allSettled(attached)) {
        if (outcome.status === 'rejected') assert.ok(CodeModeError.is(outcome.reason, 'host-lost'));
      }
      await bench.attach();
      assert.equal(bench.hosts().length, 1);
    });
  });

  it('is found in no announcement that a crash left behind, with or without its socket', async () => {
    await bench.attach();
    const host = await bench.hostPid();
    const file = await bench.announcementPath();
    await copyFile(file, `${file}.kept`);
    const { address } = await bench.announcement();
    process.kill(host, 'SIGKILL');
    await untilGone([host]);
    // The socket's file is still there, and nobody listens.
    assert.equal(await findHost(bench.options()), undefined);
    // Now it is not.
    await copyFile(`${file}.kept`, file);
    assert.equal(await findHost(bench.options()), undefined);
    await copyFile(`${file}.kept`, file);
    await bench.attach();
    assert.notEqual((await bench.announcement()).address, address);
  });

  it('that is stopped is said not to answer, in good time, and goes on afterwards', async () => {
    const manager = await bench.attach();
    const session = await bench.open(manager);
    await session.run('kept = 1');
    const host = await bench.hostPid();
    process.kill(host, 'SIGSTOP');
    try {
      const attached = Promise.all(
        Array.from({ length: 3 }, () =>
          assert.rejects(bench.attach(), {
            code: 'host-lost',
            message: new RegExp(`process ${host}\\) does not answer`),
            hint: /Try again/,
          }),
        ),
      );
      await attached;
    } finally {
      process.kill(host, 'SIGCONT');
    }
    assert.equal((await session.run('kept')).value, 1);
    assert.equal((await (await bench.open(await bench.attach())).run('kept')).value, 1);
    assert.deepEqual(bench.hosts(), [host]);
  });

  it('that is stopped and shall end is said not to', async () => {
    await bench.attach();
    const host = await bench.hostPid();
    process.kill(host, 'SIGSTOP');
    try {
      await assert.rejects(endHost(bench.options()), { code: 'host-lost', message: /does not end/ });
    } finally {
      process.kill(host, 'SIGCONT');
    }
    assert.deepEqual(await untilGone([host]), []);
  });
}
