import assert from 'node:assert/strict';
import { colorTraceback } from '../../src/ui/outputs/traceback.ts';

const plain = (text: string) => text.replace(/\x1b\[[0-9;]*m/g, '');

const ZERO = `Traceback (most recent call last):
  File "Cell In[3]", line 4, in <module>
    f(1)
    ~^^^
  File "Cell In[2]", line 2, in f
    return 1 / (x - 1)
           ~~^~~~~~~~~
ZeroDivisionError: division by zero
`;

describe('a coloured traceback', () => {
  it('says what the plain one says, with the places as the editor links them', () => {
    assert.equal(
      plain(colorTraceback(ZERO)),
      `Traceback (most recent call last):
Cell In[3], line 4
--> 4 f(1)
      ~^^^
Cell In[2], line 2
  in f
--> 2 return 1 / (x - 1)
             ~~^~~~~~~~~

ZeroDivisionError: division by zero`,
    );
  });

  it('colours places, functions, carets, and the exception in bold red', () => {
    const coloured = colorTraceback(ZERO);
    assert.ok(coloured.includes('\x1b[32mCell In[3]\x1b[0m, line 4'));
    assert.ok(coloured.includes('in \x1b[36mf\x1b[0m'));
    assert.ok(coloured.includes('\x1b[32m--> 2 \x1b[0m'));
    assert.ok(coloured.includes('\x1b[1;31m           ~~^~~~~~~~~\x1b[0m'));
    assert.ok(coloured.includes('return \x1b[31m1 / (x - 1)\x1b[0m'));
    assert.ok(coloured.includes('\x1b[1;31mZeroDivisionError\x1b[0m: division by zero'));
  });

  it('writes files as links and leaves labels alone', () => {
    const text = colorTraceback(
      'Traceback (most recent call last):\n  File "/home/me/a b.py", line 7, in g\n    h()\n' +
        '  File "C:\\me\\x.py", line 8, in h\n  File "<string>", line 1, in <module>\nmodule.Wrong',
    );
    assert.equal(
      plain(text),
      'Traceback (most recent call last):\nFile /home/me/a b.py:7\n  in g\n--> 7 h()\n' +
        'File C:\\me\\x.py:8\n  in h\nFile "<string>", line 1\n\nmodule.Wrong',
    );
    assert.ok(text.endsWith('\x1b[1;31mmodule.Wrong\x1b[0m'));
  });

  it('knows chained exceptions', () => {
    const chained = `${ZERO}
During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "Cell In[3]", line 6, in <module>
    raise ValueError("x") from error
ValueError: x

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "Cell In[3]", line 8, in <module>
RuntimeError
`;
    const coloured = colorTraceback(chained);
    for (const type of ['ZeroDivisionError', 'ValueError', 'RuntimeError']) {
      assert.ok(coloured.includes(`\x1b[1;31m${type}\x1b[0m`), type);
    }
    assert.ok(coloured.includes('\x1b[33mDuring handling of'));
    assert.ok(coloured.includes('\x1b[33mThe above exception'));
  });

  it('knows syntax errors', () => {
    const coloured = colorTraceback(
      '  File "Cell In[1]", line 2\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n',
    );
    assert.equal(
      plain(coloured),
      'Cell In[1], line 2\n--> 2 x = = 1\n          ^\n\nSyntaxError: invalid syntax',
    );
    assert.ok(coloured.includes('\x1b[1;31m        ^\x1b[0m'));
  });

  it('leaves messages of several lines as they are, even where they look like a traceback', () => {
    const message = 'first\nOther: second\n  File "Cell In[9]", line 1, in x\n\n12 thirds';
    const coloured = colorTraceback(
      `Traceback (most recent call last):\n  File "Cell In[1]", line 1, in <module>\nValueError: ${message}\n`,
    );
    assert.ok(coloured.endsWith(`\x1b[1;31mValueError\x1b[0m: ${message}`));
  });

  it('knows exception groups', () => {
    const group = `  + Exception Group Traceback (most recent call last):
  |   File "Cell In[1]", line 1, in <module>
  |     raise ExceptionGroup("two", [ValueError(1), OSError(2)])
  | ExceptionGroup: two (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: 1
    +---------------- 2 ----------------
    | OSError: 2
    +------------------------------------
`;
    const coloured = colorTraceback(group);
    for (const type of ['ExceptionGroup', 'ValueError', 'OSError']) {
      assert.ok(coloured.includes(`\x1b[1;31m${type}\x1b[0m`), type);
    }
    assert.ok(plain(coloured).includes('  | Cell In[1], line 1'));
  });

  it('says how often a frame is repeated, and takes what is no traceback as it is', () => {
    const coloured = colorTraceback(
      'Traceback (most recent call last):\n  File "Cell In[1]", line 1, in f\n' +
        '  [Previous line repeated 996 more times]\nRecursionError: maximum recursion depth exceeded',
    );
    assert.ok(coloured.includes('\x1b[2m  [Previous line repeated 996 more times]\x1b[0m'));
    assert.equal(plain(colorTraceback('Python ended. It is gone.')), 'Python ended. It is gone.');
    assert.equal(colorTraceback(''), '');
    assert.equal(colorTraceback('KeyboardInterrupt'), '\x1b[1;31mKeyboardInterrupt\x1b[0m');
  });
});
