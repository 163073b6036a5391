import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { analyseWorkflow } from '../../src/core/workflows/analysis.ts';

const python = process.platform === 'win32' ? 'python' : 'python3';
const PROBE = 'import sys; sys.exit(sys.version_info < (3, 9))';

function codesOf(source: string, name = 'x'): string[] {
  return analyseWorkflow(name, source).problems.map(({ code }) => code);
}

describe('the analysis of a workflow', () => {
  it('reads parameters from the signature of the last run', () => {
    const source = [
      'def run(old): pass',
      '@decorated(1)',
      'async def run(a, b: str, c: int = -3, *args: str, d: "float" = 1.5, e: Optional[list[str]] = None,',
      '              tools=None, f: typing.Dict = {"x": [True, None, (1, "y")]}, g=some.call(1), **rest): pass',
      'async def other(z): pass',
    ].join('\n');
    const { parameters } = analyseWorkflow('x', source);
    assert.deepEqual(
      parameters.map((p) => [p.name, p.type, p.required, p.default, p.annotation, p.defaultSource]),
      [
        ['a', 'any', true, null, '', ''],
        ['b', 'string', true, null, 'str', ''],
        ['c', 'integer', false, -3, 'int', '-3'],
        ['d', 'number', false, 1.5, '"float"', '1.5'],
        ['e', 'array', false, null, 'Optional[list[str]]', 'None'],
        ['f', 'object', false, { x: [true, null, [1, 'y']] }, 'typing.Dict', '{"x": [True, None, (1, "y")]}'],
        ['g', 'any', false, 'some.call(1)', '', 'some.call(1)'],
      ],
    );
  });

  it('takes the description from the module, or else from run', () => {
    const run = "async def run():\n    '''Of run.\n\n    More.'''\n";
    const described = (source: string) => analyseWorkflow('x', source).description;
    assert.equal(described(`"""\n  Of the module.\n\n  More."""\n${run}`), 'Of the module.');
    assert.equal(described(`# note\n\nr'Of \\the' " module."\n${run}`), 'Of \\the module.');
    assert.equal(described(`""" """\n${run}`), 'Of run.');
    assert.equal(described(`b"bytes"\n${run}`), 'Of run.');
    assert.equal(described(`f"formatted"\n${run}`), 'Of run.');
    assert.equal(described('async def run(): pass'), '');
  });

  it('describes parameters as the docstring of run does', () => {
    const descriptions = (docstring: string) =>
      analyseWorkflow('x', `async def run(a: int, b: str = ""):\n    """${docstring}"""`).parameters.map(
        ({ description }) => description,
      );
    const google =
      'Do.\n\n    Args:\n        a (int): How many,\n            at most.\n        b: Which.\n\n    Returns:\n        a: No.\n    ';
    const numpy =
      'Do.\n\n    Parameters\n    ----------\n    a : int\n        How many,\n        at most.\n    b\n        Which.\n\n    Returns\n    -------\n    a\n        No.\n    ';
    const sphinx =
      'Do.\n\n    :param int a: How many,\n        at most.\n    :param b: Which.\n    :returns: No.\n    ';
    for (const docstring of [google, numpy, sphinx]) {
      assert.deepEqual(descriptions(docstring), ['How many, at most.', 'Which.'], docstring);
    }
    assert.deepEqual(descriptions('Do a: and b: well.'), ['', '']);
  });

  it('says why a source is no workflow', () => {
    assert.deepEqual(codesOf('async def run(a: int): pass'), []);
    assert.deepEqual(codesOf(''), ['no-run']);
    assert.deepEqual(codesOf('run = 1\nclass A:\n    async def run(self): pass'), ['no-run']);
    assert.deepEqual(codesOf('def run(): pass'), ['run-not-async']);
    assert.deepEqual(codesOf('async def run(a): pass\ndef run(): pass'), ['run-not-async']);
    assert.deepEqual(codesOf('async def run(a: int, /): pass'), ['positional-only']);
    assert.deepEqual(codesOf('async def run():\n    yield'), ['run-yields']);
    assert.deepEqual(
      codesOf('async def run():\n    def inner():\n        yield 1\n    x = lambda: (yield)'),
      [],
    );
    assert.deepEqual(codesOf('async def run(a, b=1, *args, tools=None): pass'), [
      'unannotated',
      'unannotated',
    ]);
  });

  it('refuses names that Python cannot say or that mean something already', () => {
    const source = 'async def run(): pass';
    for (const name of ['fetch_titles', 'größe', '数える', 'match'])
      assert.deepEqual(codesOf(source, name), []);
    for (const name of [
      '',
      'a b',
      '1a',
      'class',
      '_private',
      '../x',
      'list',
      'search',
      'get',
      'invoke',
      'delete',
    ]) {
      assert.deepEqual(codesOf(source, name), ['reserved-name'], name);
    }
  });

  it('finds errors of syntax with their place', () => {
    for (const [line, place] of [
      ['x = (1, 2', '('],
      ['x = [1, 2)', ')'],
      ['x = "abc', '"'],
      ['x = “abc”', '“'],
      ['x = = 1', '='],
      ['if x', 'x'],
      ['x = 0777', '0777'],
      ['print "x"', '"x"'],
      ['  x = 1', 'x'],
      ['return return', 'return'],
    ] as const) {
      const source = `y = 1\n${line}\nasync def run(): pass\n`;
      const problem = analyseWorkflow('x', source).problems[0];
      assert.equal(problem?.code, 'syntax', line);
      const offset = 6 + (line.endsWith(place) ? line.lastIndexOf(place) : line.indexOf(place));
      if (line !== 'x = = 1') assert.equal(problem.start, offset, `${line}: ${problem.message}`);
    }
    assert.deepEqual(codesOf('async def run():\nreturn 1'), ['syntax']);
    assert.deepEqual(codesOf('async def run():'), ['syntax']);
    assert.deepEqual(codesOf(`async def run(x: list = ${'['.repeat(20_000)}`), ['syntax']);
  });

  it('takes what is new in Python, and what its parser does not know', () => {
    for (const line of [
      'x = t"hello {name!r:>{width}}"',
      'try: pass\nexcept A, b.C, D: pass',
      'def f[T: int = str, *Ts, **P](a: T, *args: *Ts) -> T: pass',
      'with (open(a) as b.c, open(d) as (e, f),): pass',
      'match x:\n  case {"a": [1, *_], **rest} if rest: pass\n  case A(b=1) | B(): pass',
      'x = lambda a, /, *, b: (yield)',
      '@a[0](b).c\ndef f(): pass',
      'x = 1.+2.e5',
      'print >>f, "x"',
      'for x in *a, *b: pass',
      'x = f"{a["b"]!r:{c}.{d}}{{}}"',
      `x = 1${' + 1'.repeat(2000)}`,
      'x = 1\n# note\n'.repeat(1000),
      'x = """\r\n"""\r\nif x:\r\n    y = 1 + \\\r\n  2\r\n',
      '\f\nx = 1\n    \n\t# note',
    ]) {
      const source = `\ufeff${line}\nasync def run(a: int = 1): pass`;
      assert.deepEqual(codesOf(source), [], line);
      assert.equal(analyseWorkflow('x', source).parameters.length, 1, line);
    }
  });
});

