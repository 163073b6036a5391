import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fittingFiles } from '../../src/core/executors/installing/fittingFiles.ts';
import { passwordMask } from '../../src/core/executors/installing/passwordMask.ts';
import { wheelFoldersOf } from '../../src/core/executors/installing/pipArguments.ts';
import type { WheelPlatform } from '../../src/core/executors/installing/platformTags.ts';
import { failureOf } from '../../src/core/executors/installing/reasons.ts';
import { failedEnvironment } from '../../src/core/executors/subprocess/installer/failedEnvironment.ts';
import { installerEnvironment } from '../../src/core/executors/subprocess/installer/installerEnvironment.ts';
import { type PlacedPython, pipBackend } from '../../src/core/executors/subprocess/installer/pipBackend.ts';

const NOTHING = {
  indexUrl: undefined,
  extraIndexUrls: [],
  findLinks: [],
  offline: false,
  certificateFile: undefined,
};

describe('an installer', () => {
  it("has the person's configuration of it, and none of their other secrets", () => {
    const env = installerEnvironment('uv', NOTHING, {
      PATH: '/bin',
      HTTPS_PROXY: 'http://ada:pw@proxy.example:8080',
      UV_INDEX_MINE_PASSWORD: 'pw',
      PIP_INDEX_URL: 'https://ada:pw@x.example/simple',
      SSL_CERT_FILE: '/certificates.pem',
      UV_PUBLISH_TOKEN: 'pw',
      GITHUB_TOKEN: 'pw',
      VSCODE_IPC_HOOK: '/x',
      PYTHONPATH: '/x',
      PYTHONHOME: '/x',
      VIRTUAL_ENV: '/another',
      UV_PYTHON: '3.9',
      PIP_TARGET: '/elsewhere',
      FORCE_COLOR: '1',
    });
    const passed = ['PATH', 'HTTPS_PROXY', 'UV_INDEX_MINE_PASSWORD', 'PIP_INDEX_URL', 'SSL_CERT_FILE'];
    const own = Object.keys(installerEnvironment('uv', NOTHING, {}));
    assert.deepEqual(Object.keys(env).sort(), [...passed, ...own].sort());
    assert.equal(env.PYTHONNOUSERSITE, '1');
  });

  it('is told of indexes where nobody else can look, and of folders', () => {
    const told = {
      ...NOTHING,
      indexUrl: 'https://ada:p%40ss@x.example/simple/',
      extraIndexUrls: ['https://y.example/simple/', 'https://z.example/simple/'],
      findLinks: ['/my wheels', 'https://w.example/links.html'],
    };
    const uv = installerEnvironment('uv', told, { UV_INDEX: 'https://mine.example' });
    assert.deepEqual(
      [uv.UV_DEFAULT_INDEX, uv.UV_INDEX_URL, uv.UV_INDEX, uv.UV_FIND_LINKS],
      [told.indexUrl, told.indexUrl, told.extraIndexUrls.join(' '), told.findLinks.join(',')],
    );
    const pip = installerEnvironment('pip', told, {});
    assert.deepEqual(
      [pip.PIP_INDEX_URL, pip.PIP_EXTRA_INDEX_URL, pip.PIP_FIND_LINKS],
      [told.indexUrl, told.extraIndexUrls.join(' '), 'https://w.example/links.html'],
    );
    assert.deepEqual(wheelFoldersOf(told), ['/my wheels']);
    const mask = passwordMask(told);
    assert.equal(
      mask(`GET ${told.indexUrl}six/ as p@ss; git+https://token@g.example/x`),
      'GET https://***@x.example/simple/six/ as ***; git+https://***@g.example/x',
    );
  });

  it('is quoted with what matters', () => {
    const reason = (installer: 'uv' | 'pip', text: string) =>
      failureOf(
        installer,
        { succeeded: false, lines: text.split('\n'), brokenOff: undefined },
        failedEnvironment('3.12.1'),
      );
    const older = reason(
      'uv',
      `  × No solution found when resolving dependencies:
  ╰─▶ Because nope was not found in the package registry and you require
      nope, we can conclude that your requirements are unsatisfiable.
      hint: try harder`,
    );
    assert.equal(
      older.reason,
      'Because nope was not found in the package registry and you require nope, we can conclude that your requirements are unsatisfiable.',
    );
    assert.match(older.hint ?? '', /how its name/);
    const build = reason(
      'pip',
      `Collecting x
  error: subprocess-exited-with-error
  × Preparing metadata (pyproject.toml) did not run successfully.
  ╰─> [4 lines of output]
      Traceback (most recent call last):
        File "x.py", line 1
      x.c:1:10: fatal error: Python.h: No such file or directory
      error: command '/usr/bin/gcc' failed with exit code 1
      [end of output]
error: metadata-generation-failed`,
    );
    assert.match(build.reason, /fatal error: Python\.h.*\n.*gcc' failed/);
    assert.doesNotMatch(build.reason, /File|Traceback/);
    assert.match(build.hint ?? '', /headers of Python 3\.12\.1/);
    assert.deepEqual(
      reason(
        'pip',
        'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device',
      ),
      {
        reason: 'Could not install packages due to an OSError: [Errno 28] No space left on device',
        hint: 'The disk is full: make room on it and try again.',
      },
    );
    assert.deepEqual(
      failureOf(
        'uv',
        { succeeded: false, lines: ['Resolved 1'], brokenOff: 'it was killed by SIGKILL' },
        failedEnvironment(''),
      ),
      {
        reason: 'uv failed: it was killed by SIGKILL.',
        hint: undefined,
      },
    );
  });
});

describe('the pip for an environment', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'code-mode-pip-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const python = (name: string, pip?: string): PlacedPython => {
    const packages = path.join(folder, name);
    const info = path.join(packages, `pip-${pip}.dist-info`);
    if (pip !== undefined) mkdirSync(info, { recursive: true });
    if (pip !== undefined) writeFileSync(path.join(info, 'METADATA'), `Name: pip\nVersion: ${pip}\n\n`);
    return { executable: `/${name}/bin/python`, folders: [packages], stdlib: path.join(folder, 'stdlib') };
  };
  const found = async (own: PlacedPython, base?: PlacedPython) => {
    const backend = await pipBackend(own, base);
    const names = ['--', 'six'];
    const args = backend?.uninstallArguments(['six']);
    assert.ok(!args || names.every((name, index) => args.at(index - 2) === name));
    return backend && [backend.label, backend.file, args?.includes('--python'), backend.preparation?.[2]];
  };

  it('is its own, else that of its base, else the one that Python brings along, else none', async () => {
    const own = python('own', '21.0');
    const bare = python('bare');
    assert.deepEqual(await found(own, python('base', '24.2')), [
      'pip 21.0',
      own.executable,
      false,
      undefined,
    ]);
    assert.deepEqual(await found(bare, python('base', '24.2')), [
      'pip 24.2',
      '/base/bin/python',
      true,
      undefined,
    ]);
    // An older one can't be asked to install elsewhere.
    assert.equal(await found(bare, python('old', '22.2')), undefined);
    assert.equal(await found(bare), undefined);
    const bundled = path.join(folder, 'stdlib', 'ensurepip', '_bundled');
    mkdirSync(bundled, { recursive: true });
    writeFileSync(path.join(folder, 'stdlib', 'ensurepip', '__main__.py'), '');
    writeFileSync(path.join(bundled, 'pip-23.1-py3-none-any.whl'), '');
    const ensured = ['pip 23.1', bare.executable, false, 'ensurepip'];
    assert.deepEqual(await found(bare, python('old', '22.2')), ensured);
    assert.deepEqual(await found(bare), ensured);
  });
});

