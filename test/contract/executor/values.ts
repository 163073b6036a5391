import assert from 'node:assert/strict';
import { assertOk, assertUsable, type Subject } from '../support/subject.ts';

/** Python expressions with the JSON that they are. */
const JSON_VALUES: readonly (readonly [string, unknown])[] = [
  ['1 + 1', 2],
  ['True', true],
  ['"text"', 'text'],
  ['""', ''],
  ['0.1 + 0.2', 0.1 + 0.2],
  ['5e-324', 5e-324],
  ['1.7976931348623157e308', 1.7976931348623157e308],
  ['-0.0', -0],
  ['2**53 - 1', Number.MAX_SAFE_INTEGER],
  ['-(2**53) + 1', Number.MIN_SAFE_INTEGER],
  ['[]', []],
  ['{}', {}],
  ['[1, [2, [3, None]], {"a": [True, False]}]', [1, [2, [3, null]], { a: [true, false] }]],
  ['{"key with \\"quotes\\"": "\\\\ \\n \\t"}', { 'key with "quotes"': '\\ \n \t' }],
  ['"\\x00\\x1f\\x7f\\u2028\\u2029"', '\x00\x1f\x7f\u2028\u2029'],
  ['"grüße, 世界 🌍 \\U0001F468\\u200D\\U0001F469"', 'grüße, 世界 🌍 👨‍👩'],
  ['"\\ud800"', '\ud800'],
  ['{"": 0, "é": 1, "__proto__": 2}', JSON.parse('{"": 0, "é": 1, "__proto__": 2}')],
];

/** Python expressions that JSON would turn into something else, with their `repr`. */
const REPR_VALUES: readonly (readonly [string, string])[] = [
  ['(1, 2)', '(1, 2)'],
  ['{3}', '{3}'],
  ['float("nan")', 'nan'],
  ['float("inf")', 'inf'],
  ['[float("-inf")]', '[-inf]'],
  ['2**53', '9007199254740992'],
  ['-(2**53)', '-9007199254740992'],
  ['[10**30]', '[1000000000000000000000000000000]'],
  ['{1: "a"}', "{1: 'a'}"],
  ['{"a": {None: 1}}', "{'a': {None: 1}}"],
  ['{"a": (1,)}', "{'a': (1,)}"],
  ['b"bytes"', "b'bytes'"],
  ['1 + 2j', '(1+2j)'],
  ['range(3)', 'range(0, 3)'],
  ['...', 'Ellipsis'],
  ['int', "<class 'int'>"],
];

/** What `value` and `valueIsRepr` are. */
export function describeValues(subject: Subject): void {
  describe('the value', () => {
    it('is that of a last expression', async () => {
      const result = await subject.run('first = 20\nfirst + 1\nfirst + 2');
      assertOk(result);
      assert.equal(result.value, 22);
    });

    for (const code of ['x = 1', 'None', 'pass', '', '# nothing', 'def f(): return 1', 'import os']) {
      it(`is null for ${JSON.stringify(code)}`, async () => {
        const result = await subject.run(code);
        assertOk(result);
        assert.equal(result.value, null);
        assert.equal(result.valueIsRepr, false);
      });
    }

    for (const [code, value] of JSON_VALUES) {
      it(`of ${code} is JSON and comes through unchanged`, async () => {
        const result = await subject.run(code);
        assertOk(result);
        assert.deepStrictEqual(result.value, value);
        assert.equal(result.valueIsRepr, false);
      });
    }

    for (const [code, repr] of REPR_VALUES) {
      it(`of ${code} is its repr, and says so`, async () => {
        const result = await subject.run(code);
        assertOk(result);
        assert.equal(result.value, repr);
        assert.equal(result.valueIsRepr, true);
      });
    }

    it('of an object without a repr of its own is the default one', async () => {
      const result = await subject.run('class Plain: pass\nPlain()');
      assert.match(String(result.value), /^<__main__\.Plain object at 0x/);
      assert.equal(result.valueIsRepr, true);
    });

    it('of a list that holds itself is its repr', async () => {
      const result = await subject.run('loop = []\nloop.append(loop)\nloop');
      assertOk(result);
      assert.equal(result.value, '[[...]]');
      assert.equal(result.valueIsRepr, true);
    });

    it('of a subclass of str, int, list or dict is its repr: JSON would lose the class', async () => {
      const result = await subject.run('class Name(str):\n    def __repr__(self): return "Name!"\nName("x")');
      assertOk(result);
      assert.deepEqual([result.value, result.valueIsRepr], ['Name!', true]);
    });

    it('that is nested far too deeply leaves the session usable', async () => {
      await subject.run('deep = []\nfor _ in range(100_000): deep = [deep]\ndeep');
      await assertUsable(subject.shared);
      await subject.run('globals().pop("deep", None) and None');
    });

    it('may be a string of 50 MB', async () => {
      const result = await subject.run('"start" + "x" * 50_000_000 + "end"');
      assertOk(result);
      assert.ok(typeof result.value === 'string');
      assert.equal(result.value.length, 50_000_008);
      assert.ok(result.value.startsWith('startxxx') && result.value.endsWith('xxxend'));
      await assertUsable(subject.shared);
    });

    it('may be a list of a million items', async () => {
      const result = await subject.run('list(range(1_000_000))');
      assertOk(result);
      assert.ok(Array.isArray(result.value));
      assert.equal(result.value.length, 1_000_000);
      assert.equal(result.value[999_999], 999_999);
    });

    it('whose repr raises makes the run an error and leaves the session usable', async () => {
      const result = await subject.run(
        'class Broken:\n    def __repr__(self): raise ValueError("no repr today")\nBroken()',
      );
      assert.equal(result.status, 'error');
      assert.equal(result.error?.type, 'ValueError');
      assert.equal(result.error?.message, 'no repr today');
      assert.equal(result.value, null);
      await assertUsable(subject.shared);
    });

    it('whose repr is no string makes the run an error', async () => {
      const result = await subject.run('class Odd:\n    def __repr__(self): return 1\nOdd()');
      assert.equal(result.error?.type, 'TypeError');
    });

    it('is null where the run fails', async () => {
      const result = await subject.run('1 / 0');
      assert.equal(result.value, null);
      assert.equal(result.valueIsRepr, false);
    });
  });
}
