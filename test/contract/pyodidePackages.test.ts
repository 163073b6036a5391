import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PythonConnection } from '../../src/core/connection/pythonConnection.ts';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import type { PackageSourcesSpec } from '../../src/core/deps/depsSpec.ts';
import { startSandbox, startThread } from '../../src/core/executors/pyodide/launch.ts';
import { EnvironmentFolder } from '../../src/core/executors/pyodide/packages/environmentFolder.ts';
import { PyodidePackages } from '../../src/core/executors/pyodide/packages/pyodidePackages.ts';
import {
  type PackageServer,
  PYODIDE_PLATFORM,
  realWheels,
  sdist,
  servePackages,
  wheel,
} from '../support/packages.ts';
import { DIST_FOLDER } from './support/subject.ts';

const TEST_TIMEOUT_MS = 180_000;
const SITE = '/lib/code_mode_packages/site-packages';

const tiny = wheel({ name: 'tiny', version: '1.0', summary: 'Very small.' });
const tinyNext = wheel({ name: 'tiny', version: '2.0' });
const user = wheel({
  name: 'user',
  version: '1.0',
  requires: ['tiny<2', 'other; extra == "more"', 'absent; sys_platform == "win32"'],
  extras: ['more'],
  files: { 'user/__init__.py': 'import tiny\n', 'user/data/text.txt': 'data' },
});
const other = wheel({ name: 'other', version: '3.0', files: { 'shared/other.py': '' } });
const native = wheel({ name: 'native', version: '1.0', tag: 'cp314-cp314-manylinux_2_28_x86_64' });
const needsNative = wheel({ name: 'needs-native', version: '1.0', requires: ['native>=1'] });

const quiet = () => undefined;
const isFailure =
  (...parts: readonly string[]) =>
  (error: unknown) => {
    assert.ok(CodeModeError.is(error, 'install-failed'), String(error));
    for (const part of parts)
      assert.ok(CodeModeError.describe(error).includes(part), CodeModeError.describe(error));
    return true;
  };

