import assert from 'node:assert/strict';
import { freeNames } from '../../src/core/workflows/freeNames.ts';
import { workflowFromCode, workflowTemplate } from '../../src/core/workflows/fromCode.ts';

const lines = (...text: string[]) => text.join('\n');

describe('the names that code takes from its session', () => {
  const cases: [what: string, code: string, free: string[]][] = [
    ['reads', 'a + b.c[d] + f(e)', ['a', 'b', 'd', 'f', 'e']],
    ['built-in names', 'print(len(x), __name__, ValueError)', ['x']],
    ['assignments', 'a = b\nc: T = a\n(d, [e, *g]) = f\nh = i = c\nd, e, g, h, i', ['b', 'T', 'f']],
    ['what is changed in place', 'total += 1\nlist_[0] = x\nthing.y = 1', ['total', 'x', 'list_', 'thing']],
    ['what is read before it is bound', 'n = n + 1\nn', ['n']],
    ['a walrus', 'if (n := len(x)) > 1: n\nf(m := 2, k=m)\nm', ['x', 'f']],
    ['loops', 'for i, (j, k) in pairs: i + j + k + z\nelse: i', ['pairs', 'z']],
    [
      'comprehensions',
      '[x + o for x in xs if x for y in x]\n{k: v for k, v in d}\nsum(q * r for q in s)\nx',
      ['xs', 'o', 'd', 'r', 's', 'x'],
    ],
    ['contexts', 'with open(p) as f, lock as l: f.read(); l', ['p', 'lock']],
    ['exceptions', 'try: g()\nexcept (E, ValueError) as e: e', ['g', 'E']],
    ['imports', 'import a.b, c as d\nfrom e import f as g, h\na, d, g, h', []],
    [
      'functions',
      'def f(a, b: T = c, *args, k=1, **kw) -> r:\n  u = a\n  return u, later, q\nlater = 1\nf(a=2)',
      ['c', 'T', 'r', 'q'],
    ],
    ['lambdas', 'g = lambda m, n=o: m + n + p\ng', ['o', 'p']],
    ['decorators', '@deco(x)\nasync def f(): await y', ['deco', 'x', 'y']],
    ['classes', 'class C(B, metaclass=M):\n  z = 1\n  w = z\nC', ['B', 'M']],
    [
      'patterns',
      'match v:\n  case P(a, b=c): a, c\n  case {"x": w, **rest}: w, rest\n  case [p, *q] as s if t: p, q, s\n  case A.B: pass',
      ['v', 'P', 't', 'A'],
    ],
    ['format strings', 'f"{x!r} {y:>{w}} {1 + z}"', ['x', 'y', 'w', 'z']],
    ['types', 'type X = Y\ndef g[T](a: T) -> X: return a', ['Y']],
  ];
  for (const [what, code, free] of cases) {
    it(`are told from ${what}`, () => assert.deepEqual(freeNames(code).sort(), [...free].sort()));
  }

  it('come in the order in which they are read', () => {
    assert.deepEqual(freeNames('c + a\nb'), ['c', 'a', 'b']);
  });

  it('are given for what is no Python as well', () => {
    assert.deepEqual(freeNames('a +\n)(['), ['a']);
  });
});

describe('a workflow made from code', () => {
  it('takes what the code takes from its session, and gives what its last line gives', () => {
    const code = lines(
      '    # Count',
      '    rows = load(url)',
      '    total = len(rows) * factor',
      '    total',
      '',
      '',
    );
    assert.equal(
      workflowFromCode({
        code,
        description: 'Counts rows.',
        types: new Map([
          ['factor', 'int'],
          ['load', 'function'],
        ]),
      }),
      lines(
        '"""Counts rows."""',
        '',
        '',
        'async def run(load, url, factor: int):',
        '    # Count',
        '    rows = load(url)',
        '    total = len(rows) * factor',
        '    return total',
        '',
      ),
    );
  });

  it('does not ask for what every workflow sees, and imports what only a session sees', () => {
    const code = 'data = artifacts.load("a")\ndisplay(workflows.chart(data=data))';
    assert.equal(
      workflowFromCode({ code, description: '' }),
      lines(
        'from code_mode.display import display',
        '',
        '',
        'async def run():',
        '    data = artifacts.load("a")',
        '    display(workflows.chart(data=data))',
        '',
      ),
    );
  });

  it('leaves out lines that are for cells alone', () => {
    assert.equal(
      workflowFromCode({
        code: '%pip install six\nif wanted:\n    !pip install (rich\n%matplotlib inline\ntext = """\n%pip\n"""\ntext',
        description: '',
      }),
      lines(
        'async def run(wanted):',
        '    if wanted:',
        '        pass',
        '',
        '    text = """',
        '%pip',
        '"""',
        '    return text',
        '',
      ),
    );
  });

  it('leaves the inside of strings as it is', () => {
    const made = workflowFromCode({ code: 'text = """a\n  b\n"""\nif x:\n    text', description: '' });
    assert.equal(
      made,
      lines('async def run(x):', '    text = """a', '  b', '"""', '    if x:', '        text', ''),
    );
  });

  it('keeps at the top what Python allows there only', () => {
    const made = workflowFromCode({
      code: 'import os\nfrom math import *\nfrom __future__ import annotations\nos.sep',
      description: 'x',
    });
    assert.equal(
      made,
      lines(
        '"""x"""',
        '',
        '',
        'from __future__ import annotations',
        'from math import *',
        '',
        '',
        'async def run():',
        '    import os',
        '    return os.sep',
        '',
      ),
    );
  });

  it('gives back the last of several statements in a line, and nothing that is called to be seen', () => {
    const body = (code: string) => workflowFromCode({ code, description: '' }).split('\n').slice(1, -1);
    assert.deepEqual(body('a = 1; a'), ['    a = 1; return a']);
    assert.deepEqual(body('print(1)'), ['    print(1)']);
    assert.deepEqual(body('a = 1'), ['    a = 1']);
    assert.deepEqual(body('await f()'), ['    return await f()']);
    assert.deepEqual(body('# nothing'), ['    # nothing', '    pass']);
    assert.deepEqual(body('f(\n  1,\n)  # why'), ['    return f(', '      1,', '    )  # why']);
  });

  it('has a description of any text', () => {
    const first = (description: string) => workflowFromCode({ code: '1', description }).split('\n')[0];
    assert.equal(first('say "hi"'), '"""say "hi\\""""');
    assert.equal(first('a """ b \\ c'), '"""a \\"\\"\\" b \\\\ c"""');
    assert.match(workflowTemplate('Greets.'), /^"""Greets\."""\n\n\nasync def run\(/);
  });
});
