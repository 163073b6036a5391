import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CodeModeError } from '../../../src/core/contract/errors.ts';
import type { Executor } from '../../../src/core/contract/executor.ts';
import { openDependencyConfiguration } from '../../../src/core/deps/configuration/index.ts';
import type { DepsSpec } from '../../../src/core/deps/depsSpec.ts';
import { containerSettings, DockerService, hasDocker } from '../../support/containers.ts';
import { type PackageServer, sdist, servePackages, wheel } from '../../support/packages.ts';
import { canMount, mountDisk } from '../../support/smallDisk.ts';
import { until } from '../../support/until.ts';
import { HANG_S } from '../support/subject.ts';
import type { ContainerBench } from './bench.ts';

/** A build that looks around. @param origin - of what it would like to see */
const curious = (origin: string) => `from urllib.error import HTTPError
from urllib.request import urlopen

def answer(address):
    try:
        return urlopen(address).status
    except HTTPError as error:
        return error.code

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    address = "${origin}/"
    raise RuntimeError("the answer is %s, and %s" % (answer(address), answer(address.replace("127.0.0.1", "localhost"))))
`;

const MEBIBYTE = 1024 * 1024;

/** Packages in the volumes of containers, from an index of the tests' own. */
export function describeContainerPackages(bench: ContainerBench): void {
  describe('from an index on this machine', () => {
    bench.install();
    let index: PackageServer;
    /** Something on this machine that is nobody's business inside. */
    let other: PackageServer;
    let workspaceFolder: string;
    const configurations: AsyncDisposable[] = [];

    before(async () => {
      other = await servePackages([]);
      index = await servePackages([
        wheel({ name: 'tiny', version: '1.0' }),
        wheel({ name: 'other', version: '1.0' }),
        wheel({ name: 'large', version: '1.0', files: { 'large.bin': new Uint8Array(8 * MEBIBYTE) } }),
        sdist({ name: 'built', version: '1.0' }),
        sdist({ name: 'unbuilt', version: '1.0', failsWith: 'no compiler here' }),
        sdist({ name: 'curious', version: '1.0', files: { 'backend.py': curious(other.origin) } }),
      ]);
    });
    beforeEach(async () => {
      workspaceFolder = await realpath(await mkdtemp(path.join(tmpdir(), 'code-mode-volume-')));
      index.intervene = undefined;
      index.requests.length = 0;
    });
    afterEach(async () => {
      for (const configuration of configurations.splice(0)) await configuration[Symbol.asyncDispose]();
      await rm(workspaceFolder, { recursive: true, force: true });
    });
    after(async () => {
      await index[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
    });

    /** An executor of the workspace whose packages are kept, unless the settings say otherwise. */
    function create(settings: Record<string, unknown> = {}): Executor {
      const spec: DepsSpec = { indexUrl: index.url };
      const configuration = openDependencyConfiguration({ deps: spec }, { log: () => undefined });
      configurations.push(configuration);
      const deps = { configuration, spec };
      return bench.create({ cacheDeps: true, ...settings }, { workspaceFolder, deps });
    }

    async function start(settings?: Record<string, unknown>): Promise<Executor> {
      const executor = create(settings);
      await executor.start();
      return executor;
    }

    async function install(executor: Executor, ...names: string[]): Promise<void> {
      const { installed, failed } = await executor.installDeps(names);
      assert.deepEqual([failed, installed], [[], names]);
    }

    /** Why a package is not installed. */
    async function refusal(executor: Executor, name: string): Promise<string> {
      const { installed, failed } = await executor.installDeps([name]);
      assert.deepEqual(installed, []);
      return failed[0]?.reason ?? '';
    }

    const version = (executor: Executor, name: string) =>
      bench.value(executor, `import ${name}\n${name}.VERSION`);

    async function installed(executor: Executor): Promise<string[]> {
      const { installed: found } = await executor.dependencies.report();
      const ours = ['tiny', 'other', 'large', 'built', 'unbuilt'];
      return found.map(({ name }) => name).filter((name) => ours.includes(name));
    }

    async function volumes(): Promise<string[]> {
      const filter = `label=python-code-mode.workspace=${workspaceFolder}`;
      const names = await bench.engine.call(['volume', 'ls', '--quiet', '--filter', filter]);
      return names.split('\n').filter(Boolean);
    }

    it('are there after a restart, in a new container and in a new session', async () => {
      const executor = await start();
      await install(executor, 'tiny', 'built');
      const inside = 'import sys, tiny\n[sys.executable, tiny.__file__.split("/lib/")[0]]';
      const environment = '/opt/code-mode/environment';
      assert.deepEqual(await bench.value(executor, inside), [`${environment}/bin/python`, environment]);
      await executor.restart();
      assert.equal(await version(executor, 'tiny'), '1.0');
      await bench.control(executor).stop();
      assert.equal(await version(executor, 'built'), '1.0');
      const other = await start();
      assert.equal(await version(other, 'tiny'), '1.0');
      const seen =
        'import subprocess, sys\nsubprocess.check_output(["python", "-c", "import tiny"]).decode()';
      assert.equal(await bench.value(other, seen), '');
      assert.equal((await volumes()).length, 1);
    });

    it('are seen by what was kept ready before, also where another session has installed them', async () => {
      const executor = await start({ warmSpare: true });
      const own = (await bench.container(executor)).id;
      const ready = async () => {
        const spare = (await bench.containers()).find((id) => id !== own);
        const processes = spare && (await bench.engine.call(['top', spare]).catch(() => ''));
        return processes && processes.trim().split('\n').length > 2 ? spare : undefined;
      };
      const spare = await until('a spare container', ready);
      // Of the same packages, for which what is kept ready is not made anew.
      const another = await start({ environment: { ANY: 'x' } });
      await install(another, 'tiny');
      const taking = await start({ warmSpare: true });
      assert.equal((await bench.container(taking)).id, spare);
      assert.equal(await version(taking, 'tiny'), '1.0');
    });

    it('are gone with their container where none are kept', async () => {
      const executor = await start({ cacheDeps: false });
      await install(executor, 'tiny');
      await executor.restart();
      assert.equal(await version(executor, 'tiny'), '1.0');
      const other = await start({ cacheDeps: false });
      assert.deepEqual(await installed(other), []);
      await executor.close();
      await other.close();
      assert.deepEqual(await volumes(), []);
    });

    it('are known and changed where no session has a container', async () => {
      const [executor, other] = [create(), create()];
      assert.deepEqual(await installed(executor), []);
      assert.deepEqual(await volumes(), [], 'to look makes none');
      await install(executor, 'tiny');
      assert.deepEqual(await installed(other), ['tiny']);
      assert.deepEqual((await other.installDeps(['tiny'])).alreadyPresent, ['tiny']);
      assert.deepEqual((await other.uninstallDeps(['tiny', 'other'])).removed, ['tiny']);
      assert.deepEqual(await installed(executor), []);
      assert.deepEqual(await bench.untilGone(), []);
    });

    it('are kept in a volume with labels, which outlives what removes leftovers', async () => {
      await start();
      const [name = ''] = await volumes();
      const labels = await bench.engine.call(['volume', 'inspect', '--format', '{{json .Labels}}', name]);
      assert.deepEqual(JSON.parse(labels), {
        'python-code-mode': '1',
        'python-code-mode.workspace': workspaceFolder,
      });
    });

    it('that fail say why, and leave all as it was', async () => {
      const executor = await start();
      await install(executor, 'tiny');
      assert.match(await refusal(executor, 'nowhere-to-be-found'), /No matching|Could not find a version/);
      assert.match(await refusal(executor, 'unbuilt'), /no compiler here/);
      assert.deepEqual(await installed(executor), ['tiny']);
      const files = `import os\nsorted(os.listdir("/opt/code-mode/generations"))`;
      await install(executor, 'other');
      assert.equal(((await bench.value(executor, files)) as string[]).length, 2, 'the one before is kept');
      assert.deepEqual(await installed(executor), ['other', 'tiny']);
      await executor.uninstallDeps(['other']);
      assert.deepEqual(await installed(executor), ['tiny']);
    });

    it('reach nothing on this machine while they are built but the index', async () => {
      const executor = await start();
      assert.match(await refusal(executor, 'curious'), /the answer is 403, and 403/);
      assert.deepEqual(other.requests, []);
    });

    it('leave all as it was where their container is killed meanwhile', async () => {
      const executor = await start();
      await install(executor, 'tiny');
      const known = await bench.containers();
      index.intervene = index.stalling('other');
      const installing = refusal(executor, 'other');
      await until('the index is asked', () => index.count('/simple/other') > 0);
      const [changing = ''] = (await bench.containers()).filter((id) => !known.includes(id));
      await bench.engine.call(['kill', changing]);
      assert.match(await installing, /container/);
      index.intervene = undefined;
      assert.deepEqual(await installed(executor), ['tiny']);
      await install(executor, 'other');
      assert.equal(await version(executor, 'other'), '1.0');
    });

    it('end with the session that wanted them', async () => {
      const executor = await start();
      index.intervene = index.stalling('other');
      const installing = executor.installDeps(['other']).catch((error: unknown) => error);
      await until('the index is asked', () => index.count('/simple/other') > 0);
      await executor.close();
      assert.ok(CodeModeError.is(await installing, 'cancelled'), String(await installing));
    });

    it('of two sessions that install at once are both there', async () => {
      const one = await start();
      const { imageId } = await bench.control(one).report();
      // By another name it is another environment to this process, as in two processes.
      const two = await start({ image: imageId });
      await Promise.all([install(one, 'tiny'), install(two, 'other')]);
      assert.deepEqual(await installed(one), ['other', 'tiny']);
      assert.equal(await version(two, 'tiny'), '1.0');
      assert.equal((await volumes()).length, 1);
    });

    it('are for a user of its own as well, whose volume was made root’s', async () => {
      const executor = await start({ user: '1234:1234' });
      const { image, runArguments = [], python = 'python3' } = containerSettings();
      const [name = ''] = await volumes();
      await bench.engine.call([
        ...['run', '--rm', '--network=none', '--user=0:0', '--entrypoint', String(python)],
        ...[`--mount=type=volume,source=${name},target=/volume`, ...(runArguments as string[])],
        ...[String(image), '-c', 'import os; os.chown("/volume", 0, 0); os.chmod("/volume", 0o755)'],
      ]);
      await install(executor, 'tiny');
      assert.deepEqual(await bench.value(executor, 'import os, tiny\n[os.getuid(), tiny.VERSION]'), [
        1234,
        '1.0',
      ]);
      const writing =
        'try:\n    open(tiny.__file__, "a")\nexcept OSError as error:\n    print(error.strerror)';
      const { stdout } = await executor.run(writing, { timeoutS: HANG_S });
      assert.equal(stdout, 'Read-only file system\n');
    });

    it('that find no room say so', async function () {
      if (bench.engine.facts.isRootless || !canMount()) this.skip();
      const before = await start();
      const [name = ''] = await volumes();
      await before.close();
      await bench.untilGone();
      await bench.engine.call(['volume', 'rm', name]);
      const disk = path.join(workspaceFolder, 'disk');
      using _ = mountDisk(disk, 4096);
      const small = ['type=none', 'o=bind', `device=${disk}`].flatMap((one) => ['--opt', one]);
      const labels = ['--label=python-code-mode=1', `--label=python-code-mode.workspace=${workspaceFolder}`];
      await bench.engine.call(['volume', 'create', ...small, ...labels, name]);
      const executor = await start();
      await install(executor, 'tiny');
      const reason = await refusal(executor, 'large');
      assert.match(reason, /No space left on device/);
      assert.match(reason, /The disk is full/);
      assert.deepEqual(await installed(executor), ['tiny']);
      await install(executor, 'other');
      await executor.close();
      await bench.untilGone();
      await bench.engine.call(['volume', 'rm', name]);
    });

    it('want a pip in the image', async () => {
      const one = await start();
      const places = `import ensurepip, os, pip, sys
places = [os.path.dirname(pip.__path__[0]), ensurepip.__path__[0] + "/_bundled", "/usr/share/python-wheels"]
[place for place in places if os.path.isdir(place)]`;
      const hidden = (await bench.value(one, places)) as string[];
      const { runArguments = [] } = containerSettings();
      const empty = path.join(workspaceFolder, 'empty');
      await mkdir(empty);
      const over = hidden.map((place) => `--mount=type=bind,source=${empty},target=${place},ro`);
      const executor = await start({ runArguments: [...(runArguments as string[]), ...over] });
      assert.equal(executor.supports('deps_install'), false);
      const { environment } = await executor.dependencies.report();
      assert.match(environment.problem ?? '', /no pip.*codeMode\.container\.image/);
      await assert.rejects(executor.installDeps(['tiny']), /no pip/);
    });

    it('are installed by the command line of Docker', async function () {
      if (!hasDocker()) this.skip();
      await using service = await DockerService.start();
      const executor = await start(service.settings());
      await install(executor, 'tiny');
      assert.equal(await version(executor, 'tiny'), '1.0');
      const other = await start(service.settings());
      assert.equal(await version(other, 'tiny'), '1.0');
      assert.deepEqual((await other.uninstallDeps(['tiny'])).removed, ['tiny']);
      for (const each of [executor, other]) await each.close();
    });
  });
}
