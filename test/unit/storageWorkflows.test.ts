import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { FileStorage } from '../../src/core/storage/file/fileStorage.ts';
import { hasSkills, migrateSkills } from '../../src/core/storage/file/skills.ts';
import { refused, StorageFolder, workflow } from '../support/storageFolder.ts';

const posix = process.platform !== 'win32';
/** Milliseconds after which a file system gives a change another time. */
const SETTLED_MS = 120;

describe('the file storage keeps workflows', () => {
  const folder = new StorageFolder().install();
  let lines: string[];
  let storage: FileStorage;
  beforeEach(() => {
    storage = folder.open();
    ({ lines } = folder);
  });
  const at = (...parts: string[]) => folder.at(...parts);
  const listed = async () =>
    Object.fromEntries((await storage.workflows.list()).map(({ name, source }) => [name, source]));

  const SOURCE = '"""Grüße."""\nasync def run(name: str):\r\n    return name\n';

  it('as Python files', async () => {
    await storage.workflows.save(workflow('greet', SOURCE));
    assert.equal(readFileSync(at('workflows/greet.py'), 'utf8'), SOURCE);
    assert.deepEqual(await storage.workflows.get('greet'), { name: 'greet', source: SOURCE });
    assert.deepEqual(await storage.workflows.list(), [{ name: 'greet', source: SOURCE }]);
    assert.equal(await storage.workflows.delete('greet'), true);
    assert.equal(await storage.workflows.delete('greet'), false);
    assert.equal(await storage.workflows.get('greet'), undefined);
    assert.deepEqual(readdirSync(at('workflows')), []);
  });

  it('and skips what is none', async () => {
    await storage.workflows.save(workflow('b', 'b'));
    await storage.workflows.save(workflow('a', 'a'));
    await storage.workflows.save(workflow('ünï', 'u'));
    for (const name of ['_private.py', 'not-one.py', '1st.py', 'notes.txt', 'no_extension']) {
      writeFileSync(at('workflows', name), 'x');
    }
    mkdirSync(at('workflows/folder.py'));
    writeFileSync(at('workflows/marked.py'), '\uFEFFmarked');
    writeFileSync(at('workflows/latin.py'), Buffer.from([0x23, 0xe9]));
    assert.deepEqual(
      (await storage.workflows.list()).map(({ name, source }) => [name, source]),
      [
        ['a', 'a'],
        ['b', 'b'],
        ['marked', 'marked'],
        ['ünï', 'u'],
      ],
    );
    assert.match(lines.join('\n'), /"latin" was skipped: The workflow "latin" is not UTF-8 text/);
    await assert.rejects(storage.workflows.get('latin'), refused(/not UTF-8/, 'storage'));
    assert.equal(await storage.workflows.get('../artifacts/x'), undefined);
  });

  it('with names that Python can say', async () => {
    for (const name of ['', '../x', 'a-b', '_a', '1a', 'a b', 'a.b', 'con', 'x'.repeat(300)]) {
      await assert.rejects(
        storage.workflows.save(workflow(name, 'x')),
        refused(/cannot name a workflow/),
        name,
      );
    }
    await assert.rejects(storage.workflows.save(workflow('a', '\ud800')), refused(/not valid Unicode/));
  });

  it('and gives what has not changed as the same object', async () => {
    for (const name of ['a', 'b', 'c']) folder.write(`workflows/${name}.py`, name);
    const first = await storage.workflows.list();
    assert.deepEqual(await storage.workflows.list(), first);
    await delay(SETTLED_MS);
    const second = await storage.workflows.list();
    first.forEach((one, index) => {
      assert.equal(second[index], one);
    });
    assert.equal(await storage.workflows.get('a'), first[0]);
    // Changed in place to another content of the same size, added, deleted, replaced by the same content.
    folder.write('workflows/a.py', 'A');
    folder.write('workflows/d.py', 'd');
    rmSync(at('workflows/b.py'));
    await storage.workflows.save(workflow('c', 'c'));
    const third = await storage.workflows.list();
    assert.deepEqual(await listed(), { a: 'A', c: 'c', d: 'd' });
    assert.notEqual(third[0], first[0]);
    assert.equal(third[1], first[2]);
  });

  it('and sees every change, however soon after another', async () => {
    for (let turn = 100; turn < 160; turn += 1) {
      folder.write('workflows/a.py', String(turn));
      assert.deepEqual(await listed(), { a: String(turn) });
      assert.equal((await storage.workflows.get('a'))?.source, String(turn));
    }
  });

  it('and one whose times are set back', async () => {
    folder.write('workflows/a.py', 'old');
    const past = new Date(2020, 1, 1);
    utimesSync(at('workflows/a.py'), past, past);
    await delay(SETTLED_MS);
    assert.deepEqual(await listed(), { a: 'old' });
    folder.write('workflows/a.py', 'new');
    utimesSync(at('workflows/a.py'), past, past);
    assert.deepEqual(await listed(), { a: 'new' });
  });

  it('and reports a broken one once for each version', async () => {
    const broken = () => lines.filter((line) => line.includes('"latin" was skipped')).length;
    folder.write('workflows/latin.py', Buffer.from([0x23, 0xe9]));
    for (let turn = 0; turn < 3; turn += 1) await storage.workflows.list();
    await delay(SETTLED_MS);
    await storage.workflows.list();
    assert.equal(broken(), 1);
    folder.write('workflows/latin.py', Buffer.from([0x23, 0xe9, 0x0a]));
    for (let turn = 0; turn < 3; turn += 1) await storage.workflows.list();
    assert.equal(broken(), 2);
    folder.write('workflows/latin.py', '#');
    assert.deepEqual(await listed(), { latin: '#' });
    assert.equal(broken(), 2);
  });

  it('and renames them', async () => {
    await storage.workflows.save(workflow('a', 'a'));
    await storage.workflows.save(workflow('b', 'b'));
    await assert.rejects(storage.workflows.rename('a', 'b'), refused(/already a workflow "b"/));
    await assert.rejects(storage.workflows.rename('c', 'd'), refused(/no workflow "c"/, 'not-found'));
    await assert.rejects(storage.workflows.rename('a', '_a'), refused(/cannot name a workflow/));
    await storage.workflows.rename('a', 'a');
    await storage.workflows.rename('a', 'A');
    await storage.workflows.rename('A', 'c');
    assert.deepEqual(await listed(), { b: 'b', c: 'a' });
    assert.deepEqual(readdirSync(at('workflows')).sort(), ['b.py', 'c.py']);
  });

  describe('of an older layout', () => {
    beforeEach(() => {
      folder.write('skills/old.py', 'old');
      folder.write('skills/both.py', 'older');
      folder.write('workflows/both.py', 'newer');
    });
    const skills = () => readdirSync(at('skills')).sort();

    it('as well; the newer folder wins', async () => {
      assert.deepEqual(await listed(), { both: 'newer', old: 'old' });
      assert.equal((await storage.workflows.get('old'))?.source, 'old');
      assert.equal((await storage.workflows.get('both'))?.source, 'newer');
      assert.equal(storage.workflows.pathOf('old'), at('skills/old.py'));
      assert.equal(storage.workflows.pathOf('both'), at('workflows/both.py'));
      assert.equal(storage.workflows.pathOf('new'), at('workflows/new.py'));
      const [first] = await storage.workflows.list();
      await delay(SETTLED_MS);
      assert.equal((await storage.workflows.list())[0], first);
    });

    it('and writes to the newer one', async () => {
      await storage.workflows.save(workflow('old', 'new'));
      assert.deepEqual(await listed(), { both: 'newer', old: 'new' });
      assert.equal(readFileSync(at('skills/old.py'), 'utf8'), 'old');
    });

    it('and renames and deletes there; what is deleted does not come back', async () => {
      await assert.rejects(storage.workflows.rename('both', 'old'), refused(/already a workflow "old"/));
      await storage.workflows.rename('old', 'renamed');
      await storage.workflows.rename('both', 'two');
      assert.deepEqual(await listed(), { renamed: 'old', two: 'newer' });
      assert.deepEqual(skills(), ['renamed.py', 'two.py']);
      assert.equal(await storage.workflows.delete('two'), true);
      assert.equal(await storage.workflows.delete('renamed'), true);
      assert.equal(await storage.workflows.delete('renamed'), false);
      assert.deepEqual(await listed(), {});
    });

    it('and moves them on request, over nothing', async () => {
      folder.write('skills/same.py', 'same');
      folder.write('workflows/same.py', 'same');
      folder.write('skills/_private.py', 'private');
      folder.write('skills/folder/deep.py', 'deep');
      assert.equal(await hasSkills(folder.base), true);
      const before = await listed();
      assert.deepEqual(await migrateSkills(folder.base), {
        moved: ['_private.py', 'old.py', 'same.py'],
        kept: [
          { name: 'both.py', reason: 'workflows/ has another one' },
          { name: 'folder', reason: 'it is no file' },
        ],
      });
      assert.deepEqual(await listed(), before);
      assert.deepEqual(skills(), ['both.py', 'folder']);
      assert.equal(readFileSync(at('workflows/_private.py'), 'utf8'), 'private');
    });

    it('and removes the folder that has become empty', async () => {
      rmSync(at('skills/both.py'));
      rmSync(at('workflows'), { recursive: true });
      assert.deepEqual(await migrateSkills(folder.base), { moved: ['old.py'], kept: [] });
      assert.equal(existsSync(at('skills')), false);
      assert.equal(await hasSkills(folder.base), false);
      assert.deepEqual(await migrateSkills(folder.base), { moved: [], kept: [] });
      assert.deepEqual(await listed(), { old: 'old' });
    });

    it('and leaves one alone that is a link to the newer', async function () {
      if (!posix) this.skip();
      rmSync(at('skills'), { recursive: true });
      symlinkSync('workflows', at('skills'));
      assert.equal(await hasSkills(folder.base), false);
      assert.deepEqual(await migrateSkills(folder.base), { moved: [], kept: [] });
      assert.deepEqual(await listed(), { both: 'newer' });
      await storage.workflows.rename('both', 'one');
      assert.deepEqual(await listed(), { one: 'newer' });
    });
  });
});
