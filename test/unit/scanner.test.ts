import assert from 'node:assert/strict';
import { scan } from '../../src/core/python-source/scanner.ts';

/** The logical lines as `first-last`, 1-based. */
function ranges(text: string): string[] {
  return scan(text).logicalLines.map(({ startLine, endLine }) => `${startLine + 1}-${endLine + 1}`);
}

describe('scanning Python source', () => {
  it('ends a logical line with its physical line', () => {
    assert.deepEqual(ranges('a = 1\n\n# nothing\nb = 2\n'), ['1-1', '4-4']);
  });

  it('goes on inside brackets and after a backslash', () => {
    assert.deepEqual(ranges('f(\n  1,\n\n  2)\nx = 1 + \\\n  2\ny'), ['1-4', '5-6', '7-7']);
  });

  it('goes on inside triple-quoted strings with every prefix', () => {
    for (const prefix of ['', 'r', 'b', 'Rb', 'bR', 'f', 'rf', 'u', 't', 'tr']) {
      for (const quote of ['"""', "'''"]) {
        assert.deepEqual(
          ranges(`x = ${prefix}${quote}\n# not a comment (\n${quote}\ny`),
          ['1-3', '4-4'],
          prefix + quote,
        );
      }
    }
  });

  it('takes brackets, quotes and hashes in strings and comments for what they are', () => {
    assert.deepEqual(ranges('a = "("\nb = \'#\' + "\\"("\nc # (\nd = r"\\"\n"""\ne"""'), [
      '1-1',
      '2-2',
      '3-3',
      '4-4',
      '5-6',
    ]);
  });

  it('follows f-strings into their replacement fields', () => {
    assert.deepEqual(ranges('f"{x["(" ]}"\ny'), ['1-1', '2-2']);
    assert.deepEqual(ranges('f"{x!r:>{width}} {{ ("\ny'), ['1-1', '2-2']);
    assert.deepEqual(ranges('f"{\n  x\n}"\ny'), ['1-3', '4-4']);
    assert.deepEqual(ranges('f"\\N{LEFT PARENTHESIS} {x}"\ny'), ['1-1', '2-2']);
    assert.deepEqual(ranges("f'''{f'{1:{2}}'}\n'''\ny"), ['1-2', '3-3']);
    assert.deepEqual(ranges('f"{d[1:2]:%H:%M}"\ny'), ['1-1', '2-2']);
  });

  it('continues a plain string only after a backslash', () => {
    assert.deepEqual(ranges("x = 'a \\\n  import b'\ny"), ['1-2', '3-3']);
    assert.deepEqual(ranges("x = 'broken\ny = 1"), ['1-1', '2-2']);
    assert.deepEqual(ranges('x = f"{a:broken\ny = 1'), ['1-1', '2-2']);
  });

  it('takes a statement for the end of brackets that nobody closed', () => {
    assert.deepEqual(ranges('x = (1,\n\ndef f():\n  pass'), ['1-1', '3-3', '4-4']);
    assert.deepEqual(ranges('x = [\n a for a in b\n if a\n]\ny'), ['1-4', '5-5']);
    assert.deepEqual(ranges('x = (a\n  @ b)\ny'), ['1-2', '3-3']);
  });

  it('takes a line such as %pip for a statement of its own, whatever stands in it', () => {
    assert.deepEqual(ranges('%pip install "a\n!pip install (b\nif x:\n    %uv pip list # it\'s\ny'), [
      '1-1',
      '2-2',
      '3-3',
      '4-4',
      '5-5',
    ]);
    assert.deepEqual(ranges('%pip install a \\\n  b \\\n  "c\nx'), ['1-3', '4-4']);
    assert.deepEqual(ranges('%matplotlib inline\\'), ['1-1']);
    assert.deepEqual(
      scan('%pip list\n!ls\nx %y\n!= 3\n% y').logicalLines.map(({ keyword }) => keyword),
      ['%', '%', 'x', '', ''],
    );
  });

  it('takes what begins like it inside strings, brackets and after a backslash for what it is', () => {
    assert.deepEqual(ranges('x = """\n%pip (\n"""\ny'), ['1-3', '4-4']);
    assert.deepEqual(ranges('x = (1\n%pip)\ny'), ['1-2', '3-3']);
    assert.deepEqual(ranges('x = 1 \\\n%pip [\n2]\ny'), ['1-3', '4-4']);
  });

  it('counts indentation as Python does', () => {
    assert.deepEqual(
      scan('a\n  b\n\tc\n  \td').logicalLines.map(({ indent }) => indent),
      [0, 2, 8, 8],
    );
  });

  it('knows all line ends', () => {
    assert.deepEqual(ranges('a\r\nb\rc\nd'), ['1-1', '2-2', '3-3', '4-4']);
  });

  it('ends for whatever it is given', () => {
    const pieces = [
      '"""',
      "'",
      '"',
      'f"',
      '{',
      '}',
      '(',
      ')',
      '\\',
      '\n',
      '#',
      ':',
      'x',
      ' ',
      'rb',
      '@',
      'def ',
    ];
    let seed = 1;
    for (let round = 0; round < 2000; round += 1) {
      let text = '';
      for (let length = 0; length < 40; length += 1) {
        seed = (seed * 48271) % 2147483647;
        text += pieces[seed % pieces.length];
      }
      const { starts, lines, logicalLines } = scan(text);
      assert.equal(starts.length, lines.length);
      for (const [index, line] of logicalLines.entries()) {
        assert.ok(line.startLine <= line.endLine);
        assert.ok(line.startLine > (logicalLines[index - 1]?.endLine ?? -1));
      }
    }
  });
});
