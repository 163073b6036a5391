import assert from 'node:assert/strict';
import type { ExecutionResult } from '../../src/core/contract/execution.ts';
import { trackLines } from '../../src/ui/editor/lineTracker.ts';
import { errorText, failingLine, lastLine, oneLine, pythonText } from '../../src/ui/editor/pythonText.ts';

describe('a value in one line', () => {
  it('is written as Python writes it', () => {
    assert.equal(
      pythonText([null, true, 1.5, 'it\'s "x"\n', { a: [] }]),
      "[None, True, 1.5, 'it\\'s \"x\"\\n', {'a': []}]",
    );
    assert.equal(pythonText("it's"), '"it\'s"');
  });

  it('is not written out beyond its limit', () => {
    const text = pythonText(
      Array.from({ length: 1_000_000 }, (_, index) => index),
      100,
    );
    assert.ok(text.length < 120);
    assert.ok(text.endsWith('…'));
  });

  it('has no line breaks and no more than its limit', () => {
    assert.equal(oneLine('  a\n   b\tc\u0000d ', 20), 'a b c d');
    assert.equal(oneLine("'a  b'", 20), "'a  b'");
    assert.equal(oneLine('x'.repeat(50), 10), `${'x'.repeat(9)}…`);
    assert.equal([...oneLine('😀'.repeat(50), 10)].length, 10);
    assert.equal(oneLine(`a${' '.repeat(10_000_000)}`, 10).length <= 10, true);
  });
});

describe('the last line of a text', () => {
  it('is the last that is not blank', () => {
    assert.equal(lastLine('a\n  b\n\n \n'), '  b');
    assert.equal(lastLine('a'), 'a');
    assert.equal(lastLine(' \n\n'), '');
  });
});

describe('an error in one line', () => {
  const result = (error: ExecutionResult['error'], status: ExecutionResult['status']) =>
    ({ error, status }) as ExecutionResult;

  it('is the exception, or how the run ended', () => {
    assert.equal(
      errorText(result({ type: 'KeyError', message: "'a'", traceback: '' }, 'error')),
      "KeyError: 'a'",
    );
    const interrupt = { type: 'KeyboardInterrupt', message: '', traceback: '' };
    assert.equal(errorText(result(interrupt, 'interrupted')), 'KeyboardInterrupt');
    assert.equal(errorText(result(null, 'died')), 'Python ended while this ran');
    assert.equal(errorText(result(null, 'ok')), '');
  });

  it('belongs to the last line of the file that it passed', () => {
    const traceback = [
      'Traceback (most recent call last):',
      '  File "/w/a.py", line 9, in <module>',
      '  File "/w/a.py", line 3, in f',
      '  File "/lib/json.py", line 300, in loads',
      'ValueError: no',
    ].join('\n');
    assert.equal(failingLine(traceback, '/w/a.py'), 3);
    assert.equal(failingLine(traceback, '/w/b.py'), undefined);
  });
});

describe('the lines of a value', () => {
  const lines = { startLine: 5, endLine: 6, endLength: 4 };
  const edit = (from: [number, number], to: [number, number], text: string) =>
    trackLines(lines, {
      range: {
        start: { line: from[0], character: from[1] },
        end: { line: to[0], character: to[1] },
      },
      text,
    });
  const moved = (by: number) => ({ ...lines, startLine: 5 + by, endLine: 6 + by });

  it('move with what is edited above', () => {
    assert.deepEqual(edit([2, 0], [2, 3], 'a\nb\r\nc'), moved(2));
    assert.deepEqual(edit([2, 0], [4, 1], ''), moved(-2));
    assert.deepEqual(edit([4, 0], [5, 0], ''), moved(-1));
    assert.deepEqual(edit([5, 0], [5, 0], '# note\n'), moved(1));
  });

  it('stay where the edit is below, or a line break at their end', () => {
    assert.deepEqual(edit([7, 0], [9, 0], ''), lines);
    assert.deepEqual(edit([6, 4], [6, 4], '\n    '), lines);
  });

  it('are gone when they are edited themselves', () => {
    assert.equal(edit([6, 4], [6, 4], 'x'), undefined);
    assert.equal(edit([5, 0], [5, 0], 'x'), undefined);
    assert.equal(edit([5, 2], [5, 2], '\n'), undefined);
    assert.equal(edit([6, 2], [6, 2], '\n'), undefined);
    assert.equal(edit([4, 0], [8, 0], ''), undefined);
  });
});