describe('the analysis of a workflow, compared with CPython', () => {
  before(function () {
    if (spawnSync(python, ['-c', PROBE]).status === 0) return;
    assert.notEqual(process.env.CI, 'true', 'Python 3.9 or newer must be there');
    this.skip();
  });

  it('reads signatures as the ast module does', async () => {
    const found = JSON.parse(await runPython(SIGNATURES)) as {
      source: string;
      description: string;
      parameters: { name: string; type: string; required: boolean; default: unknown; unparsed: string }[];
    }[];
    assert.ok(found.length >= 300);
    const written: string[] = [];
    const unparsed: string[] = [];
    for (const { source, description, parameters } of found) {
      const analysed = analyseWorkflow('x', source);
      const errors = analysed.problems.filter(({ severity }) => severity === 'error');
      assert.deepEqual(errors, [], source);
      assert.equal(analysed.description, description, source);
      assert.deepEqual(
        analysed.parameters.map(({ name, type, required }) => ({ name, type, required })),
        parameters.map(({ name, type, required }) => ({ name, type, required })),
        source,
      );
      for (const [index, parameter] of parameters.entries()) {
        const { default: value, defaultSource } = analysed.parameters[index]!;
        if (parameter.unparsed === '') {
          assert.deepEqual(value, parameter.default, `${source}: ${parameter.name}`);
        } else {
          assert.equal(value, defaultSource, `${source}: ${parameter.name}`);
          written.push(defaultSource);
          unparsed.push(parameter.unparsed);
        }
      }
    }
    const normal = JSON.parse(await runPython(UNPARSE, JSON.stringify(written))) as string[];
    assert.deepEqual(normal, unparsed);
  });

  it('takes the standard library for valid', async () => {
    const files = JSON.parse(await runPython(STANDARD_LIBRARY)) as string[];
    assert.ok(files.length > 100);
    for (const file of files) {
      const { problems } = analyseWorkflow('x', await readFile(file, 'utf8'));
      assert.deepEqual(
        problems.filter(({ code }) => code === 'syntax'),
        [],
        file,
      );
    }
  }).timeout(120_000);
});

