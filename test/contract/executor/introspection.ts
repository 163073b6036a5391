import assert from 'node:assert/strict';
import { type Subject, startRun } from '../support/subject.ts';

/** Completion, inspection and the list of variables. */
export function describeIntrospection(subject: Subject): void {
  describe('introspection', () => {
    it('completes names, attributes and modules of the session', async () => {
      await subject.run('unmistakable_name = "text"');
      const names = await subject.shared.complete('unmis', 5);
      assert.deepEqual([names.start, names.end], [0, 5]);
      assert.ok(names.items.some((item) => item.text === 'unmistakable_name'));
      const attributes = await subject.shared.complete('unmistakable_name.upp', 21);
      assert.ok(attributes.items.some((item) => item.text === 'upper' && attributes.start === 18));
    });

    it('counts the cursor in UTF-16 code units', async () => {
      await subject.run('unmistakable_name = "text"');
      const code = 'x = "🌍🌍"; unmis';
      const { start, end, items } = await subject.shared.complete(code, code.length);
      assert.equal(code.slice(start, end), 'unmis');
      assert.ok(items.some((item) => item.text === 'unmistakable_name'));
    });

    it('completes nothing, quickly, while code runs', async () => {
      const executor = await subject.fresh();
      const { result } = await startRun(executor, 'while True: pass');
      assert.deepEqual((await executor.complete('pri', 3)).items, []);
      await executor.interrupt();
      await result;
    });

    it('survives code that is broken or far from a name', async () => {
      for (const [code, cursor] of [
        ['', 0],
        ['((((', 4],
        ['"unclosed', 9],
        ['x.', 2],
        ['1 +', 3],
        ['a', 500],
        ['abc', -1],
      ] as const) {
        assert.ok(Array.isArray((await subject.shared.complete(code, cursor)).items), code);
        await subject.shared.inspect(code, cursor);
      }
    });

    it('inspects what is under the cursor', async () => {
      await subject.run(
        'def greet(name: str, times: int = 1) -> str:\n    """Greets someone."""\n    return name * times',
      );
      const inspection = await subject.shared.inspect('greet("x")', 3);
      assert.equal(inspection?.name, 'greet');
      assert.equal(inspection?.type, 'function');
      assert.match(inspection?.signature ?? '', /name: str, times: int = 1/);
      assert.match(inspection?.documentation ?? '', /Greets someone\./);
    });

    it('knows nothing of a name that is not there', async () => {
      assert.equal(await subject.shared.inspect('certainly_not_there', 3), null);
    });

    it('lists the variables without the namespaces, with a bounded text', async () => {
      const executor = await subject.fresh();
      await executor.run(
        'number = 5\nitems = list(range(100_000))\nimport os\nclass Broken:\n    def __repr__(self): raise ValueError\nbroken = Broken()',
      );
      const variables = await executor.variables();
      const byName = new Map(variables.map((variable) => [variable.name, variable]));
      assert.deepEqual([byName.get('number')?.type, byName.get('number')?.value], ['int', '5']);
      assert.equal(byName.get('items')?.type, 'list');
      assert.match(byName.get('items')?.size ?? '', /100,?000/);
      assert.ok((byName.get('items')?.value.length ?? 0) < 10_000);
      assert.ok(byName.has('broken'));
      for (const hidden of ['tools', 'workflows', 'artifacts', 'deps', '__name__', '__builtins__']) {
        assert.ok(!byName.has(hidden), hidden);
      }
    });

    it('runs no code of attributes while it looks', async () => {
      await subject.run(
        'touched = []\nclass Careful:\n    @property\n    def danger(self):\n        touched.append(1)\n        return 1\ncareful = Careful()',
      );
      await subject.shared.complete('careful.', 8);
      await subject.shared.variables();
      assert.deepEqual((await subject.run('touched')).value, []);
    });
  });
}
