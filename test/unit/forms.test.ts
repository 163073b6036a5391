import assert from 'node:assert/strict';
import { isExpression } from '../../src/core/python-source/expression.ts';
import { readForm } from '../../src/ui/forms/fieldValue.ts';
import type { FieldType, FormField } from '../../src/ui/forms/formDescription.ts';

const field = (type: FieldType, more: Partial<FormField> = {}): FormField => ({
  name: 'x',
  type,
  description: '',
  required: true,
  default: '',
  ...more,
});

/** What a text means in a field of a type: `python | json`, or the error. */
function read(type: FieldType, text: string | null, more: Partial<FormField> = {}): string {
  const { values, errors } = readForm([field(type, more)], { x: text });
  const [value] = values;
  return value ? `${value.python} | ${value.json}` : (errors.x ?? 'unset');
}

describe('what is typed into a form', () => {
  it('is text as it stands', () => {
    assert.equal(
      read('string', ' a "b"\\\n😀\u0000'),
      '" a \\"b\\"\\\\\\n😀\\u0000" | " a \\"b\\"\\\\\\n😀\\u0000"',
    );
  });

  it('is an empty text or none', () => {
    assert.equal(read('string', ''), '"" | ""');
    assert.equal(read('string', '', { required: false }), '"" | ""');
    assert.equal(read('string', null, { required: false }), 'unset');
    assert.match(read('string', null), /^Write a text/);
  });

  it('is a whole number with all its digits', () => {
    const cases = {
      '10': '10 | 10',
      ' -12345678901234567890123 ': '-12345678901234567890123 | -12345678901234567890123',
      '+1_000': '1_000 | 1000',
      '007': '7 | 7',
      '000': '0 | 0',
      '-0': '-0 | -0',
      '0xff': '0xff | 255',
      '-0b11': '-0b11 | -3',
    };
    for (const [text, meaning] of Object.entries(cases)) assert.equal(read('integer', text), meaning, text);
    for (const text of ['1.5', 'ten', '1__0', '_1', '1 2', '0x', '--1', '１']) {
      assert.match(read('integer', text), /^Write a whole number/, text);
    }
  });

  it('is a number, written as it was typed', () => {
    const cases = {
      '2.50': '2.50 | 2.50',
      '10': '10 | 10',
      '.5': '0.5 | 0.5',
      '5.': '5.0 | 5',
      '-1e-3': '-1e-3 | -1e-3',
      '00.1': '0.1 | 0.1',
      '0.1234567890123456789': '0.1234567890123456789 | 0.1234567890123456789',
      '1_0.2_5': '10.25 | 10.25',
      '-inf': 'float("-inf") | undefined',
      NaN: 'float("NaN") | undefined',
    };
    for (const [text, meaning] of Object.entries(cases)) assert.equal(read('number', text), meaning, text);
    for (const text of ['.', 'e5', '1,5', '1e', '1.2.3'])
      assert.match(read('number', text), /^Write a number/, text);
  });

  it('is a truth that was chosen', () => {
    assert.equal(read('boolean', 'true'), 'True | true');
    assert.equal(read('boolean', 'false'), 'False | false');
    assert.equal(read('boolean', null, { required: false }), 'unset');
    assert.equal(read('boolean', null), 'Choose True or False.');
  });

  it('is JSON, of which Python gets every digit and character', () => {
    const text = '[1, 12345678901234567890, 0.10, true, null, "true \\" \\/ \\ud83d\\ude00", {"a": false}]';
    assert.equal(
      read('array', text),
      `[1, 12345678901234567890, 0.10, True, None, "true \\" / 😀", {"a": False}] | ${text}`,
    );
    assert.equal(read('object', '{"a": []}'), '{"a": []} | {"a": []}');
    assert.match(read('object', '[]'), /^Write an object as JSON/);
    assert.match(read('array', "['a']"), /^Write a list as JSON, such as \["a", 1\]\. .+/);
    assert.equal(read('array', ' ', { required: false }), 'unset');
  });

  it('is a Python expression where anything can be given', () => {
    assert.equal(read('any', '{"a": 1}'), '{"a": 1} | {"a": 1}');
    assert.equal(read('any', 'Path("a")'), 'Path("a") | undefined');
    assert.equal(read('any', '10'), '10 | 10');
    assert.match(read('any', 'a b'), /^Write a Python expression/);
  });

  it('is told in the order of the fields, errors beside them', () => {
    const fields = [
      field('integer', { name: 'b' }),
      field('string', { name: 'a' }),
      field('integer', { name: 'c' }),
    ];
    const { values, errors } = readForm(fields, { a: 'x', b: '1', other: '2' });
    assert.deepEqual(
      values.map(({ name }) => name),
      ['b', 'a'],
    );
    assert.deepEqual(errors, { c: 'This is needed.' });
  });
});

describe('one Python expression', () => {
  it('is told from anything else', () => {
    const expressions = [
      '1',
      'a.b(c, d=1)[2]',
      '[x for x in y]',
      'lambda: 1',
      '"a" "b"',
      `"a" 'b'`,
      '(1,\n 2)',
      'x if y else z',
      'await f()',
      '1 # one',
      '{**a}',
      '-1',
      'a\n+ b',
      "f'{x}'",
    ];
    for (const text of expressions) assert.ok(isExpression(text), text);
    const others = [
      '',
      ' ',
      '# one',
      '1, b=2',
      '1)',
      '(1',
      '1); import os; f(1',
      'a = 1',
      '1\n2',
      'import os',
      '*a',
      'x for x in y',
      '"a',
      '1,',
      'pass',
      'f(',
      'b=1',
      '1) + f(x=1',
      '1;2',
    ];
    for (const text of others) assert.ok(!isExpression(text), text);
  });
});
