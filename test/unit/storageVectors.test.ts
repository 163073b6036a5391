import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { FileStorage } from '../../src/core/storage/file/fileStorage.ts';
import { StorageFolder } from '../support/storageFolder.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the file storage keeps vectors', () => {
  const folder = new StorageFolder().install();
  let storage: FileStorage;
  beforeEach(() => {
    storage = folder.open();
  });
  const put = (text: string, ...values: number[]) =>
    storage.vectors.put('model', new Map([[hash(text), Float32Array.from(values)]]));
  const get = async (store: FileStorage, ...texts: string[]) => {
    const found = await store.vectors.get('model', texts.map(hash));
    return texts.map((text) => found.get(hash(text)) && [...(found.get(hash(text)) ?? [])]);
  };
  const file = () => {
    const [name = ''] = readdirSync(folder.at('vectors')).filter((entry) => entry.endsWith('.vectors'));
    return folder.at('vectors', name);
  };

  it('by model and text, for whoever opens the store', async () => {
    assert.deepEqual(await get(storage, 'a'), [undefined]);
    assert.deepEqual(readdirSync(path.dirname(folder.base)), []);
    await put('a', 1, 2, 3);
    await put('b', 0.5, -0.25);
    await storage.vectors.put('ünother/model', new Map([[hash('a'), Float32Array.of(9)]]));
    await storage.vectors.put('model', new Map());
    assert.deepEqual(await get(folder.open(), 'a', 'x', 'b'), [[1, 2, 3], undefined, [0.5, -0.25]]);
    assert.deepEqual(
      [...(await folder.open().vectors.get('ünother/model', [hash('a'), hash('b')]))],
      [[hash('a'), Float32Array.of(9)]],
    );
    assert.equal(readdirSync(folder.at('vectors')).length, 2);
  });

  it('that others have added since', async () => {
    await put('a', 1);
    const other = folder.open();
    assert.deepEqual(await get(other, 'a', 'b'), [[1], undefined]);
    await put('b', 2);
    assert.deepEqual(await get(other, 'a', 'b'), [[1], [2]]);
    await other.vectors.put('model', new Map([[hash('c'), Float32Array.of(3)]]));
    assert.deepEqual(await get(storage, 'a', 'b', 'c'), [[1], [2], [3]]);
  });

  it('once, though they are put twice', async () => {
    await put('a', 1);
    const { size } = statSync(file());
    await put('a', 1);
    await folder.open().vectors.put('model', new Map([[hash('a'), Float32Array.of(1)]]));
    assert.equal(statSync(file()).size, size);
  });

  for (const cut of [1, 4, 11, 12, 43, 50]) {
    it(`but not what a writer left unfinished: ${cut} bytes are missing`, async () => {
      await put('a', 1, 2);
      await put('b', 3, 4);
      truncateSync(file(), statSync(file()).size - cut);
      const expected = cut < 48 ? [[1, 2], undefined] : [undefined, undefined];
      assert.deepEqual(await get(folder.open(), 'a', 'b'), expected);
      assert.deepEqual(await get(folder.open(), 'a', 'b'), expected, 'reading repairs nothing');
      const other = folder.open();
      await other.vectors.put('model', new Map([[hash('c'), Float32Array.of(5)]]));
      assert.deepEqual(await get(folder.open(), 'a', 'b', 'c'), [...expected, [5]]);
      assert.match(folder.lines.join('\n'), /bytes of an unfinished write were dropped/);
      assert.deepEqual(await get(storage, 'a', 'c'), [expected[0], [5]]);
      await put('d', 6);
      assert.deepEqual(await get(folder.open(), 'a', 'b', 'c', 'd'), [...expected, [5], [6]]);
    });
  }

  it('but no damaged ones', async () => {
    await put('a', 1, 2);
    await put('b', 3, 4);
    const bytes = readFileSync(file());
    bytes[bytes.length - 2] = (bytes.at(-2) ?? 0) ^ 1;
    writeFileSync(file(), bytes);
    assert.deepEqual(await get(folder.open(), 'a', 'b'), [[1, 2], undefined]);
    appendFileSync(file(), Buffer.alloc(5000));
    assert.deepEqual(await get(folder.open(), 'a', 'b'), [[1, 2], undefined]);
    await folder.open().vectors.put('model', new Map([[hash('b'), Float32Array.of(7)]]));
    assert.deepEqual(await get(folder.open(), 'a', 'b'), [[1, 2], [7]]);
  });

  it('and begins anew where the file is another one or gone', async () => {
    await put('a', 1);
    rmSync(file());
    assert.deepEqual(await get(storage, 'a'), [undefined]);
    await put('b', 2);
    assert.deepEqual(await get(storage, 'a', 'b'), [undefined, [2]]);
    writeFileSync(file(), 'something else');
    assert.deepEqual(await get(folder.open(), 'b'), [undefined]);
    await put('c', 3);
    assert.deepEqual(await get(folder.open(), 'b', 'c'), [undefined, [3]]);
  });

  it('beside what py-code-mode keeps there', async () => {
    folder.write('vectors/chroma.sqlite3', 'theirs');
    folder.write('vectors/6f7d/data_level0.bin', 'theirs');
    await put('a', 1);
    assert.equal(readFileSync(folder.at('vectors/chroma.sqlite3'), 'utf8'), 'theirs');
    assert.equal(readFileSync(folder.at('vectors/6f7d/data_level0.bin'), 'utf8'), 'theirs');
    assert.equal(readdirSync(folder.at('vectors')).length, 3);
  });
});