describe('a file of a package fits', () => {
  const linux: WheelPlatform = { platform: 'linux', arch: 'x64', glibc: '2.36', release: '6.1' };
  const fits = (filename: string, platform = linux, more: object = {}) =>
    fittingFiles({ version: '3.12.1', freeThreaded: false, platform, buildsFromSource: true, ...more })({
      filename,
      url: `https://x.example/${filename}`,
      sha256: undefined,
      requiresPython: undefined,
      yanked: false,
      size: undefined,
    });

  it('by its tags', () => {
    for (const [tags, expected] of [
      ['py3-none-any', true],
      ['py2.py3-none-any', true],
      ['py2-none-any', false],
      ['py313-none-any', false],
      ['cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64', true],
      ['cp312-cp312-manylinux_2_39_x86_64', false],
      ['cp312-cp312-musllinux_1_2_x86_64', false],
      ['cp312-cp312-manylinux_2_17_aarch64', false],
      ['cp311-cp311-manylinux_2_17_x86_64', false],
      ['cp39-abi3-manylinux_2_17_x86_64', true],
      ['cp313-abi3-manylinux_2_17_x86_64', false],
      ['cp312-cp312t-manylinux_2_17_x86_64', false],
      ['py3-none-linux_x86_64', true],
      ['py3-none-win_amd64', false],
    ] as const) {
      assert.equal(fits(`x-1.0-${tags}.whl`), expected, tags);
    }
    const musl = { ...linux, glibc: undefined };
    assert.equal(fits('x-1.0-cp312-cp312-musllinux_1_2_x86_64.whl', musl), true);
    const mac: WheelPlatform = { platform: 'darwin', arch: 'arm64', glibc: undefined, release: '23.1.0' };
    assert.equal(fits('x-1.0-cp312-cp312-macosx_11_0_arm64.whl', mac), true);
    assert.equal(fits('x-1.0-cp312-cp312-macosx_15_0_universal2.whl', mac), false);
    const windows: WheelPlatform = { platform: 'win32', arch: 'x64', glibc: undefined, release: '10' };
    assert.equal(fits('x-1.0-cp312-cp312-win_amd64.whl', windows), true);
    assert.equal(fits('x-1.0-cp312-cp312t-win_amd64.whl', windows, { freeThreaded: true }), true);
    assert.equal(fits('x-1.0-cp314-cp314-win_amd64.whl', windows, { version: undefined }), true);
  });

  it('as an archive of sources where it may be built', () => {
    assert.equal(fits('x-1.0.tar.gz'), true);
    assert.equal(fits('x-1.0.tar.gz', linux, { buildsFromSource: false }), false);
    assert.equal(fits('x-1.0.exe'), false);
  });
});
