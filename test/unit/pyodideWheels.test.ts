import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CodeModeError } from '../../src/core/contract/errors.ts';
import { storedZip } from '../../src/core/executors/probes/storedZip.ts';
import { fittingWheels } from '../../src/core/executors/pyodide/packages/fittingWheels.ts';
import { formatRecord, parseRecord } from '../../src/core/executors/pyodide/packages/record.ts';
import { readRequirementsFile } from '../../src/core/executors/pyodide/packages/requirementsFile.ts';
import { changeSite, recoverSite } from '../../src/core/executors/pyodide/packages/siteChange.ts';
import { WheelArchive } from '../../src/core/executors/pyodide/packages/wheelArchive.ts';
import type { ArchiveFiles } from '../support/packageArchives.ts';
import { type PackageFile, PYODIDE_PLATFORM, wheel } from '../support/packages.ts';

const isFailure =
  (...parts: readonly string[]) =>
  (error: unknown) => {
    assert.ok(CodeModeError.is(error, 'install-failed'), String(error));
    for (const part of parts)
      assert.ok(CodeModeError.describe(error).includes(part), CodeModeError.describe(error));
    return true;
  };

describe('wheels for Pyodide', () => {
  let scratch: string;
  let environment: string;
  let site: string;

  beforeEach(async () => {
    scratch = await mkdtemp(path.join(os.tmpdir(), 'pyodide-wheels-'));
    environment = path.join(scratch, 'environment');
    site = path.join(environment, 'site-packages');
    await mkdir(site, { recursive: true });
  });

  afterEach(() => rm(scratch, { recursive: true, force: true }));

  async function archiveOf({ filename, bytes }: PackageFile): Promise<WheelArchive> {
    const file = path.join(scratch, filename);
    await writeFile(file, bytes);
    return new WheelArchive(file, filename);
  }

  async function install(...files: readonly PackageFile[]): Promise<void> {
    const add = await Promise.all(files.map(archiveOf));
    const remove = new Set(await Promise.all(add.map(async (archive) => (await archive.describe()).name)));
    await changeSite(environment, { remove, add }, undefined);
  }

  const uninstall = (...names: readonly string[]) =>
    changeSite(environment, { remove: new Set(names), add: [] }, undefined);

  it('are unpacked with their library and data of the package, without scripts, and say who did it', async () => {
    await install(
      wheel({
        name: 'Some.Thing',
        version: '1.0',
        files: {
          'some/thing.py': 'x = 1\n',
          'some/näme, with comma.txt': 'y',
          'some_thing-1.0.data/purelib/more.py': '',
          'some_thing-1.0.data/scripts/run': '#!python',
          'some_thing-1.0.dist-info/entry_points.txt': '[console_scripts]\nrun = more:run\n',
        },
      }),
    );
    assert.deepEqual((await readdir(site)).sort(), ['more.py', 'some', 'some_thing-1.0.dist-info']);
    const info = path.join(site, 'some_thing-1.0.dist-info');
    assert.equal(await readFile(path.join(info, 'INSTALLER'), 'utf8'), 'code-mode\n');
    assert.ok(existsSync(path.join(info, 'entry_points.txt')));
    const record = parseRecord(await readFile(path.join(info, 'RECORD'), 'utf8'));
    assert.ok(record.includes('some/näme, with comma.txt'));
    assert.ok(record.every((file) => existsSync(path.join(site, file))));
    // What Python compiled goes with its source, what nobody lists stays.
    await mkdir(path.join(site, '__pycache__'));
    await writeFile(path.join(site, '__pycache__/more.cpython-314.pyc'), '');
    await writeFile(path.join(site, 'some/own.py'), '');
    await uninstall('some-thing');
    assert.deepEqual(await readdir(site), ['some']);
    assert.deepEqual(await readdir(path.join(site, 'some')), ['own.py']);
  });

  it('that share a folder are apart in it; a newer version replaces the files of the older one alone', async () => {
    const one = (version: string, file: string) =>
      wheel({ name: 'one', version, files: { [`space/${file}`]: '', 'space/shared.txt': version } });
    await install(
      one('1.0', 'one.py'),
      wheel({ name: 'two', version: '1.0', files: { 'space/two.py': '' } }),
    );
    await install(one('2.0', 'next.py'));
    assert.deepEqual((await readdir(path.join(site, 'space'))).sort(), ['next.py', 'shared.txt', 'two.py']);
    assert.equal(await readFile(path.join(site, 'space/shared.txt'), 'utf8'), '2.0');
    assert.deepEqual((await readdir(site)).sort(), ['one-2.0.dist-info', 'space', 'two-1.0.dist-info']);
  });

  it('are refused where a file would leave the folder, is a link, or comes twice', async () => {
    const refused: readonly [ArchiveFiles, string][] = [
      [{ '../outside.py': '' }, 'outside'],
      [{ 'a/../../outside.py': '' }, 'outside'],
      [{ '/outside.py': '' }, 'outside'],
      [{ 'a\\outside.py': '' }, 'outside'],
      ...(process.platform === 'win32' ? [[{ 'a/con.py': '' }, 'con.py'] as [ArchiveFiles, string]] : []),
      [{ 'a//b.py': '' }, 'no safe path'],
      [{ 'Twice.py': '', 'twice.py': '' }, 'twice'],
      [{ 'other-1.0.dist-info/METADATA': '' }, 'does not describe'],
    ];
    for (const [files, reason] of refused) {
      await assert.rejects(install(rawWheel('odd', files)), isFailure('odd-1.0', reason));
    }
    await assert.rejects(
      install(rawWheel('odd', { 'odd.py': '/etc/passwd' }, 'odd.py')),
      isFailure('is a link'),
    );
    const large = rawWheel('odd', { 'odd.py': 'x'.repeat(100) });
    // The size before packing in the directory at the end: nobody has to believe it.
    large.bytes.writeUInt32LE(0xfffffff0, large.bytes.lastIndexOf('odd.py') - 46 + 24);
    await assert.rejects(install(large), isFailure('odd-1.0'));
    await assert.rejects(
      install({ filename: 'odd-1.0-py3-none-any.whl', bytes: Buffer.from('no zip') }),
      isFailure(),
    );
    assert.deepEqual([await readdir(site), await readdir(environment)], [[], ['site-packages']]);
    assert.ok(
      !existsSync(path.join(scratch, 'outside.py')) && !existsSync(path.join(environment, 'outside.py')),
    );
  });

  it('are taken away by their lists, which lead nowhere else', async () => {
    await install(wheel({ name: 'sly', version: '1.0' }));
    const outside = path.join(environment, 'outside.txt');
    await writeFile(outside, 'here');
    const record = path.join(site, 'sly-1.0.dist-info/RECORD');
    await writeFile(record, `${await readFile(record, 'utf8')}../outside.txt,,\n${outside},,\nnobody.py,,\n`);
    await uninstall('sly');
    assert.equal(await readFile(outside, 'utf8'), 'here');
    assert.deepEqual(await readdir(site), []);
    await install(wheel({ name: 'sly', version: '1.0' }));
    await rm(record);
    await assert.rejects(uninstall('sly'), isFailure('sly', 'by hand'));
    assert.equal((await readdir(site)).length, 2);
  });

  it('leave the folder as it was when a change of it is cancelled, or was killed', async () => {
    await install(wheel({ name: 'kept', version: '1.0' }));
    const cancelled = AbortSignal.abort(new Error('enough'));
    const add = [await archiveOf(wheel({ name: 'kept', version: '2.0' }))];
    await assert.rejects(changeSite(environment, { remove: new Set(['kept']), add }, cancelled), /enough/);
    assert.deepEqual((await readdir(site)).sort(), ['kept-1.0.dist-info', 'kept.py']);
    // Between the two renames.
    await mkdir(path.join(environment, 'staging-killed'));
    await rename(site, path.join(environment, 'staging-killed/former'));
    await recoverSite(environment);
    assert.deepEqual((await readdir(site)).sort(), ['kept-1.0.dist-info', 'kept.py']);
    assert.deepEqual(await readdir(environment), ['site-packages']);
  });

  it('have lists of files that are read as they are written', () => {
    const files = ['a.py', 'with, comma.txt', 'with "marks".txt'];
    const text = formatRecord(
      files.map((file) => ({ path: file, sha256: 'abc', size: 1 })),
      'x.dist-info/RECORD',
    );
    assert.deepEqual(parseRecord(text), [...files, 'x.dist-info/RECORD']);
  });

  it('fit where they are pure Python, or compiled for this binary interface', () => {
    const fits = fittingWheels({ abiVersion: '2026_0', pythonVersion: '3.14.2', find: () => undefined });
    const file = (tag: string, requiresPython?: string) => ({
      filename: `a-1.0-${tag}`,
      url: '',
      sha256: undefined,
      requiresPython,
      yanked: false,
      size: undefined,
    });
    for (const tag of [
      'py3-none-any.whl',
      'py2.py3-none-any.whl',
      'py314-none-any.whl',
      'cp314-none-any.whl',
      `cp314-cp314-${PYODIDE_PLATFORM}.whl`,
      `cp311-abi3-${PYODIDE_PLATFORM}.whl`,
      'cp314-cp314-pyodide_2026_0_wasm32.whl',
    ]) {
      assert.ok(fits(file(tag, '>=3.9')), tag);
    }
    for (const tag of [
      'py2-none-any.whl',
      'py315-none-any.whl',
      'cp313-cp313-pyemscripten_2025_0_wasm32.whl',
      `cp313-cp313-${PYODIDE_PLATFORM}.whl`,
      'cp314-cp314-manylinux_2_28_x86_64.whl',
      'cp314-cp314-pyemscripten_2026_5_wasm32.whl',
    ]) {
      assert.ok(!fits(file(tag)), tag);
    }
    assert.ok(!fits(file('py3-none-any.whl', '<3.14')) && !fits({ ...file(''), filename: 'a-1.0.tar.gz' }));
  });

  it('are asked for by requirements files, of which nothing is left out in silence', async () => {
    const write = async (name: string, ...lines: readonly string[]) => {
      await writeFile(path.join(scratch, name), lines.join('\n'));
      return path.join(scratch, name);
    };
    await write('more.txt', 'More[extra] >= 2 ; python_version > "3" # comment', '-f wheels');
    await write('constraints.txt', 'some<3');
    const hashes = ['a'.repeat(64), 'b'.repeat(64)];
    const found = await readRequirementsFile(
      await write(
        'all.txt',
        '--index-url https://packages.example/simple',
        '--extra-index-url=https://more.example/simple',
        '-r more.txt',
        '-c constraints.txt',
        'some==2 \\',
        ...hashes.map((hash) => `  --hash=sha256:${hash} \\`),
        '',
        '--only-binary :all:',
      ),
    );
    assert.deepEqual(found.requirements, ['More[extra] >= 2 ; python_version > "3"', 'some==2']);
    assert.deepEqual(found.constraints, ['some<3']);
    assert.deepEqual([...(found.hashes?.get('some') ?? [])], hashes);
    assert.deepEqual(found.sources, {
      indexUrl: 'https://packages.example/simple',
      extraIndexUrls: ['https://more.example/simple'],
      wheelFolders: [path.join(scratch, 'wheels')],
    });
    const odd = [
      '-e .',
      'some @ https://packages.example/some.whl',
      './some.whl',
      '--pre',
      '--no-binary :all:',
      'some --hash=md5:abc',
    ];
    for (const line of odd) {
      await assert.rejects(
        readRequirementsFile(await write('odd.txt', 'first', line)),
        isFailure('odd.txt, line 2'),
      );
    }
    await assert.rejects(readRequirementsFile(path.join(scratch, 'missing.txt')), isFailure('missing.txt'));
  });
});

/** A wheel of any files. @param link - the name of one that is a symbolic link */
function rawWheel(name: string, files: ArchiveFiles, link?: string): PackageFile {
  const info = `${name}-1.0.dist-info`;
  const bytes = storedZip({
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    ...files,
  });
  // The name stands in the directory at the end behind 46 bytes, of which those from the 38th on are the attributes.
  if (link !== undefined) bytes.writeUInt32LE((0o120777 << 16) >>> 0, bytes.lastIndexOf(link) - 46 + 38);
  return { filename: `${name}-1.0-py3-none-any.whl`, bytes };
}
