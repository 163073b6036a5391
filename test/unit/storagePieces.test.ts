import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FileStorage } from '../../src/core/storage/file/fileStorage.ts';
import { removeAbandoned } from '../../src/core/storage/file/folderWalk.ts';
import { canMount, fillDisk, mountDisk } from '../support/smallDisk.ts';
import { namesOf, put, refused, StorageFolder, textOf, workflow } from '../support/storageFolder.ts';

const BYTES = { description: 'new', metadata: {}, dataType: 'bytes' } as const;
const HOUR_MS = 3_600_000;
const posix = process.platform !== 'win32';

describe('the file storage', () => {
  const folder = new StorageFolder().install();
  let storage: FileStorage;
  beforeEach(() => {
    storage = folder.open();
  });
  const at = (...parts: string[]) => folder.at('artifacts', ...parts);

  describe('writes and reads in pieces', () => {
    it('beside the artifact, under a name that is listed nowhere', async () => {
      await put(storage, 'deep/a', 'old');
      await using writer = await storage.artifacts.create('deep/a');
      await writer.write(Buffer.from('new'));
      assert.equal(folder.leftovers().length, 1);
      assert.equal(path.dirname(folder.leftovers()[0] ?? ''), 'deep');
      assert.deepEqual(await namesOf(storage), ['deep/a']);
      await writer.commit(BYTES);
      assert.deepEqual(folder.leftovers(), []);
      assert.equal(await textOf(storage, 'deep/a'), 'new');
    });

    it('and closes what nobody has closed, together with the store', async function () {
      if (!existsSync('/proc/self/fd')) this.skip();
      const open = () => {
        const targets = readdirSync('/proc/self/fd').flatMap((fd) => {
          try {
            return [execFileSync('readlink', [`/proc/${process.pid}/fd/${fd}`]).toString()];
          } catch {
            return [];
          }
        });
        return targets.filter((target) => target.startsWith(folder.base));
      };
      await put(storage, 'a', 'content');
      const reader = await storage.artifacts.open('a');
      const writer = await storage.artifacts.create('b');
      await writer.write(Buffer.from('b'));
      await storage.artifacts.remove('a');
      assert.equal(open().length, 2);
      await storage[Symbol.asyncDispose]();
      assert.deepEqual(open(), []);
      assert.deepEqual(readdirSync(at()), ['.artifacts.json']);
      await assert.rejects(reader.read(0, 1), refused(/could not be loaded/, 'storage'));
      await assert.rejects(writer.write(Buffer.from('b')), refused(/could not be saved/, 'storage'));
      await assert.rejects(storage.artifacts.create('c'), refused(/closed/, 'closed'));
      await reader[Symbol.asyncDispose]();
      await writer[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
    });

    it('but no pipe, which would keep everybody waiting', async function () {
      if (!posix) this.skip();
      await put(storage, 'a', 'content');
      execFileSync('mkfifo', [at('pipe')]);
      await assert.rejects(storage.artifacts.open('pipe'), refused(/no artifact "pipe"/, 'not-found'));
      await assert.rejects(storage.artifacts.load('pipe'), refused(/no artifact "pipe"/, 'not-found'));
      assert.deepEqual(await namesOf(storage), ['a']);
    });
  });

  describe('knows the sizes', () => {
    it('of files, and of links that stay in the store', async () => {
      await put(storage, 'a', '1');
      await put(storage, 'deep/er/b', '22');
      mkdirSync(at('empty'));
      const names = [
        'a',
        'deep/er/b',
        'deep',
        'empty',
        'gone',
        'deep/gone',
        'a/below',
        '../a',
        '',
        '.artifacts.json',
      ];
      if (posix) {
        writeFileSync(path.join(path.dirname(folder.base), 'outside'), 'secret');
        symlinkSync('deep', at('link'));
        symlinkSync('../../outside', at('out'));
        symlinkSync('a', at('same'));
        names.push('link/er/b', 'out', 'same');
      }
      const sizes = Object.fromEntries(await storage.artifacts.sizes(names));
      assert.deepEqual(sizes, { a: 1, 'deep/er/b': 2, ...(posix && { 'link/er/b': 2, same: 1 }) });
      assert.deepEqual(await storage.artifacts.sizes([]), new Map());
    });
  });

  describe('renames', () => {
    const LATER = `{
  "a": {
    "description": "",
    "created_at": "2025-11-03T09:15:27.123456+00:00",
    "metadata": {
      "id": 1234567890123456789
    },
    "later_version": {"kept": true}
  }
}`;

    it('and keeps the entry to the letter', async () => {
      folder.write('artifacts/.artifacts.json', LATER);
      folder.write('artifacts/a', 'content');
      const renamed = await storage.artifacts.rename('a', 'b');
      assert.equal(renamed.created_at, '2025-11-03T09:15:27.123456+00:00');
      assert.equal(folder.indexText(), LATER.replace('"a"', '"b"'));
    });

    it('what has no entry, and lists it though it is hidden then', async () => {
      folder.write('artifacts/plain', 'content');
      utimesSync(at('plain'), new Date(0), new Date(0));
      assert.equal((await storage.artifacts.rename('plain', 'deep/plain')).created_at.slice(0, 4), '1970');
      assert.deepEqual(folder.indexNames(), []);
      assert.equal((await storage.artifacts.rename('deep/plain', '.hidden')).created_at.slice(0, 4), '1970');
      assert.deepEqual(await namesOf(storage), ['.hidden']);
    });

    it('to a name whose entry has lost its file', async () => {
      folder.write('artifacts/.artifacts.json', LATER);
      folder.write('artifacts/b', 'content');
      assert.deepEqual((await storage.artifacts.rename('b', 'a')).metadata, {});
      assert.deepEqual(folder.indexNames(), []);
    });

    it('over nothing, not even a file that has no entry', async () => {
      await put(storage, 'a', 'content');
      folder.write('artifacts/b', 'b');
      folder.write('artifacts/folder/c', 'c');
      for (const name of ['b', 'folder']) {
        await assert.rejects(storage.artifacts.rename('a', name), refused(/already something named/));
      }
      await assert.rejects(storage.artifacts.rename('a', 'b/c'), refused(/is a file/, 'storage'));
      await assert.rejects(storage.artifacts.rename('x', 'y'), refused(/no artifact "x"/, 'not-found'));
      await assert.rejects(storage.artifacts.rename('a', '../x'), refused(/cannot name an artifact/));
      assert.deepEqual(await namesOf(storage), ['a', 'b', 'folder/c']);
      assert.deepEqual(folder.leftovers(), []);
    });

    it('no link to where it would lead elsewhere', async function () {
      if (!posix) this.skip();
      await put(storage, 'a', 'content');
      symlinkSync('a', at('link'));
      await assert.rejects(storage.artifacts.rename('link', 'deep/link'), refused(/is a link/));
      await storage.artifacts.rename('link', 'other');
      assert.equal(await textOf(storage, 'other'), 'content');
      assert.equal(await textOf(storage, 'a'), 'content');
    });
  });

  describe('removes and brings back', () => {
    it('the file and its entry as they were', async () => {
      await storage.artifacts.save('deep/a', Buffer.from('content'), { ...BYTES, metadata: { k: [1] } });
      const before = [folder.indexText(), await storage.artifacts.list()];
      const removed = await storage.artifacts.remove('deep/a');
      assert.deepEqual(await namesOf(storage), []);
      assert.equal(await storage.artifacts.exists('deep/a'), false);
      assert.deepEqual(folder.files(), []);
      await removed?.restore();
      assert.deepEqual([folder.indexText(), await storage.artifacts.list()], before);
      assert.equal(await textOf(storage, 'deep/a'), 'content');
      await assert.rejects(async () => removed?.restore(), refused(/cannot be brought back/, 'not-found'));
      assert.equal(await storage.artifacts.remove('gone'), undefined);
    });

    it('for an hour, even what was written long ago', async () => {
      await put(storage, 'a', 'content');
      utimesSync(at('a'), new Date(0), new Date(0));
      const removed = await storage.artifacts.remove('a');
      await removeAbandoned(at());
      await removeAbandoned(at(), Date.now() + HOUR_MS - 10_000);
      assert.equal(folder.leftovers().length, 1);
      await removeAbandoned(at(), Date.now() + HOUR_MS + 10_000);
      assert.deepEqual(folder.leftovers(), []);
      await assert.rejects(async () => removed?.restore(), refused(/cannot be brought back/, 'not-found'));
      assert.deepEqual(await namesOf(storage), []);
    });

    it('what others left unfinished an hour ago is swept, and nothing else', async () => {
      for (const name of ['.tmp-1', 'deep/.tmp-2', 'kept']) folder.write(`artifacts/${name}`, 'x');
      await put(storage, 'a', 'x');
      assert.deepEqual(folder.leftovers(), ['.tmp-1', 'deep/.tmp-2']);
      await removeAbandoned(at(), Date.now() + HOUR_MS + 10_000);
      assert.deepEqual(folder.leftovers(), []);
      assert.deepEqual(await namesOf(storage), ['a', 'kept']);
    });
  });

  describe('on a full disk', () => {
    before(function () {
      if (!canMount()) this.skip();
    });

    // From none to some: for the lock, the index, the content.
    for (const pages of [0, 1, 2, 3, 4, 5, 6]) {
      it(`with ${pages} pages left says so and leaves all as it was, or works`, async () => {
        using _disk = mountDisk(folder.base, 512);
        await storage.artifacts.save('a', Buffer.alloc(9000, 'a'), { ...BYTES, description: 'old' });
        await storage.workflows.save(workflow('flow', 'old'));
        await storage.vectors.put('model', new Map([['00'.repeat(32), Float32Array.of(1)]]));
        fillDisk(folder.base, pages);
        const attempts: [string, () => Promise<unknown>, (worked: boolean) => Promise<unknown>][] = [
          [
            'save',
            () => storage.artifacts.save('a', Buffer.alloc(9000, 'b'), BYTES),
            async (worked) => {
              assert.equal(await textOf(storage, 'a'), (worked ? 'b' : 'a').repeat(9000));
              assert.equal((await storage.artifacts.get('a'))?.description, worked ? 'new' : 'old');
            },
          ],
          [
            'create',
            async () => {
              await using writer = await storage.artifacts.create('deep/b');
              for (let piece = 0; piece < 3; piece += 1) await writer.write(Buffer.alloc(3000, 'b'));
              await writer.commit(BYTES);
            },
            async (worked) => assert.equal(await storage.artifacts.exists('deep/b'), worked),
          ],
          [
            'rename',
            () => storage.artifacts.rename('a', 'c'),
            async (worked) => {
              assert.equal(await storage.artifacts.exists('c'), worked);
              assert.equal(await storage.artifacts.exists('a'), !worked);
              if (worked) await storage.artifacts.rename('c', 'a').catch(() => undefined);
            },
          ],
          [
            'workflow',
            () => storage.workflows.save(workflow('flow', 'new'.repeat(3000))),
            async (worked) =>
              assert.equal(
                (await storage.workflows.get('flow'))?.source,
                worked ? 'new'.repeat(3000) : 'old',
              ),
          ],
          [
            'vectors',
            () => storage.vectors.put('model', new Map([['11'.repeat(32), new Float32Array(3000)]])),
            async (worked) => {
              const found = await folder.open().vectors.get('model', ['00'.repeat(32), '11'.repeat(32)]);
              assert.deepEqual(found.get('00'.repeat(32)), Float32Array.of(1));
              assert.equal(found.has('11'.repeat(32)), worked);
            },
          ],
        ];
        for (const [title, attempt, check] of attempts) {
          let worked = true;
          await attempt().catch((error: unknown) => {
            worked = false;
            refused(/the disk is full/, 'storage')(error);
          });
          await check(worked);
          assert.deepEqual(folder.leftovers(), [], title);
          assert.equal(existsSync(folder.at('.workflows.lock')), false, title);
          assert.deepEqual(await namesOf(storage), folder.files(), title);
          assert.deepEqual(folder.indexNames(), folder.files(), title);
        }
      });
    }
  });
});
