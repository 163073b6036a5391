import assert from 'node:assert/strict';
import { Capability } from '../../../src/core/contract/capability.ts';
import { CodeModeError } from '../../../src/core/contract/errors.ts';
import { assertOk, assertUsable, type Subject } from '../support/subject.ts';

const NAMESPACES = ['tools', 'workflows', 'artifacts', 'deps'];

/** What lives on between runs, and what `reset` does. */
export function describeState(subject: Subject): void {
  describe('state', () => {
    it('lives on between runs: variables, functions, classes, imports', async () => {
      assertOk(await subject.run('import math\ncount = 1\ndef double(n): return n * 2\nclass Point: x = 7'));
      assertOk(await subject.run('count += 1'));
      const result = await subject.run('[count, double(count), Point.x, math.floor(2.5)]');
      assert.deepEqual(result.value, [2, 4, 7, 2]);
    });

    it('of a run that failed is kept up to where it failed', async () => {
      await subject.run('before_failure = 1\nraise ValueError\nafter_failure = 1');
      const result = await subject.run('["before_failure" in globals(), "after_failure" in globals()]');
      assert.deepEqual(result.value, [true, false]);
    });

    it('is a module called __main__, so that classes can be pickled', async () => {
      assert.equal((await subject.run('__name__')).value, '__main__');
      const result = await subject.run(
        'import pickle\nclass Pickled:\n    def __init__(self): self.n = 5\npickle.loads(pickle.dumps(Pickled())).n',
      );
      assertOk(result);
      assert.equal(result.value, 5);
    });

    it('holds the four namespaces', async () => {
      const result = await subject.run(
        `[name for name in ${JSON.stringify(NAMESPACES)} if name in globals()]`,
      );
      assert.deepEqual(result.value, NAMESPACES);
    });

    it('is cleared by reset, which keeps the four namespaces', async function () {
      subject.require(this, Capability.RESET);
      const executor = await subject.fresh();
      await executor.run('secret = 1\ntools = None\ndel workflows');
      await executor.reset();
      const result = await executor.run(
        `["secret" in globals(), [n for n in ${JSON.stringify(NAMESPACES)} if globals().get(n) is None]]`,
      );
      assertOk(result);
      assert.deepEqual(result.value, [false, []]);
    });

    it('is cleared by a reset in its turn, after the runs that wait', async function () {
      subject.require(this, Capability.RESET);
      const executor = await subject.fresh();
      const first = executor.run('kept_until_reset = 1');
      const second = executor.run('kept_until_reset');
      const reset = executor.reset();
      const third = executor.run('"kept_until_reset" in globals()');
      assertOk(await first);
      assert.equal((await second).value, 1);
      await reset;
      assert.equal((await third).value, false);
    });

    it('can be reset twice, and before anything ran', async function () {
      subject.require(this, Capability.RESET);
      const executor = await subject.fresh();
      await executor.reset();
      await executor.reset();
      await assertUsable(executor);
    });

    it('is refused a reset where that is not declared', async function () {
      if (subject.shared.supports(Capability.RESET)) this.skip();
      await assert.rejects(subject.shared.reset(), (error) => CodeModeError.is(error, 'unsupported'));
    });

    it('is gone after a restart', async () => {
      const executor = await subject.fresh();
      await executor.run('gone = 1');
      await executor.restart();
      assert.equal((await executor.run('"gone" in globals()')).value, false);
      assert.equal((await executor.run('1')).executionCount, 2);
    });

    it('counts runs from one', async () => {
      const executor = await subject.fresh();
      assert.equal((await executor.run('1')).executionCount, 1);
      assert.equal((await executor.run('1 / 0')).executionCount, 2);
      assert.equal((await executor.run('syntax error')).executionCount, 3);
    });
  });
}
