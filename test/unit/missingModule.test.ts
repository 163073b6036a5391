import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  PACKAGES_BY_MODULE,
  PACKAGES_BY_SUBMODULE,
  STANDARD_LIBRARY,
} from '../../src/core/deps/importNames.ts';
import { describeMissingModule, explainMissingModule } from '../../src/core/deps/missingModule.ts';
import { parsePackageSpec } from '../../src/core/deps/packageSpec.ts';

describe('a module that is missing', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'missing-module-'));
    await writeFile(path.join(folder, 'helpers.py'), 'x = 1\n');
    await writeFile(path.join(folder, 'notes'), '');
    await mkdir(path.join(folder, 'src/mine'), { recursive: true });
    await writeFile(path.join(folder, 'src/mine/__init__.py'), '');
    await mkdir(path.join(folder, 'rich'));
    await mkdir(path.join(folder, 'venv/six'), { recursive: true });
    await writeFile(path.join(folder, 'venv/six/__init__.py'), '');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const explain = (missingModule: string, traceback = '') =>
    explainMissingModule({ missingModule, traceback }, [folder, path.join(folder, 'gone')]);

  const PACKAGES: Readonly<Record<string, string>> = {
    six: 'six',
    typing_extensions: 'typing-extensions',
    cv2: 'opencv-python',
    sklearn: 'scikit-learn',
    PIL: 'pillow',
    yaml: 'pyyaml',
    bs4: 'beautifulsoup4',
    OpenSSL: 'pyopenssl',
    pkg_resources: 'setuptools',
    // No more in Python, but there is a package of it.
    distutils: 'setuptools',
    _cffi_backend: 'cffi',
  };
  for (const [module, name] of Object.entries(PACKAGES)) {
    it(`is brought by a package: ${module} by ${name}`, async () => {
      assert.deepEqual(await explain(module), { kind: 'package', module, package: name });
    });
  }

  it('is found by what is imported below it, where packages share a name', async () => {
    const of = async (statement: string) => {
      const found = await explain('google', `Traceback …\n  File "a.py", line 1\n    ${statement}\nModule…`);
      return found?.kind === 'package' ? found.package : found?.kind;
    };
    assert.equal(await of('from google.cloud import storage'), 'google-cloud-storage');
    assert.equal(await of('from google.cloud.storage import Client'), 'google-cloud-storage');
    assert.equal(await of('import google.protobuf.message as m'), 'protobuf');
    assert.equal(await of('from google import genai'), 'google-genai');
    assert.equal(await of('import google'), 'unknown');
    assert.equal(await of('import google.storage_of_nobody'), 'unknown');
  });

  it('of the standard library is brought by none', async () => {
    for (const module of ['tkinter', 'sqlite3', 'curses', 'imp', 'compression']) {
      assert.deepEqual(await explain(module), { kind: 'standard-library', module });
    }
  });

  it("of the person's own is not looked for elsewhere", async () => {
    assert.deepEqual(await explain('helpers'), {
      kind: 'local',
      module: 'helpers',
      path: path.join(folder, 'helpers.py'),
    });
    assert.deepEqual(await explain('mine'), {
      kind: 'local',
      module: 'mine',
      path: path.join(folder, 'src/mine'),
    });
    // A folder without Python, a file of another kind, an environment.
    for (const module of ['rich', 'notes', 'six']) assert.equal((await explain(module))?.kind, 'package');
  });

  it('with a name that no package can have is not guessed', async () => {
    for (const module of ['_ctypes', '_mine', 'größe', 'x'.repeat(300)]) {
      assert.deepEqual(await explain(module), { kind: 'unknown', module });
    }
  });

  it('is not what ended a run that failed otherwise', async () => {
    assert.equal(await explainMissingModule({ traceback: 'ZeroDivisionError' }, [folder]), undefined);
  });

  it('is explained in words', async () => {
    const words = async (module: string) => describeMissingModule((await explain(module))!);
    assert.equal(await words('six'), 'The package six is not installed.');
    assert.equal(await words('typing_extensions'), 'The package typing-extensions is not installed.');
    assert.match(await words('cv2'), /cv2 is in the package opencv-python/);
    assert.match(await words('tkinter'), /belongs to Python itself/);
    assert.match(await words('helpers'), /helpers\.py is not where Python looks.*sys\.path\.append/);
    assert.match(await words('_mine'), /not known which package/);
  });
});

describe('the list of packages by module', () => {
  for (const [title, list] of Object.entries({
    modules: PACKAGES_BY_MODULE,
    submodules: PACKAGES_BY_SUBMODULE,
  })) {
    it(`has names that can be installed, in order: ${title}`, () => {
      for (const name of Object.values(list)) assert.equal(parsePackageSpec(name).text, name);
      const names = Object.keys(list).map((name) => name.toLowerCase());
      assert.deepEqual(names, [...names].sort());
    });
  }

  it('has no module whose package has its name already', () => {
    for (const [module, name] of Object.entries(PACKAGES_BY_MODULE)) {
      assert.notEqual(module.toLowerCase().replaceAll('_', '-'), name);
    }
  });

  it('of the standard library has what every Python has', () => {
    for (const module of ['abc', 'asyncio', 'json', 'zoneinfo', 'distutils']) {
      assert.ok(STANDARD_LIBRARY.has(module), module);
    }
  });
});
