import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import type { RunEvent } from '../../src/core/contract/execution.ts';
import type { DepsSpec } from '../../src/core/deps/depsSpec.ts';
import { executorRegistry } from '../../src/core/executors/index.ts';
import { createSessionManager } from '../../src/core/session/local.ts';
import type { Session, SessionManager } from '../../src/core/session/session.ts';
import { wheel, writePackages } from '../support/packages.ts';
import { ServedManager } from './support/served.ts';
import { Deferred, DIST_FOLDER } from './support/subject.ts';

const EXECUTOR = executorRegistry.list()[0]!.id;
const SLEEP = 'import time\nprint("begun")\ntime.sleep(0.5)\n';

interface Subject {
  readonly manager: SessionManager;
  /** Sees the same sessions. */
  readonly other: SessionManager;
  dispose(): Promise<void>;
}

const forms: Readonly<Record<string, () => Promise<Subject>>> = {
  'in this process': async () => {
    const manager = createSessionManager({ distFolder: DIST_FOLDER, log: () => undefined });
    return { manager, other: manager, dispose: async () => manager[Symbol.asyncDispose]() };
  },
  'attached to another process': async () => {
    const served = await ServedManager.create();
    return {
      manager: await served.attach(),
      other: await served.attach(),
      dispose: async () => served[Symbol.asyncDispose](),
    };
  },
};

for (const [form, create] of Object.entries(forms)) {
  describe(`packages of a session, ${form}`, function () {
    this.timeout(120_000);
    let subject: Subject;
    let scratch: string;
    let base: string;
    let wheels: string;
    let count = 0;

    before(async () => {
      scratch = await mkdtemp(path.join(tmpdir(), 'code-mode-session-packages-'));
      wheels = await writePackages(path.join(scratch, 'wheels'), [
        wheel({ name: 'tiny', version: '1.0' }),
        wheel({ name: 'tiny', version: '2.0' }),
        wheel({ name: 'user', version: '1.0', requires: ['tiny'] }),
      ]);
      subject = await create();
    });
    after(async () => {
      await subject.dispose();
      await rm(scratch, { recursive: true, force: true });
    });
    beforeEach(async () => {
      base = await mkdtemp(path.join(scratch, 'base-'));
    });

    function open(deps: DepsSpec = {}, manager = subject.manager): Promise<Session> {
      return manager.open({
        id: `packages-${++count}`,
        title: 'Packages',
        executor: EXECUTOR,
        baseFolder: base,
        deps: { offline: true, wheelFolders: [wheels], ...deps },
      });
    }

    it('are added with the lines of the installer, imported, heard of, and removed', async () => {
      const session = await open();
      const other = subject.other.get(session.id)!;
      const heard = new Deferred();
      other.dependencies.onDidChange(() => heard.resolve());
      const lines: string[] = [];
      const added = await session.dependencies.add(['user'], { onProgress: (line) => lines.push(line) });
      assert.deepEqual(added, { installed: ['user'], alreadyPresent: [], failed: [] });
      assert.ok(lines.length > 0);
      await heard.promise;
      assert.equal(session.info.state, 'stopped', 'no Python was started');
      assert.equal((await session.run('import user, tiny\ntiny.VERSION')).value, '2.0');
      const { installed, configured, environment } = await other.dependencies.report();
      assert.deepEqual(
        installed.map(({ name, version, requires }) => [name, version, requires]),
        [
          ['tiny', '2.0', []],
          ['user', '1.0', ['tiny']],
        ],
      );
      assert.equal(configured[0]?.state, 'satisfied');
      assert.equal(environment.problem, null);
      assert.equal(await readFile(path.join(base, 'requirements.txt'), 'utf8'), 'user\n');
      assert.deepEqual(await other.dependencies.list(), ['user']);
      assert.deepEqual(await other.dependencies.remove(['user', 'absent']), {
        removed: ['user'],
        notFound: ['absent'],
        failed: [],
        removedFromConfig: true,
      });
      assert.deepEqual(await session.dependencies.list(), []);
      await session.close();
    });

    it('change after the code that runs, and before the code that comes later', async () => {
      const session = await open();
      const begun = new Deferred();
      const order: string[] = [];
      const note = (what: string) => () => void order.push(what);
      const running = session
        .run(SLEEP, { onEvent: ({ kind }) => (kind === 'stdout' ? begun.resolve() : undefined) })
        .finally(note('first run'));
      await begun.promise;
      const waits = new Deferred();
      const adding = session.dependencies
        .add(['tiny'], {
          onProgress: (line) => (/^Waiting for the code/.test(line) ? waits.resolve() : undefined),
        })
        .finally(note('packages'));
      await waits.promise;
      const later = session.run('import tiny\ntiny.VERSION').finally(note('second run'));
      await Promise.all([running, adding, later]);
      assert.equal((await later).value, '2.0');
      assert.deepEqual(order, ['first run', 'packages', 'second run']);
      await session.close();
    });

    it('are not changed where that is cancelled while it waits', async () => {
      const session = await open();
      const begun = new Deferred();
      const running = session.run(SLEEP, {
        onEvent: ({ kind }) => (kind === 'stdout' ? begun.resolve() : undefined),
      });
      await begun.promise;
      const controller = new AbortController();
      const adding = session.dependencies.add(['tiny'], { signal: controller.signal });
      controller.abort();
      await assert.rejects(adding, (error) => CodeModeError.is(error, 'cancelled'));
      assert.equal((await running).status, 'ok');
      assert.deepEqual((await session.dependencies.report()).installed, []);
      assert.deepEqual(await session.dependencies.list(), []);
      await session.close();
    });

    it('that are configured are there when Python starts, where that is wanted', async () => {
      await writeFile(path.join(base, 'requirements.txt'), '# ours\ntiny==1.0\nabsent\n');
      const session = await open({ syncOnStart: true });
      const events: RunEvent[] = [];
      const result = await session.run('import tiny\ntiny.VERSION', {
        onEvent: (event) => void events.push(event),
      });
      assert.equal(result.value, '1.0', result.error?.traceback);
      const told = events.map((event) => (event.kind === 'progress' ? event.message : '')).join('\n');
      assert.match(told, /absent/);
      await session.close();
    });

    it('are left alone in a workspace that is not trusted, and those that are configured are listed', async () => {
      await writeFile(path.join(base, 'requirements.txt'), 'tiny\n');
      const session = await open({ isTrusted: false });
      for (const refused of [session.dependencies.add(['tiny']), session.dependencies.sync()]) {
        await assert.rejects(refused, (error) => CodeModeError.is(error, 'untrusted'));
      }
      assert.deepEqual(await session.dependencies.list(), ['tiny']);
      await session.close();
    });
  });
}