async function runPython(program: string, input = ''): Promise<string> {
  const running = promisify(execFile)(python, ['-X', 'utf8', '-W', 'ignore', '-c', program], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  running.child.stdin?.end(input);
  return (await running).stdout;
}

/** Makes up workflows and says of each what `ast` makes of it. */
const SIGNATURES = String.raw`
import ast, inspect, json, random, sys

TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "list": "array", "dict": "object"}
NAMES = ["a", "b", "größe", "match", "type", "tools", "x1", "deps", "ﬁnd", "q"]
ANNOTATIONS = ["str", "int", "float", "bool", "list", "dict", "List", "typing.List[int]", "Dict[str, int]", "'str'",
    '"Optional[int]"', "Optional[int]", "typing.Optional['list[str]']", "int | None", "None | str", "int | str",
    "int | str | None", "'int' | None", "Union[int, None]", "a.b.c", "pd.DataFrame", "(int)", "Optional[int, str]",
    "Literal['a', 'b']", "lambda: 1", "' int'", "'1 +'", "Annotated[int, 'x']", "None", "1", "...", "Callable[..., int]",
    "'in' 't'", "f'int'", "b'int'", "int[0].str", "[int]", "int ^ None", "Optional"]
DEFAULTS = ["1", "-1", "+1", "--1", "0x_ff", "1_000", "0b101", "0o17", "1.", ".5", "1e3", "1E-3", "1e999", "1j", "1+2j",
    "10**3", "123456789012345678901234567890", "9007199254740991", "True", "False", "None", "-True", "''", "'a'", '"b"',
    "'''c\nd'''", "r'\\d'", "u'x'", "b'x'", "f'{1}'", "'a' 'b'", "('a' \"b\")", "'\\n\\t\\x41\\u00e9\\U0001F600\\101\\q\\''",
    "'\\\n'", "'a' b'b'" if False else "'a'", "R'''\\'''" if False else "'c'", "[]", "[1, 'a', None,]", "()", "(1,)", "(1)", "{}",
    "{'a': 1, 'b': [1, {'c': (2,)}]}", "{1: 2}", "{'a': 1, 'a': 2}", "{**a}", "{1, 2}", "set()", "[*a]", "[x for x in y]",
    "some.call(1, b=2)", "a.b", "x", "lambda x=1: x", "a if b else c", "not a", "~1", "-(1)", "- 1.5", "...", "[[[]]]",
    "[\n1, # one\n2]", "'é'", "'\\N{DASH}'" if False else "'z'", "{'__proto__': 1}", "1 if True else 2", "'%s' % 1"]
DOCSTRINGS = ["", '"""Doc."""', '"""\n    Doc\n      more\n    """', "'''  Two  words  \n'''", '"one" "two"', "r'a\\b'", '"""\tTab\tstop"""',
    '""""""', '"""   """', "u'unicode é'", "b'bytes'", "f'formatted'", "('wrapped')", "1", "'a', 'b'", "'a'; x = 1", "'a'.b", '"a\\nb"']

def type_name(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try: node = ast.parse(node.value, mode="eval").body
        except SyntaxError: return "any"
        return type_name(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(other, ast.Constant) and other.value is None: return type_name(one)
        return "any"
    if isinstance(node, ast.Subscript):
        return type_name(node.slice if last(node.value) == "Optional" else node.value)
    return TYPES.get(last(node).lower(), "any")

def last(node):
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""

def as_json(value):
    if value is None or isinstance(value, (bool, str)): return True
    if isinstance(value, int): return abs(value) < 2**53
    if isinstance(value, float): return value - value == 0
    if isinstance(value, (list, tuple)): return all(map(as_json, value))
    return isinstance(value, dict) and all(isinstance(k, str) for k in value) and all(map(as_json, value.values()))

def first_line(node):
    text = (ast.get_docstring(node) or "").strip()
    return text.split("\n")[0].strip()

def describe(source):
    tree = ast.parse(source)
    run = [node for node in tree.body if isinstance(node, ast.AsyncFunctionDef) and node.name == "run"][-1]
    arguments = run.args
    pairs = list(zip(arguments.args, [None] * (len(arguments.args) - len(arguments.defaults)) + arguments.defaults))
    parameters = []
    for argument, default in pairs + list(zip(arguments.kwonlyargs, arguments.kw_defaults)):
        if argument.arg in ("tools", "workflows", "artifacts", "deps"): continue
        value, unparsed = None, ""
        if default is not None:
            try: value = ast.literal_eval(default)
            except (ValueError, TypeError): value = ...
            if not as_json(value): value, unparsed = None, ast.unparse(default)
        parameters.append(dict(name=argument.arg, type=type_name(argument.annotation), required=default is None,
            default=value, unparsed=unparsed))
    return dict(source=source, description=first_line(tree) or first_line(run), parameters=parameters)

random.seed(1)
found = []
while len(found) < 400:
    parts, star = [], False
    for name in random.sample(NAMES, random.randrange(6)):
        if not star and random.random() < 0.2:
            parts.append(random.choice(["*", "*args", "*args: int"]))
            star = True
        part = name
        if random.random() < 0.7: part += random.choice([": ", ":"]) + random.choice(ANNOTATIONS)
        if random.random() < 0.7: part += random.choice([" = ", "="]) + random.choice(DEFAULTS)
        parts.append(part)
    if parts and not star and random.random() < 0.3: parts.append("**rest")
    body = random.choice(DOCSTRINGS)
    source = random.choice(DOCSTRINGS) + "\n" + random.choice(["", "import x\n", "@decorated\n", "async def run(old): pass\n"])
    source += "async def run(" + random.choice([", ", ",\n    ", ","]).join(parts) + "):\n    " + (body or "pass") + "\n    return 1\n"
    try: found.append(describe(source))
    except SyntaxError: pass
print(json.dumps(found))
`;

const UNPARSE = `
import ast, json, sys
print(json.dumps([ast.unparse(ast.parse(text, mode="eval")) for text in json.loads(sys.stdin.read())]))
`;

/** Some of the modules that Python itself compiles, always the same. */
const STANDARD_LIBRARY = `
import json, os
folder = os.path.dirname(os.__file__)
found = []
for name in sorted(os.listdir(folder)):
    file = os.path.join(folder, name)
    if name.endswith(".py") and os.path.getsize(file) < 60000:
        try: compile(open(file, encoding="utf-8").read(), file, "exec")
        except (SyntaxError, ValueError): continue
        found.append(file)
print(json.dumps(found))
`;
