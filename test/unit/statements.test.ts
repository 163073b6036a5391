import assert from 'node:assert/strict';
import { statementAt } from '../../src/core/python-source/statements.ts';

/** What a cursor on `line` means, with line numbers as an editor shows them. */
function at(source: string, line: number) {
  const { range, code, nextLine } = statementAt(source, line - 1);
  return {
    lines: range ? `${range.startLine + 1}-${range.endLine + 1}` : undefined,
    code,
    next: nextLine === undefined ? undefined : nextLine + 1,
  };
}

const PROGRAM = `import os

@decorated
@twice(
    1,
)
def f(x):
    """Doc
    string"""
    if x:
        y = 1

        z = 2
    elif x > 1:
        y = 3
    else:
        y = 4
    # almost done
    return y

for i in range(3):
    for j in range(3):
        if j: break
        total = (i +
                 j)
else:
    print('done')

try:
    a = 1; b = 2
except* ValueError as e:
    pass
except Exception:
    raise
finally:
    c = 3
async with x as y, \\
        z as w:
    await y
match a:
    case 1:
        b = 1
    case _:
        b = 2
if a: b = 1
else: b = 2
last = """
  kept
"""
`;

describe('the statement under the cursor', () => {
  it('is the line, and the next statement follows', () => {
    assert.deepEqual(at(PROGRAM, 1), { lines: '1-1', code: 'import os', next: 3 });
  });

  it('is the whole function on its decorators and its first line', () => {
    for (const line of [3, 4, 5, 6, 7]) assert.equal(at(PROGRAM, line).lines, '3-19', `line ${line}`);
    assert.equal(at(PROGRAM, 3).next, 21);
  });

  it('is the innermost statement inside a body, de-indented', () => {
    assert.deepEqual(at(PROGRAM, 11), { lines: '11-11', code: 'y = 1', next: 13 });
    assert.deepEqual(at(PROGRAM, 25), { lines: '24-25', code: 'total = (i +\n         j)', next: 29 });
  });

  it('keeps the content of a string when it de-indents', () => {
    assert.equal(at(PROGRAM, 9).code, '"""Doc\n    string"""');
  });

  it('is the whole compound statement on each of its clauses', () => {
    for (const line of [10, 14, 16]) assert.equal(at(PROGRAM, line).lines, '10-17', `line ${line}`);
    assert.match(at(PROGRAM, 16).code, /^if x:\n {4}y = 1\n\n {4}z = 2\nelif/u);
    for (const line of [21, 26]) assert.equal(at(PROGRAM, line).lines, '21-27', `line ${line}`);
    for (const line of [29, 31, 33, 35]) assert.equal(at(PROGRAM, line).lines, '29-36', `line ${line}`);
    for (const line of [37, 38]) assert.equal(at(PROGRAM, line).lines, '37-39', `line ${line}`);
    for (const line of [40, 41, 43]) assert.equal(at(PROGRAM, line).lines, '40-44', `line ${line}`);
    for (const line of [45, 46]) assert.equal(at(PROGRAM, line).lines, '45-46', `line ${line}`);
  });

  it('goes on after the compound statement, not into the other branch', () => {
    assert.equal(at(PROGRAM, 13).next, 19);
    assert.equal(at(PROGRAM, 30).next, 37);
    assert.equal(at(PROGRAM, 42).next, 45);
  });

  it('is the function for a return and the loop for a break, which Python refuses alone', () => {
    assert.equal(at(PROGRAM, 19).lines, '3-19');
    assert.equal(at('while x:\n    if y:\n        break\n', 3).lines, '1-3');
    assert.equal(at('return 1', 1).lines, '1-1');
  });

  it('runs all statements of a line together', () => {
    assert.equal(at(PROGRAM, 30).code, 'a = 1; b = 2');
  });

  it('is the line of a magic, also in a body and above a cell', () => {
    const source = 'import a\n%pip install "b\nif x:\n    !pip install c \\\n        d\n    y\nz';
    assert.deepEqual(at(source, 2), { lines: '2-2', code: '%pip install "b', next: 3 });
    assert.equal(at(source, 5).lines, '4-5');
    assert.deepEqual(at(source, 6), { lines: '6-6', code: 'y', next: 7 });
    assert.equal(at(source, 3).lines, '3-6');
  });

  it('is nothing on blank lines and comments, and the cursor goes on', () => {
    assert.deepEqual(at(PROGRAM, 2), { lines: undefined, code: '', next: 3 });
    assert.deepEqual(at(PROGRAM, 18), { lines: undefined, code: '', next: 19 });
    assert.deepEqual(at('x\n\n', 2), { lines: undefined, code: '', next: undefined });
    assert.deepEqual(at('', 1), { lines: undefined, code: '', next: undefined });
  });

  it('is the whole string wherever the cursor stands in it', () => {
    assert.deepEqual(at(PROGRAM, 48), { lines: '47-49', code: 'last = """\n  kept\n"""', next: undefined });
  });

  it('is not confused by names that JavaScript knows', () => {
    assert.equal(at('x = 1\nconstructor = 2\n__proto__ = 3\n', 2).lines, '2-2');
  });

  it('works on code that is broken', () => {
    assert.equal(at('x = (1,\ndef f():\n    return 1\n', 2).lines, '2-3');
    assert.equal(at('    x = 1\n  y = 2\nz = 3\n', 2).code, 'y = 2');
    assert.equal(at('else:\n    x\n', 2).code, 'x');
    assert.equal(at('@decorator\nx = 1\n', 2).lines, '2-2');
    assert.equal(at('@decorator', 1).lines, '1-1');
    assert.equal(at('if x:\n        a\n    b\nc', 3).code, 'b');
    assert.equal(at('x = """never closed\ny = 1', 2).lines, '1-2');
  });

  it('copes with very deep and very long sources', () => {
    const deep = Array.from({ length: 3000 }, (_, depth) => `${' '.repeat(depth)}if x:`).join('\n');
    assert.equal(at(deep, 3000).code, 'if x:');
    const long = 'x = 1\n'.repeat(50_000);
    const start = performance.now();
    assert.equal(at(long, 49_999).next, 50_000);
    assert.ok(performance.now() - start < 1000);
  });
});
