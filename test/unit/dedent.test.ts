import assert from 'node:assert/strict';
import { dedent } from '../../src/core/python-source/dedent.ts';
import { joinSelections } from '../../src/core/python-source/selection.ts';

describe('de-indenting', () => {
  it('takes the shared indentation from statements, comments and brackets', () => {
    assert.equal(
      dedent('    a = 1\n\n      # note\n    b = [\n  1,\n        2]'),
      'a = 1\n\n  # note\nb = [\n1,\n    2]',
    );
  });

  it('leaves the content of strings alone', () => {
    assert.equal(dedent('  x = """\n  a\n b"""\n  y'), 'x = """\n  a\n b"""\ny');
  });

  it('does not mix up tabs and spaces', () => {
    assert.equal(dedent('\ta\n\t\tb'), 'a\n\tb');
    assert.equal(dedent('\ta\n        b'), '\ta\n        b');
  });

  it('leaves code alone that is not indented', () => {
    assert.equal(dedent('if x:\n    y'), 'if x:\n    y');
    assert.equal(dedent(''), '');
  });
});

describe('several selections', () => {
  it('run as one, in the order of the file, with the lines of the file', () => {
    const joined = joinSelections([
      { text: '    b = 2\n', startLine: 6 },
      { text: 'a = 1', startLine: 3 },
    ]);
    assert.deepEqual(joined, { code: 'a = 1\n\n\nb = 2', startLine: 3 });
  });

  it('do not become a page of blank lines', () => {
    const joined = joinSelections([
      { text: 'a', startLine: 0 },
      { text: 'b', startLine: 500 },
    ]);
    assert.deepEqual(joined, { code: 'a\nb', startLine: undefined });
  });

  it('run one after the other from the same line', () => {
    assert.deepEqual(
      joinSelections([
        { text: 'a', startLine: 2 },
        { text: 'b', startLine: 2 },
      ]),
      { code: 'a\nb', startLine: undefined },
    );
  });

  it('are nothing where they are blank', () => {
    assert.deepEqual(joinSelections([{ text: ' \n', startLine: 2 }]), { code: '', startLine: undefined });
  });
});
