import assert from 'node:assert/strict';
import { refused, type StoreSubject, workflow } from './subject.ts';

export function describeWorkflows(subject: StoreSubject): void {
  const names = async () => (await subject.open().workflows.list()).map(({ name }) => name);

  describe('keeps workflows', () => {
    it('nothing is there at first', async () => {
      const { workflows } = subject.open();
      assert.deepEqual(await workflows.list(), []);
      assert.equal(await workflows.get('a'), undefined);
      assert.equal(await workflows.delete('a'), false);
      await assert.rejects(workflows.rename('a', 'b'), refused('not-found', /"a"/));
    });

    it('with their source to the letter, by name', async () => {
      const { workflows } = subject.open();
      const source = '"""Grüße 🌍"""\n\nasync def run(x: int = 1):\n\treturn "\\u0000"\n';
      for (const name of ['b', 'a', 'größe']) await workflows.save({ ...workflow(name), source });
      assert.deepEqual(await names(), ['a', 'b', 'größe']);
      assert.equal((await subject.open().workflows.get('größe'))?.source, source);
      for (const each of await workflows.list()) assert.equal(each.source, source);
    });

    it('replaced, and deleted', async () => {
      const { workflows } = subject.open();
      await workflows.save(workflow('a', '1'));
      await workflows.save(workflow('a', '2'));
      assert.equal((await workflows.get('a'))?.source, workflow('a', '2').source);
      assert.equal(await workflows.delete('a'), true);
      assert.equal(await workflows.delete('a'), false);
      assert.deepEqual(await names(), []);
    });

    it('what has not changed is the same object again', async () => {
      const { workflows } = subject.open();
      for (const name of ['a', 'b']) await workflows.save(workflow(name));
      const before = await workflows.list();
      await subject.open().workflows.save(workflow('b', '"other"'));
      const after = await workflows.list();
      assert.equal(after[0], before[0]);
      assert.notEqual(after[1], before[1]);
      assert.equal(after[1]?.source, workflow('b', '"other"').source);
    });

    it('renamed, but not to a name that is taken or none', async () => {
      const { workflows } = subject.open();
      await workflows.save(workflow('a', '1'));
      await workflows.save(workflow('b', '2'));
      await assert.rejects(workflows.rename('a', 'b'), refused('usage', /"b"/));
      await assert.rejects(workflows.rename('a', 'no name'), refused('usage', /cannot name a workflow/));
      await workflows.rename('a', 'c');
      assert.deepEqual(await names(), ['b', 'c']);
      assert.equal((await workflows.get('c'))?.source, workflow('a', '1').source);
      assert.equal(await workflows.get('a'), undefined);
    });

    for (const name of [
      '',
      '_private',
      '1a',
      'a b',
      'a.b',
      '../a',
      'a/b',
      'con',
      'x'.repeat(300),
      'a\n',
      'a-b',
    ]) {
      it(`no name: ${JSON.stringify(name).slice(0, 40)}`, async () => {
        const { workflows } = subject.open();
        await assert.rejects(workflows.save(workflow(name)), refused('usage', /cannot name a workflow/));
        assert.equal(await workflows.get(name), undefined);
        assert.equal(await workflows.delete(name), false);
        assert.deepEqual(await names(), []);
      });
    }

    it('no source that is not Unicode', async () => {
      const { workflows } = subject.open();
      await assert.rejects(
        workflows.save({ ...workflow('a'), source: '"\ud800"' }),
        refused('usage', /Unicode/),
      );
    });
  });

  describe('keeps embeddings', () => {
    const hash = (digit: string) => digit.repeat(64);

    it('by model and text', async () => {
      const { vectors } = subject.open();
      assert.deepEqual(await vectors.get('m', [hash('a')]), new Map());
      assert.deepEqual(await vectors.get('m', []), new Map());
      const some = new Map([
        [hash('a'), Float32Array.of(1, -0.5, 3.25)],
        [hash('b'), Float32Array.of(0, 1, 2)],
      ]);
      await vectors.put('https://x/ m:1', some);
      await vectors.put('other', new Map([[hash('a'), Float32Array.of(9, 9)]]));
      await vectors.put('other', new Map());
      const reopened = subject.open().vectors;
      assert.deepEqual(
        await reopened.get('https://x/ m:1', [hash('b'), hash('c'), hash('a')]),
        new Map([...some].reverse()),
      );
      assert.deepEqual(
        await reopened.get('other', [hash('a')]),
        new Map([[hash('a'), Float32Array.of(9, 9)]]),
      );
    });
  });
}
