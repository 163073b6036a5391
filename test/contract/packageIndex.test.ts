import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { offerOf } from '../../src/core/deps/index/offers.ts';
import { PackageIndex } from '../../src/core/deps/index/packageIndex.ts';
import { resolvePackageSources } from '../../src/core/deps/sources/resolvePackageSources.ts';

/** As this machine is configured to reach it. */
describe('the public package index', () => {
  it('has six, with wheels that can be downloaded, and nothing under a name that nobody has', async () => {
    const log: string[] = [];
    const sources = await resolvePackageSources({}, { log: (line) => log.push(line) });
    await using index = new PackageIndex(sources, { log: (line) => log.push(line) });
    const six = (await index.project('Six')) ?? assert.fail(log.join('\n'));
    const offer = offerOf(six, () => true, 'none');
    assert.ok(offer.versions.includes('1.17.0'), offer.versions.join());
    assert.equal(await index.project('code-mode-no-such-package'), undefined);
    const wheel = six.files.find(({ filename }) => filename === 'six-1.17.0-py2.py3-none-any.whl');
    assert.ok(wheel?.sha256);
    const folder = await mkdtemp(path.join(tmpdir(), 'code-mode-index-'));
    try {
      const to = path.join(folder, wheel.filename);
      await index.download(wheel, to);
      assert.ok((await stat(to)).size > 10_000);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
