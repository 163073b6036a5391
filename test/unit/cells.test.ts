import assert from 'node:assert/strict';
import { cellAt, parseCells } from '../../src/core/python-source/cells.ts';

describe('the cells of a Python file', () => {
  it('stand between markers of every common form', () => {
    const cells = parseCells('# %% First\n\na = 1\n\n#%%\nb = 2\n# In[3]:\nc = 3\n# In [ ]\nd = 4\n');
    assert.deepEqual(
      cells.map(({ title, code, startLine, endLine, codeStartLine, codeEndLine }) => [
        title,
        code,
        startLine,
        endLine,
        codeStartLine,
        codeEndLine,
      ]),
      [
        ['First', 'a = 1', 0, 3, 2, 2],
        ['', 'b = 2', 4, 5, 5, 5],
        ['', 'c = 3', 6, 7, 7, 7],
        ['', 'd = 4', 8, 10, 9, 9],
      ],
    );
  });

  it('include the code before the first marker, but not comments alone', () => {
    assert.deepEqual(
      parseCells('import os\n# %%\na').map(({ code }) => code),
      ['import os', 'a'],
    );
    assert.deepEqual(
      parseCells('#!/usr/bin/env python\n# %%\na').map(({ code }) => code),
      ['a'],
    );
  });

  it('are none without a marker', () => {
    assert.deepEqual(parseCells('a = 1\n  # %% indented\n"# %%"\n# percent %%\n'), []);
  });

  it('begin after a magic with whatever quotes', () => {
    assert.deepEqual(
      parseCells('# %%\n%pip install """a\n# %%\n!pip install (b\n# %%\nc').map(({ code }) => code),
      ['%pip install """a', '!pip install (b', 'c'],
    );
  });

  it('do not begin inside a string', () => {
    assert.deepEqual(
      parseCells('# %%\nx = """\n# %%\n"""\ny').map(({ code }) => code),
      ['x = """\n# %%\n"""\ny'],
    );
  });

  it('know Markdown cells and empty ones', () => {
    const cells = parseCells('# %% [markdown]\n# # Title\n# %%\n\n');
    assert.deepEqual(
      cells.map(({ kind, code }) => [kind, code]),
      [
        ['markdown', '# # Title'],
        ['code', ''],
      ],
    );
  });

  it('are found by line', () => {
    const cells = parseCells('# a comment\n# %%\na\n# %%\nb\n');
    assert.equal(cellAt(cells, 0), undefined);
    assert.equal(cellAt(cells, 1)?.code, 'a');
    assert.equal(cellAt(cells, 5)?.code, 'b');
  });

  it('are found with Windows line ends', () => {
    assert.deepEqual(
      parseCells('x = 1\r\n# %%\r\na\r\nb\r\n').map(({ code }) => code),
      ['x = 1', 'a\nb'],
    );
  });
});
