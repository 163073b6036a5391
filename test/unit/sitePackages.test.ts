import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readSitePackages } from '../../src/core/deps/sitePackages.ts';

describe('the packages in a folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'code-mode-packages-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(place: string, files: Readonly<Record<string, string>>): string {
    const absolute = path.join(folder, place);
    mkdirSync(absolute, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(absolute, name), text);
    return absolute;
  }
  const metadata = (name: string, version: string, ...more: string[]) =>
    `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n${more.map((line) => `${line}\n`).join('')}\nName: not-this\n`;
  const whole = (name: string, version: string, ...more: string[]) => ({
    METADATA: metadata(name, version, ...more),
    RECORD: '',
    INSTALLER: 'pip\n',
  });
  const versions = async () =>
    Object.fromEntries((await readSitePackages([folder])).map(({ name, version }) => [name, version]));

  it('are told with what they need of what is there', async () => {
    write('my_package-1.0.dist-info', {
      ...whole(
        'My_Package',
        '1.0',
        'Summary: Größe ☃',
        'Requires-Dist: Tiny>=1',
        'Requires-Dist: optional ; extra == "more"',
        'Requires-Dist: other (>=2) ; python_version > "3"',
        'Requires-Dist: absent',
      ),
      'direct_url.json': JSON.stringify({ url: 'https://ada:secret@x.example/p.whl', archive_info: {} }),
    });
    write('tiny-2.0.dist-info', { ...whole('tiny', '2.0'), INSTALLER: 'uv' });
    write('optional-1.0.dist-info', whole('optional', '1.0'));
    write('other-3.0.egg-info', {
      'PKG-INFO': metadata('Other', '3.0'),
      'requires.txt': 'tiny\n\n[more]\noptional\n\n[:python_version > "3"]\nmy.package>=1\n',
    });
    writeFileSync(path.join(folder, 'flat-4.0-py3.11.egg-info'), metadata('flat', '4.0'));
    const found = await readSitePackages([folder]);
    assert.deepEqual(
      found.map(({ name, title, version, requires }) => [name, title, version, requires]),
      [
        ['flat', 'flat', '4.0', []],
        ['my-package', 'My_Package', '1.0', ['tiny', 'other']],
        ['optional', 'optional', '1.0', []],
        ['other', 'Other', '3.0', ['tiny', 'my-package']],
        ['tiny', 'tiny', '2.0', []],
      ],
    );
    const [, own, , , tiny] = found;
    assert.deepEqual(
      [own?.summary, own?.origin, own?.installer],
      ['Größe ☃', 'https://x.example/p.whl', 'pip'],
    );
    assert.deepEqual([tiny?.installer, tiny?.origin], ['uv', null]);
  });

  it('name folders and commits that they came from', async () => {
    const origins = [
      [{ url: 'file:///work/my%20package', dir_info: { editable: true } }, path.resolve('/work/my package')],
      [
        { url: 'https://x.example/r.git', vcs_info: { vcs: 'git', commit_id: 'abc' } },
        'git+https://x.example/r.git@abc',
      ],
      ['no JSON', null],
    ] as const;
    for (const [direct, origin] of origins) {
      const place = write('one-1.0.dist-info', {
        ...whole('one', '1.0'),
        'direct_url.json': typeof direct === 'string' ? direct : JSON.stringify(direct),
      });
      assert.equal((await readSitePackages([folder]))[0]?.origin, origin);
      rmSync(place, { recursive: true });
    }
  });

  it('are those that Python would find, of several of one name', async () => {
    const late = path.join(folder, 'late');
    write('late/one-9.0.dist-info', whole('one', '9.0'));
    write('late/two-1.0.dist-info', whole('two', '1.0'));
    write('one-1.0.dist-info', whole('one', '1.0'));
    const half = write('one-2.0.dist-info', { METADATA: metadata('one', '2.0') });
    utimesSync(half, new Date(), new Date(Date.now() + 60_000));
    symlinkSync(folder, path.join(folder, 'lib64'));
    const found = await readSitePackages([
      folder,
      path.join(folder, 'lib64'),
      late,
      path.join(folder, 'gone'),
    ]);
    assert.deepEqual(
      found.map(({ name, version }) => `${name} ${version}`),
      ['one 1.0', 'two 1.0'],
    );
  });

  it('are left out where they are half-written, moved aside or not to be read', async () => {
    write('empty-1.0.dist-info', {});
    write('~hidden-1.0.dist-info', whole('hidden', '1.0'));
    write('nameless-.dist-info', { METADATA: 'Metadata-Version: 2.1\n' });
    write('cut-1.0.dist-info', { METADATA: 'Metadata-Ver' });
    const locked = write('locked-1.0.dist-info', whole('locked', '1.0'));
    chmodSync(locked, 0);
    write('fine-1.0.dist-info', whole('fine', '1.0'));
    const found = await versions();
    chmodSync(locked, 0o755);
    // The superuser reads everything.
    delete found.locked;
    assert.deepEqual(found, { cut: '1.0', fine: '1.0' });
  });

  it('are seen to change, come and go', async () => {
    const place = write('one-1.0.dist-info', whole('one', '1.0'));
    assert.deepEqual(await versions(), { one: '1.0' });
    rmSync(place, { recursive: true });
    write('one-1.0.dist-info', whole('one', '1.0.1'));
    write('two-1.0.dist-info', whole('two', '1.0'));
    assert.deepEqual(await versions(), { one: '1.0.1', two: '1.0' });
    rmSync(place, { recursive: true });
    assert.deepEqual(await versions(), { two: '1.0' });
  });
});