describe('the packages of Pyodide', function () {
  this.timeout(TEST_TIMEOUT_MS);
  this.slow(5000);

  let scratch: string;
  let index: PackageServer;
  const open: PyodidePackages[] = [];
  let count = 0;

  before(async () => {
    scratch = await mkdtemp(path.join(os.tmpdir(), 'pyodide-packages-'));
    index = await servePackages([
      tiny,
      tinyNext,
      user,
      other,
      native,
      needsNative,
      sdist({ name: 'sources', version: '1.0' }),
      wheel({ name: 'later', version: '1.0', requiresPython: '>=3.99' }),
    ]);
  });

  after(async () => {
    await index[Symbol.asyncDispose]();
    await rm(scratch, { recursive: true, force: true });
  });

  afterEach(async () => {
    index.intervene = undefined;
    await Promise.all(open.splice(0).map((packages) => packages.close()));
  });

  /** A workspace of its own, or another session of one. */
  function environmentOf(workspace = `workspace-${++count}`): EnvironmentFolder {
    const owner = path.join(scratch, workspace);
    return new EnvironmentFolder({ distFolder: DIST_FOLDER, owner, dataFolder: scratch, log: quiet });
  }

  function packagesIn(
    environment: EnvironmentFolder,
    sources: PackageSourcesSpec = { indexUrl: index.url, extraIndexUrls: [], wheelFolders: [] },
    more: { lockedUrl?: string; cacheFolder?: string; distFolder?: string } = {},
  ): PyodidePackages {
    const cacheFolder = path.join(scratch, 'wheels');
    const options = { environment, distFolder: DIST_FOLDER, sources, cacheFolder, log: quiet, ...more };
    const packages = new PyodidePackages(options);
    open.push(packages);
    return packages;
  }

  async function versions(packages: PyodidePackages): Promise<string[]> {
    return (await packages.installed()).map(({ name, version }) => `${name} ${version}`);
  }

  async function python<T>(
    environment: EnvironmentFolder,
    action: (run: (code: string) => Promise<unknown>) => Promise<T>,
    where: 'child' | 'confined child' | 'thread' = 'child',
  ): Promise<T> {
    const packagesFolder = await environment.ensure();
    const osSandbox = where === 'confined child' ? 'auto' : 'off';
    const settings = { osSandbox, network: 'off', allowedDomains: [] as string[] } as const;
    const connection = new PythonConnection({
      executorId: 'test',
      launch: async (signal) =>
        where === 'thread'
          ? startThread(DIST_FOLDER, packagesFolder)
          : (await startSandbox({ distFolder: DIST_FOLDER, packagesFolder, settings, log: quiet }, signal))
              .transport,
      handlers: () => undefined,
      timeoutS: null,
      maxResultCharacters: 10_000,
      log: quiet,
    });
    try {
      return await action(async (code) => {
        const result = await connection.run(code);
        assert.equal(result.error, null, result.error?.traceback);
        return result.value;
      });
    } finally {
      await connection.close();
    }
  }

  it('are installed with what they need, described, looked up, upgraded and removed', async () => {
    const environment = environmentOf();
    const packages = packagesIn(environment);
    assert.equal((await packages.describe()).folder, null);
    const lines: string[] = [];
    await packages.install({ requirements: ['user[more]'] }, { onProgress: (line) => lines.push(line) });
    assert.ok(
      lines.some((line) => line.startsWith('Installing ') && line.includes('tiny 1.0')),
      lines.join('\n'),
    );
    assert.deepEqual(await versions(packages), ['other 3.0', 'tiny 1.0', 'user 1.0']);
    const [, described, needing] = await packages.installed();
    assert.equal(described?.summary, 'Very small.');
    assert.equal(described?.installer, 'code-mode');
    assert.equal(described?.origin, null);
    assert.deepEqual(needing?.requires, ['tiny']);
    const { folder, problem } = await packages.describe();
    assert.equal(problem, null);
    assert.ok(folder !== null && existsSync(path.join(folder, 'user/data/text.txt')));

    assert.deepEqual(await packages.newest(await packages.installed()), { tiny: '2.0' });
    assert.deepEqual((await packages.lookUp('tiny'))?.versions, ['2.0', '1.0']);
    assert.ok((await packages.lookUp('native'))?.problem?.includes('"subprocess"'));
    assert.equal(await packages.lookUp('absent'), null);

    // A file that lists nobody stays, and so does a package of the same folder.
    await writeFile(path.join(folder, 'shared/own.py'), '');
    await packages.uninstall(['user', 'other'], {});
    assert.deepEqual((await readdir(folder)).sort(), ['shared', 'tiny-1.0.dist-info', 'tiny.py']);
    assert.deepEqual(await readdir(path.join(folder, 'shared')), ['own.py']);
    await packages.install({ requirements: ['tiny'] }, {});
    assert.deepEqual(await versions(packages), ['tiny 1.0']);
    await packages.install({ requirements: ['tiny'], upgrade: true }, {});
    assert.deepEqual(await versions(packages), ['tiny 2.0']);
    await packages.install({ requirements: ['tiny<2'] }, {});
    assert.deepEqual(await versions(packages), ['tiny 1.0']);
  });

  it('are there after a restart, and in another workspace, without a download; workspaces are apart', async () => {
    const environment = environmentOf('kept');
    await packagesIn(environment).install({ requirements: ['tiny==1.0'] }, {});
    index.requests.length = 0;
    const again = environmentOf('kept');
    assert.equal(await python(again, (run) => run('import tiny; tiny.VERSION')), '1.0');
    assert.deepEqual(index.requests, []);
    const elsewhere = environmentOf();
    assert.deepEqual(await versions(packagesIn(elsewhere)), []);
    await packagesIn(elsewhere).install({ requirements: ['tiny==1.0'] }, {});
    assert.equal(index.count('/files/'), 0);
  });

  for (const where of ['confined child', 'thread'] as const) {
    it(`are seen at once, and can't be changed, by Python on a ${where}`, async () => {
      const environment = environmentOf();
      const packages = packagesIn(environment);
      const secret = path.join(scratch, 'secret.txt');
      await writeFile(secret, 'secret');
      await python(
        environment,
        async (run) => {
          await packages.install({ requirements: ['user'] }, {});
          await run(
            'import importlib, importlib.metadata, importlib.resources\nimportlib.invalidate_caches()',
          );
          assert.equal(await run('import user; user.__file__'), `${SITE}/user/__init__.py`);
          assert.equal(await run('importlib.metadata.version("tiny")'), '1.0');
          const data = 'importlib.resources.files("user").joinpath("data/text.txt").read_text()';
          assert.equal(await run(data), 'data');
          const attempts = [
            `open("${SITE}/new.py", "w")`,
            `open("${SITE}/tiny.py", "a")`,
            `os.remove("${SITE}/tiny.py")`,
            `os.mkdir("${SITE}/new")`,
            `os.rename("${SITE}/tiny.py", "${SITE}/large.py")`,
            `os.symlink("/tmp", "${SITE}/link")`,
            `os.chmod("${SITE}/tiny.py", 0o777)`,
            `os.utime("${SITE}/tiny.py")`,
            `os.truncate("${SITE}/tiny.py", 0)`,
            `os.rmdir("${SITE}/user")`,
          ];
          for (const attempt of attempts) {
            const code = `import os\ntry:\n    ${attempt}\n    done = True\nexcept OSError:\n    done = False\ndone`;
            assert.equal(await run(code), false, attempt);
          }
        },
        where,
      );
      const { folder } = await packages.describe();
      assert.equal(await readFile(path.join(folder ?? '', 'tiny.py'), 'utf8'), 'VERSION = "1.0"\n');
    });
  }

  it('that are real work: rich, and one that was compiled for Pyodide, from a folder of wheels, offline', async function () {
    const wheels = await realWheels(['six', 'rich', 'msgpack==1.2.4'], 'pyodide');
    if (wheels === undefined) {
      assert.notEqual(process.env.CI, 'true', 'the package index must be reached');
      this.skip();
    }
    const environment = environmentOf();
    const packages = packagesIn(environment, { offline: true, wheelFolders: [wheels] });
    await packages.install({ requirements: ['rich', 'msgpack'] }, {});
    const names = (await packages.installed()).map(({ name }) => name);
    assert.deepEqual(names, ['markdown-it-py', 'mdurl', 'msgpack', 'pygments', 'rich']);
    const code =
      'import msgpack, rich.table\nmsgpack.unpackb(msgpack.packb([1])), msgpack._cmsgpack.__file__[-3:]';
    assert.deepEqual(await python(environment, (run) => run(code), 'confined child'), "([1], '.so')");
    await assert.rejects(packages.install({ requirements: ['numpy'] }, {}), isFailure('numpy', 'offline'));
  });

  it('of which there is no wheel are refused with what can install them, and change nothing', async () => {
    const packages = packagesIn(environmentOf());
    await packages.install({ requirements: ['tiny==1.0'] }, {});
    const refused = (requirements: readonly string[], ...parts: readonly string[]) =>
      assert.rejects(packages.install({ requirements }, {}), isFailure(...parts));
    await refused(['needs-native'], 'native>=1 (needed by needs-native)', 'wheel', '"subprocess"');
    await refused(['sources'], 'sources', 'wheel', '"subprocess"');
    await refused(['later'], 'later', 'Python 3.14');
    await refused(['absent'], 'absent', 'does not have it');
    await refused(['user', 'tiny>=2'], 'tiny<2 (needed by user)', 'tiny>=2');
    assert.deepEqual(await versions(packages), ['tiny 1.0']);
  });

  it('that Pyodide keeps itself come from there, and are kept', async () => {
    const numpy = wheel({ name: 'numpy', version: '2.4.6', tag: `cp314-cp314-${PYODIDE_PLATFORM}` });
    await using place = await servePackages([numpy]);
    const lockedUrl = `${place.origin}/files/`;
    const sources = { indexUrl: index.url, extraIndexUrls: [], wheelFolders: [] };
    // What stands for the wheel here is another file than Pyodide's list says.
    await assert.rejects(
      packagesIn(environmentOf(), sources, { lockedUrl }).install({ requirements: ['numpy'] }, {}),
      isFailure('numpy', 'Pyodide keeps its own packages', 'codeMode.deps.wheelFolders'),
    );
    assert.equal(place.count(numpy.filename), 1);

    const distFolder = path.join(scratch, 'dist');
    await cp(path.join(DIST_FOLDER, 'pyodide'), path.join(distFolder, 'pyodide'), { recursive: true });
    await cp(path.join(DIST_FOLDER, 'python'), path.join(distFolder, 'python'), { recursive: true });
    const list = path.join(distFolder, 'pyodide/pyodide-lock.json');
    const lock = JSON.parse(await readFile(list, 'utf8'));
    lock.packages.numpy.file_name = numpy.filename;
    lock.packages.numpy.sha256 = createHash('sha256').update(numpy.bytes).digest('hex');
    await writeFile(list, JSON.stringify(lock));
    const packages = packagesIn(environmentOf(), sources, { lockedUrl, distFolder });
    await packages.install({ requirements: ['numpy>=2'] }, {});
    assert.deepEqual(await versions(packages), ['numpy 2.4.6']);
    assert.deepEqual((await packages.lookUp('numpy'))?.versions, ['2.4.6']);
    const offline = packagesIn(environmentOf(), { ...sources, offline: true }, { lockedUrl, distFolder });
    await offline.install({ requirements: ['numpy'] }, {});
    assert.deepEqual(await versions(offline), ['numpy 2.4.6']);
    assert.equal(place.count(numpy.filename), 2);
  });

  it('that lie about themselves are refused, and change nothing', async () => {
    const cacheFolder = path.join(scratch, 'other-wheels');
    const packages = packagesIn(environmentOf(), undefined, { cacheFolder });
    index.add({ ...wheel({ name: 'someone', version: '1.0' }), filename: 'else-1.0-py3-none-any.whl' });
    await assert.rejects(packages.install({ requirements: ['else'] }, {}), isFailure('someone'));
    index.intervene = (request, response) => {
      if (!request.url?.startsWith('/files/user')) return false;
      response.end(tiny.bytes);
      return true;
    };
    await assert.rejects(packages.install({ requirements: ['user'] }, {}), isFailure('user-1.0'));
    assert.deepEqual(await versions(packages), []);
  });

  it('are as they were after a download that was cancelled', async () => {
    const environment = environmentOf();
    const packages = packagesIn(environment, undefined, {
      cacheFolder: path.join(scratch, 'cancelled-wheels'),
    });
    await packages.install({ requirements: ['tiny==1.0'] }, {});
    index.intervene = index.stalling('/files/other');
    const cancel = new AbortController();
    const installing = packages.install({ requirements: ['other', 'tiny==2.0'] }, { signal: cancel.signal });
    while (index.count('/files/other') === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    cancel.abort();
    await assert.rejects(installing, (error) => CodeModeError.is(error, 'cancelled'));
    assert.deepEqual(await versions(packages), ['tiny 1.0']);
    assert.deepEqual((await readdir(await environment.path())).sort(), ['site-packages']);
    assert.ok((await readdir(path.join(scratch, 'cancelled-wheels'))).every((name) => !name.startsWith('.')));
  });

  it('are put in order when whoever changed them was killed', async () => {
    const environment = environmentOf();
    await packagesIn(environment).install({ requirements: ['tiny==1.0'] }, {});
    const folder = await environment.path();
    // Between the two renames of a change.
    await mkdir(path.join(folder, 'staging-abc'));
    await rename(path.join(folder, 'site-packages'), path.join(folder, 'staging-abc/former'));
    const next = environmentOf(`workspace-${count}`);
    await next.ensure();
    assert.deepEqual(await versions(packagesIn(next)), ['tiny 1.0']);
    assert.deepEqual(await readdir(folder), ['site-packages']);
  });

  it('of a requirements file are installed from its index, with the hashes and constraints that it gives', async () => {
    const hash = createHash('sha256').update(tiny.bytes).digest('hex');
    const constraints = path.join(scratch, 'constraints.txt');
    const requirementsFile = path.join(scratch, 'requirements.txt');
    const nowhere = { indexUrl: 'http://127.0.0.1:9/simple/', extraIndexUrls: [], wheelFolders: [] };
    const packages = packagesIn(environmentOf(), nowhere);
    const install = async (...lines: readonly string[]) => {
      await writeFile(requirementsFile, [`--index-url ${index.url}`, ...lines].join('\n'));
      await packages.install({ requirements: [], requirementsFile }, {});
    };
    await assert.rejects(install(`tiny==1.0 --hash=sha256:${'0'.repeat(64)}`), isFailure('tiny'));
    await assert.rejects(install('other', `tiny==1.0 --hash=sha256:${hash}`), isFailure('other', 'no hash'));
    assert.deepEqual(await versions(packages), []);
    await install('tiny==1.0 \\', `  --hash=sha256:${hash}`);
    assert.deepEqual(await versions(packages), ['tiny 1.0']);
    await packages.uninstall(['tiny'], {});
    await writeFile(constraints, 'tiny<2');
    await install('-c constraints.txt', 'tiny', 'absent; sys_platform == "win32"');
    assert.deepEqual(await versions(packages), ['tiny 1.0']);
  });

  it('of a session without a folder end with it', async () => {
    const environment = new EnvironmentFolder({ distFolder: DIST_FOLDER, owner: undefined, log: quiet });
    const folder = await environment.ensure();
    await packagesIn(environment).install({ requirements: ['tiny==1.0'] }, {});
    assert.equal(await python(environment, (run) => run('import tiny; tiny.VERSION')), '1.0');
    await environment.close();
    assert.ok(!existsSync(folder));
  });

  it("that can't be read keep no Python from its start", async () => {
    const environment = environmentOf();
    const folder = await environment.path();
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'site-packages'), 'no folder');
    assert.equal(await python(environment, (run) => run('6 * 7')), 42);
  });
});
