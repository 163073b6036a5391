import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { ArtifactReader } from '../../../src/core/contract/storage.ts';
import { BYTES, namesOf, put, refused, type StoreSubject, textOf } from './subject.ts';

const PIECE = 700_001;

export function describePieces(subject: StoreSubject): void {
  describe('keeps artifacts in pieces', () => {
    it('written piece by piece, seen when all is there', async () => {
      const { artifacts } = subject.open();
      const other = subject.open().artifacts;
      const content = randomBytes(5 * PIECE + 17);
      await put(other, 'a', 'old');
      {
        await using writer = await artifacts.create('a');
        for (let at = 0; at < content.length; at += PIECE) {
          await writer.write(content.subarray(at, at + PIECE));
          assert.equal(await textOf(other, 'a'), 'old');
        }
        await writer.write(new Uint8Array());
        assert.deepEqual(await namesOf(other), ['a']);
        const info = await writer.commit({ description: 'd', metadata: { x: 1 }, dataType: 'bytes' });
        assert.deepEqual(await other.get('a'), info);
      }
      assert.ok(content.equals((await other.load('a')).content));
    });

    it('nothing of one that was not finished', async () => {
      const { artifacts } = subject.open();
      await put(artifacts, 'a', 'old');
      {
        await using writer = await artifacts.create('a');
        await writer.write(Buffer.alloc(100_000));
        await using fresh = await artifacts.create('folder/b');
        await fresh.write(Buffer.alloc(100_000));
      }
      assert.deepEqual(await namesOf(artifacts), ['a']);
      assert.equal(await textOf(artifacts, 'a'), 'old');
    });

    it('an empty one', async () => {
      const { artifacts } = subject.open();
      await using writer = await artifacts.create('a');
      await writer.commit(BYTES);
      assert.equal((await artifacts.load('a')).content.length, 0);
      assert.deepEqual(await namesOf(artifacts), ['a']);
    });

    it('two at once to one name: the one that is finished last stays', async () => {
      const { artifacts } = subject.open();
      await using first = await artifacts.create('a');
      await using second = await subject.open().artifacts.create('a');
      await second.write(Buffer.from('second'));
      await first.write(Buffer.from('first'));
      await second.commit(BYTES);
      await first.commit(BYTES);
      assert.equal(await textOf(artifacts, 'a'), 'first');
    });

    it('read in pieces from anywhere', async () => {
      const { artifacts } = subject.open();
      const content = randomBytes(3_000_000);
      await artifacts.save('a', content, { description: '', metadata: { k: 'v' }, dataType: 'bytes' });
      await using reader = await artifacts.open('a');
      assert.deepEqual(
        [reader.size, reader.dataType, reader.metadata],
        [content.length, 'bytes', { k: 'v' }],
      );
      for (const [position, length] of [
        [0, 10],
        [1_048_570, 20],
        [500, 2_500_000],
        [2_999_990, 100],
        [3_000_000, 5],
      ] as const) {
        const piece = await reader.read(position, length);
        assert.ok(content.subarray(position, position + length).equals(piece), `${position} ${length}`);
      }
    });

    for (const size of [100, 3_000_000]) {
      it(`the version that was opened, whatever becomes of it: ${size} bytes`, async () => {
        const { artifacts } = subject.open();
        const others = subject.open().artifacts;
        const content = randomBytes(size);
        const read = async (reader: ArtifactReader) => {
          assert.ok(content.equals(await reader.read(0, reader.size)));
        };
        await artifacts.save('a', content, { description: '', metadata: { version: 1 }, dataType: 'bytes' });
        await using replaced = await artifacts.open('a');
        await others.save('a', Buffer.alloc(size, 'x'), BYTES);
        await read(replaced);
        assert.deepEqual(replaced.metadata, { version: 1 });
        await others.save('a', content, BYTES);
        await using deleted = await artifacts.open('a');
        await others.delete('a');
        await read(deleted);
        await assert.rejects(artifacts.open('a'), refused('not-found', /"a"/));
      });
    }
  });
}
