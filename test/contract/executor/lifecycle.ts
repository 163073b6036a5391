import assert from 'node:assert/strict';
import { ALL_CAPABILITIES, Capability } from '../../../src/core/contract/capability.ts';
import { CodeModeError } from '../../../src/core/contract/errors.ts';
import type { StorageBackend } from '../../../src/core/contract/storage.ts';
import { ProbePackages, runProbe } from '../../../src/core/executors/probes.ts';
import { assertOk, assertUsable, type Subject } from '../support/subject.ts';

const ACCESS_DESCRIPTORS = [
  {
    name: 'FileStorageAccess',
    access: {
      type: 'file',
      workflows_path: null,
      artifacts_path: '/tmp/a',
      vectors_path: null,
      root_path: null,
    },
  },
  {
    name: 'RedisStorageAccess',
    access: {
      type: 'redis',
      redis_url: 'redis://localhost',
      workflows_prefix: 'w',
      artifacts_prefix: 'a',
      vectors_prefix: null,
      root_prefix: null,
    },
  },
];

/** Start, close and what an executor says about itself. */
export function describeLifecycle(subject: Subject): void {
  describe('start and close', () => {
    it('start twice, and run without a start', async () => {
      const executor = await subject.fresh();
      await executor.start();
      await assertUsable(executor);
      const unstarted = subject.create();
      try {
        assert.equal(unstarted.state, 'stopped');
        await assertUsable(unstarted);
      } finally {
        await unstarted.close();
      }
    });

    it('refuse a run after close, and take a second close', async () => {
      const executor = await subject.fresh();
      await executor.close();
      await executor.close();
      assert.equal(executor.state, 'stopped');
      await assert.rejects(executor.run('1'), (error) => CodeModeError.is(error, 'closed'));
      await assert.rejects(executor.restart(), (error) => CodeModeError.is(error, 'closed'));
    });

    it('close what was never started, and what is just starting', async () => {
      await subject.create().close();
      const executor = subject.create();
      const starting = executor.start().catch(() => undefined);
      await executor.close();
      await starting;
      assert.equal(executor.state, 'stopped');
    });

    it('close by await using', async () => {
      const executor = subject.create();
      {
        await using scoped = executor;
        await scoped.start();
      }
      await assert.rejects(executor.run('1'), (error) => CodeModeError.is(error, 'closed'));
    });

    for (const { name, access } of ACCESS_DESCRIPTORS) {
      it(`refuse a ${name} in place of a storage backend`, async () => {
        const executor = subject.create();
        try {
          await assert.rejects(executor.start(access as unknown as StorageBackend), (error: Error) => {
            assert.equal(error.name, 'TypeError');
            assert.match(
              error.message,
              new RegExp(
                `^\\w+\\.start\\(\\) accepts StorageBackend, not ${name}\\. Pass the storage backend directly\\.$`,
              ),
            );
            return CodeModeError.is(error, 'storage-access');
          });
        } finally {
          await executor.close();
        }
      });
    }

    it('keep two executors apart', async () => {
      const [one, two] = await Promise.all([subject.fresh(), subject.fresh()]);
      await Promise.all([one.run('whose = "one"'), two.run('whose = "two"')]);
      const [first, second] = await Promise.all([one.run('whose'), two.run('whose')]);
      assert.deepEqual([first.value, second.value], ['one', 'two']);
    });
  });

  describe('what it says of itself', () => {
    it('is the id of its descriptor, in results too', async () => {
      assert.equal(subject.shared.id, subject.descriptor.id);
      const result = await subject.run('1');
      assertOk(result);
      assert.equal(result.executor, subject.descriptor.id);
      assert.deepEqual(result.toolCalls, []);
      assert.ok(result.executionTimeMs >= 0);
    });

    it('has an answer with a reason for each of the ten capabilities', () => {
      const report = subject.shared.capabilityReport();
      assert.deepEqual(new Set(report.map((entry) => entry.capability)), new Set(ALL_CAPABILITIES));
      assert.equal(report.length, ALL_CAPABILITIES.length);
      for (const { capability, supported, detail } of report) {
        assert.ok(detail.trim().length > 10, `${capability} has a reason`);
        assert.equal(subject.shared.supports(capability), supported);
        assert.equal(subject.shared.supportedCapabilities().has(capability), supported);
      }
    });

    it('results are plain data', async () => {
      const result = await subject.run('display(1)\nprint(2)\n3');
      assert.deepEqual(structuredClone(result), result);
    });

    for (const capability of ALL_CAPABILITIES) {
      it(`keeps ${capability} where it declares it`, async function () {
        subject.require(this, capability);
        await using packages = await ProbePackages.make();
        const executor = await subject.fresh({ deps: packages.deps });
        const probe = await runProbe(capability, executor);
        assert.ok(probe.passed, probe.saw);
      });
    }

    it('refuses packages with a clear error where it can install none', async function () {
      if (subject.shared.supports(Capability.DEPS_INSTALL)) this.skip();
      const unsupported = (error: unknown) =>
        CodeModeError.is(error, 'unsupported') && CodeModeError.describe(error).length > 20;
      await assert.rejects(subject.shared.installDeps(['six']), unsupported);
      await assert.rejects(subject.shared.addDep('six'), unsupported);
    });

    it('refuses to remove packages with a clear error where it can remove none', async function () {
      if (subject.shared.supports(Capability.DEPS_UNINSTALL)) this.skip();
      await assert.rejects(subject.shared.uninstallDeps(['six']), (error) =>
        CodeModeError.is(error, 'unsupported'),
      );
      await assert.rejects(subject.shared.removeDep('six'), (error) =>
        CodeModeError.is(error, 'unsupported'),
      );
    });
  });
}
