import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Executor } from '../../../src/core/contract/executor.ts';
import { openDependencyConfiguration } from '../../../src/core/deps/configuration/index.ts';
import { executorRegistry } from '../../../src/core/executors/index.ts';
import type { ExecutorContext } from '../../../src/core/executors/registry.ts';
import { containerSettings, hasContainers, removeTestVolumes, testName } from '../../support/containers.ts';
import { describeArtifactFormats } from '../executor/artifactFormats.ts';
import { assertOk, HANG_S, Subject } from '../support/subject.ts';

const INSTALL_MS = 300_000;
const NAMES = ['rich', 'numpy', 'pandas', 'matplotlib', 'pyarrow', 'openpyxl'];

/** Whose executors are all of the workspace that it is made with: those of one have the same packages. */
class WorkspaceSubject extends Subject {
  override create({ workspaceFolder: _, ...overrides }: Partial<ExecutorContext> = {}): Executor {
    return super.create(overrides);
  }
}

/** What people install, from the public index, into containers without a network; and what is made of it there. */
export function describeRealPackages(): void {
  (hasContainers() ? describe : describe.skip)('from the public index', () => {
    const workspaceFolder = path.join(realpathSync(tmpdir()), testName());
    const settings = containerSettings({ cacheDeps: true, warmSpare: false });
    const subject = new WorkspaceSubject(executorRegistry.get('container'), { settings, workspaceFolder });

    before(async function () {
      this.timeout(INSTALL_MS);
      await mkdir(workspaceFolder);
      await using configuration = openDependencyConfiguration({}, { log: () => undefined });
      await using executor = subject.create({ deps: { configuration, spec: {} } });
      const installed = await executor.installDeps(NAMES);
      const [failure] = installed.failed;
      // A machine without an index, outside of where all of this has to be seen.
      if (process.env.CI !== 'true' && /does not answer/.test(failure?.reason ?? '')) return this.skip();
      assert.deepEqual([installed.failed, installed.installed], [[], NAMES]);
      const again = await executor.installDeps(NAMES);
      assert.deepEqual([again.installed, again.alreadyPresent], [[], NAMES]);
    });
    subject.install();
    after(async () => {
      await rm(workspaceFolder, { recursive: true, force: true });
      await removeTestVolumes();
    });

    it('they compute, and figures are shown', async () => {
      const { result } = await subject.observe(
        `import matplotlib.pyplot, numpy, rich.text
matplotlib.pyplot.plot(numpy.arange(4) ** 2)
matplotlib.pyplot.show()
[int(numpy.arange(4).sum()), rich.text.Text("a").plain]`,
        { timeoutS: HANG_S * 2 },
      );
      assertOk(result);
      assert.deepEqual(result.value, [6, 'a']);
      const types = result.displays.flatMap(({ data }) => Object.keys(data));
      assert.ok(
        types.some((type) => type.startsWith('image/')),
        types.join(),
      );
    });

    describeArtifactFormats(subject);
  });
}
