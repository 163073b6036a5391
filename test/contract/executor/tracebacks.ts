import assert from 'node:assert/strict';
import type { RunOptions } from '../../../src/core/contract/execution.ts';
import type { Subject } from '../support/subject.ts';

/** Tracebacks: the user's own file, lines and code, and nothing of ours. */
export function describeTracebacks(subject: Subject): void {
  async function traceback(code: string, options: RunOptions = {}): Promise<string> {
    return (await subject.run(code, options)).error?.traceback ?? '';
  }

  describe('a traceback', () => {
    it('names the file that the code comes from, its lines and their text', async () => {
      const text = await traceback('def fail():\n    return 1 / 0\n\nfail()', {
        origin: { filename: '/home/someone/script.py', firstLine: 1 },
      });
      assert.match(text, /File "\/home\/someone\/script\.py", line 4, in <module>\n {4}fail\(\)/);
      assert.match(text, /File "\/home\/someone\/script\.py", line 2, in fail\n {4}return 1 \/ 0/);
      assert.match(text, /ZeroDivisionError: division by zero\n?$/);
    });

    it('counts from the line of the file that the code begins at', async () => {
      const text = await traceback('x = 1\nraise ValueError', {
        origin: { filename: 'long.py', firstLine: 40 },
      });
      assert.match(text, /File "long\.py", line 41, in <module>\n {4}raise ValueError/);
    });

    it('of a syntax error names file, line and text', async () => {
      const text = await traceback('ok = 1\nbad = = 2', { origin: { filename: 'broken.py', firstLine: 10 } });
      assert.match(text, /File "broken\.py", line 11\n {4}bad = = 2\n/);
      assert.match(text, /SyntaxError: invalid syntax/);
    });

    it('of a syntax error in code that can be parsed shows the line, too', async () => {
      assert.match(
        await traceback('def outer():\n    nonlocal nowhere'),
        /line 2\n {4}nonlocal nowhere\n[\s\S]*SyntaxError: no binding/,
      );
      assert.match(
        await traceback('ok = 1\n\nreturn ok'),
        /line 3\n {4}return ok\n[\s\S]*SyntaxError: 'return' outside function/,
      );
    });

    it('goes through the code of several runs, each with its own name', async () => {
      await subject.run('\ndef from_first():\n    raise KeyError("first")', {
        origin: { filename: 'first.py', firstLine: 1 },
      });
      const text = await traceback('from_first()', { origin: { filename: 'second.py', firstLine: 7 } });
      assert.match(text, /File "second\.py", line 7, in <module>\n {4}from_first\(\)/);
      assert.match(text, /File "first\.py", line 3, in from_first\n {4}raise KeyError\("first"\)/);
    });

    it('of two runs of the same file shows the lines that each had', async () => {
      await subject.run('def old(): raise ValueError("old text")', {
        origin: { filename: 'same.py', firstLine: 1 },
      });
      await subject.run('# a line further down', { origin: { filename: 'same.py', firstLine: 5 } });
      assert.match(
        await traceback('old()', { origin: { filename: 'other.py', firstLine: 1 } }),
        /line 1, in old\n {4}.*raise ValueError/,
      );
    });

    it('marks the place in a line, the last one too, where this Python marks places', async () => {
      assert.match(
        await traceback('value = 1 / 0'),
        /\n {4}value = 1 \/ 0\n(?: {12}~~\^~~\n)?ZeroDivisionError/,
      );
    });

    it('counts lines as Python does, whatever characters are in them', async () => {
      const text = await traceback('text = "a\u2028b\fc\x85d"\r\nvalue = 1 / 0\r\n# the end');
      assert.match(text, /line 2, in <module>\n {4}value = 1 \/ 0\n/);
    });

    it('shows causes', async () => {
      const text = await traceback(
        'try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise ValueError("outer") from error',
      );
      assert.match(text, /ZeroDivisionError[\s\S]*direct cause[\s\S]*ValueError: outer/);
    });

    it('shows nothing of what runs the code', async () => {
      for (const code of [
        '1 / 0',
        'import asyncio\nawait asyncio.sleep(0)\n1 / 0',
        'def',
        'class B:\n    def __repr__(self): 1 / 0\nB()',
      ]) {
        assert.doesNotMatch(await traceback(code), /code_mode|runner\.py|_pyodide/, code);
      }
    });

    it('names code without an origin by a label', async () => {
      assert.match(await traceback('1 / 0'), /File "[^"]+", line 1, in <module>\n {4}1 \/ 0/);
    });

    it('of an endless recursion is short', async () => {
      const text = await traceback('def again(): again()\nagain()');
      assert.ok(text.length < 5000, `${text.length} characters`);
      assert.match(text, /repeated \d+ more times/);
    });

    it('of a file with odd characters in its name is right', async () => {
      const filename = 'C:\\Users\\Zoë\\my "script" 🌍.py';
      assert.ok((await traceback('1 / 0', { origin: { filename, firstLine: 1 } })).includes(filename));
    });

    it('is of code that knows its file only while it has one', async () => {
      const origin = { filename: '/project/analysis.py', firstLine: 1 };
      assert.equal((await subject.run('__file__', { origin })).value, origin.filename);
      assert.equal((await subject.run('globals().get("__file__")')).value, null);
    });
  });
}
