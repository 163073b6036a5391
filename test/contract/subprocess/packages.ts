import assert from 'node:assert/strict';
import path from 'node:path';
import { ensureUv } from '../../../scripts/lib/uv.mjs';
import { openDependencyConfiguration } from '../../../src/core/deps/configuration/index.ts';
import { findUv } from '../../../src/core/executors/subprocess/environment/index.ts';
import { assertOk, HANG_S, PROJECT_FOLDER } from '../support/subject.ts';
import type { SubprocessBench } from './bench.ts';

const INSTALL_MS = 240_000;

/** What people install, from the public index, into a session that runs. */
export function describePackages(bench: SubprocessBench): void {
  describe('brings real packages into a session that runs', function () {
    this.timeout(INSTALL_MS);
    const searchPath = process.env.PATH;
    before(async () => {
      const uv = await findUv();
      const folder = uv ? path.dirname(uv) : await ensureUv(PROJECT_FOLDER, [bench.python]);
      process.env.PATH = [folder, searchPath].join(path.delimiter);
    });
    after(() => {
      process.env.PATH = searchPath;
    });

    it('those in Python, those with code in C, and the libraries of science', async function () {
      const { folder } = await bench.makeEnvironment('real');
      await using configuration = openDependencyConfiguration({}, { log: () => undefined });
      const executor = await bench.start({ python: folder }, { deps: { configuration, spec: {} } });
      const names = ['six', 'rich', 'markupsafe', 'numpy', 'pandas', 'matplotlib'];
      const installed = await executor.installDeps(names);
      const [failure] = installed.failed;
      // A machine without an index, outside of where all of this has to be seen.
      if (process.env.CI !== 'true' && /does not answer/.test(failure?.reason ?? '')) return this.skip();
      assert.deepEqual([installed.failed, installed.installed], [[], names]);
      const result = await executor.run(
        `import io, markupsafe._speedups, matplotlib.pyplot, numpy, pandas, rich.text, six
frame = pandas.DataFrame({"x": numpy.arange(4)})
figure = io.BytesIO()
matplotlib.pyplot.plot(frame.x)
matplotlib.pyplot.savefig(figure)
[int(frame.x.sum()), figure.getvalue()[1:4].decode(), rich.text.Text("a").plain, six.PY3]`,
        { timeoutS: HANG_S * 2 },
      );
      assertOk(result);
      assert.deepEqual(result.value, [6, 'PNG', 'a', true]);
      const again = await executor.installDeps(names);
      assert.deepEqual([again.installed, again.alreadyPresent], [[], names]);
      const removed = await executor.uninstallDeps(['rich']);
      assert.deepEqual(removed.removed, ['rich']);
    });
  });
}
