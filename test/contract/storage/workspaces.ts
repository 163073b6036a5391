import assert from 'node:assert/strict';
import { StorageAccessSchema } from '../../../src/core/contract/storage.ts';
import { namesOf, put, refused, type StoreSubject, workflow } from './subject.ts';

export function describeWorkspaces(subject: StoreSubject): void {
  describe('keeps workspaces apart', () => {
    it('artifacts, workflows and embeddings', async () => {
      const hash = 'a'.repeat(64);
      const all = [
        subject.open(),
        subject.open({ workspaceId: 'one' }),
        subject.open({ workspaceId: 'two-2_B' }),
      ];
      for (const [at, store] of all.entries()) {
        await put(store.artifacts, `of${at}`, '1');
        await store.workflows.save(workflow(`of${at}`));
        await store.vectors.put('m', new Map([[hash, Float32Array.of(at)]]));
      }
      for (const [at, store] of all.entries()) {
        assert.deepEqual(await namesOf(store.artifacts), [`of${at}`]);
        assert.deepEqual(
          (await store.workflows.list()).map(({ name }) => name),
          [`of${at}`],
        );
        assert.deepEqual((await store.vectors.get('m', [hash])).get(hash), Float32Array.of(at));
      }
    });

    it('under ids only', () => {
      for (const id of ['', '..', 'a/b', 'a:b', 'x'.repeat(129), 'ä']) {
        assert.throws(() => subject.open({ workspaceId: id }), refused('usage', /workspace id/));
      }
    });

    it('descriptors say which, and are plain data', () => {
      const plain = subject.open().getSerializableAccess();
      const own = subject.open({ workspaceId: 'one' }).getSerializableAccess();
      for (const access of [plain, own]) {
        assert.deepEqual(StorageAccessSchema.parse(JSON.parse(JSON.stringify(access))), access);
      }
      assert.notDeepEqual(plain, own);
    });
  });
}
