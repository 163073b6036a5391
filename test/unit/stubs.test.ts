import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Json } from '../../src/core/contract/execution.ts';
import type { ToolCallableInfo, ToolInfo, ToolParameter } from '../../src/core/contract/tools.ts';
import { STUB_MARKER, type StubContent, stubFiles } from '../../src/core/stubs/stubFiles.ts';
import { analyseWorkflow } from '../../src/core/workflows/analysis.ts';

const root = path.resolve(__dirname, '../../..');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'stubs-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: ReadonlyMap<string, string>): void {
  for (const [file, text] of files) {
    mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
}

/** Python's own compiler takes every one of the files. */
function assertPython(files: ReadonlyMap<string, string>): void {
  write(files);
  const paths = [...files.keys()].map((file) => path.join(folder, file));
  const check = [
    'import sys',
    'for file in sys.argv[1:]:',
    '    compile(open(file, encoding="utf-8").read(), file, "exec", dont_inherit=True)',
  ].join('\n');
  execFileSync('python3', ['-c', check, ...paths], { stdio: ['ignore', 'ignore', 'inherit'] });
}

interface Diagnostic {
  readonly file: string;
  readonly severity: string;
  readonly message: string;
  readonly rule?: string;
  readonly range: { readonly start: { readonly line: number } };
}

/** What pyright says of a project with stubs in `typings`: `FILE:LINE RULE MESSAGE`. */
async function pyright(content: StubContent, main: string, mode = 'standard'): Promise<string[]> {
  const stubs = [...(await stubFiles(content))].map(([file, text]) => [`typings/${file}`, text] as const);
  write(
    new Map([
      ...stubs,
      ['main.py', main],
      ['pyrightconfig.json', JSON.stringify({ typeCheckingMode: mode })],
    ]),
  );
  const program = path.join(root, 'node_modules/pyright/index.js');
  const { stdout } = spawnSync(process.execPath, [program, '--outputjson', '--project', folder], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const { generalDiagnostics }: { generalDiagnostics: readonly Diagnostic[] } = JSON.parse(stdout);
  return generalDiagnostics.map(({ file, severity, range, rule, message }) => {
    const what = severity === 'information' ? severity : rule;
    return `${path.relative(folder, file)}:${range.start.line + 1} ${what} ${message.split('\n')[0]}`;
  });
}

function parameter(
  name: string,
  type: ToolParameter['type'],
  more: Partial<ToolParameter> = {},
): ToolParameter {
  return { name, originalName: name, type, description: '', required: true, schema: {}, ...more };
}

function callable(name: string, parameters: readonly ToolParameter[], more: Partial<ToolCallableInfo> = {}) {
  return { name, originalName: name, description: '', parameters, returns: 'any' as const, ...more };
}

function tool(name: string, more: Partial<ToolInfo> = {}): ToolInfo {
  return { name, description: '', tags: [], callables: [], direct: null, problem: null, ...more };
}

function workflow(name: string, source: string) {
  return { name, ...analyseWorkflow(name, source) };
}

const JQ = tool('jq', {
  description: 'Queries JSON.',
  direct: callable('jq', [parameter('filter', 'string')], { returns: 'string' }),
  callables: [
    callable(
      'query',
      [
        parameter('filter', 'string', { description: 'A program.' }),
        parameter('data', 'any'),
        parameter('indent', 'integer', { required: false, default: 2 }),
        parameter('sort', 'string', { required: false, schema: { type: 'string', enum: ['up', 'down'] } }),
        parameter('names', 'array', {
          required: false,
          schema: { type: 'array', items: { type: 'string' } },
        }),
      ],
      { description: 'Runs a query.', returns: 'string' },
    ),
  ],
});
const GREET = workflow(
  'greet',
  'async def run(name: str, tags: list[str], times: int = 1, to: Frame | None = None):\n    """Greets."""\n',
);

describe('stubs', function () {
  this.timeout(120_000);

  it('begin with the mark of this extension', async () => {
    for (const [file, text] of await stubFiles({ tools: [], workflows: [] })) {
      assert.ok(text.startsWith(`${STUB_MARKER}\n`), file);
    }
  });

  it('say what the Python of a session does', async () => {
    write(await stubFiles({ tools: [], workflows: [] }));
    const script = path.join(root, 'test/support/compareStubs.py');
    const compared = spawnSync('python3', [script, path.join(root, 'src/python/code_mode'), folder], {
      encoding: 'utf8',
    });
    assert.equal(compared.stderr + compared.stdout, '');
  });

  it('declare a tool with its callables, and a workflow', async () => {
    const files = await stubFiles({ tools: [JQ], workflows: [GREET] });
    const tools = files.get('code_mode/tools.pyi') ?? '';
    assert.match(
      tools,
      /\n {4}jq: _Tool_jq\n {4}"""Queries JSON\."""\n\nclass _Tool_jq\(_ToolNamespace\):\n/u,
    );
    assert.match(
      tools,
      /\n {4}@_text\n {4}def query\(\n[\s\S]+ {8}indent: _builtins\.int \| None = 2,\n[\s\S]+Runs a query\.\n\n {8}filter: A program\.\n/u,
    );
    assert.match(
      files.get('code_mode/workflows.pyi') ?? '',
      /@_workflow\n {4}def greet\(\n {8}self,\n {8}\/,\n {8}\*,\n {8}name: _builtins.str,\n {8}tags: _builtins\.list\[_builtins\.str\],\n {8}times: _builtins\.int = 1,\n {8}to: _typing\.Any = None,\n/u,
    );
    assertPython(files);
  });

  it('let what is not known of a tool be called all the same', async () => {
    const tools = [
      tool('asleep'),
      tool('odd', { callables: [callable('list', []), callable('ok', [])] }),
      tool('down', { problem: 'It does not start.' }),
    ];
    const found = await pyright(
      { tools, workflows: [] },
      'tools.asleep.anything(1)\ntools.odd.other()\ntools.down.whatever()\nprint(tools.odd.list())\n',
    );
    assert.deepEqual(found, []);
  });

  it('are Python whatever the names and texts are', async () => {
    const texts = [
      '"',
      '"""',
      "'''",
      '\\',
      'ends in \\',
      'a\nb"',
      '\r\n\t\0\x1b',
      '\ud800',
      'ü 𝒳 \u2028',
      '#',
      '',
      '{}',
    ];
    const names = [
      'class',
      'None',
      'self',
      '_self',
      'a b',
      '',
      '__init__',
      'ﬁ',
      'fi',
      'é',
      'str',
      'Any',
      '2fa',
      'a"b',
    ];
    const values: Json[] = [
      ...texts,
      null,
      true,
      Number.POSITIVE_INFINITY,
      -1e-7,
      2 ** 60,
      [1],
      { a: 'x' },
      'x'.repeat(10_000),
    ];
    const parameters = [...names, ...names].map((name, at) =>
      parameter(name, (['string', 'any', 'array', 'bytes', 'object', 'number'] as const)[at % 6]!, {
        description: texts[at % texts.length]!,
        required: at % 3 === 0,
        default: values[at % values.length]!,
        schema: [
          { enum: [...texts] },
          { enum: [1.5] },
          { type: ['string', 'null'] },
          { items: { anyOf: 3 } },
        ][at % 4]!,
      }),
    );
    const callables = [...names, '_typing', 'bool', 'list', 'call_sync', '_callable', 'builtins'].map(
      (name, at) =>
        callable(name, parameters.slice(at), {
          description: texts[at % texts.length]!,
          direct: null,
        } as object),
    );
    const tools = [...names, 'Tool', 'search', 'builtins'].map((name, at) =>
      tool(name, { description: texts[at % texts.length]!, callables, direct: callable(name, parameters) }),
    );
    const workflows = [...names, 'int', 'Workflow', 'list'].map((name) => ({
      name,
      description: texts.join(' '),
      problems: [],
      parameters: names.map((each, at) => ({
        name: each,
        type: 'string' as const,
        description: texts[at % texts.length]!,
        required: at % 2 === 0,
        default: texts[at % texts.length]!,
        annotation: ['str', 'list[', 'dict[str, list[int] | None]', '"X"', 'np.ndarray'][at % 5]!,
        defaultSource: 'f()',
      })),
    }));
    assertPython(
      new Map([...(await stubFiles({ tools, workflows }))].map(([file, text]) => [`typings/${file}`, text])),
    );
    const found = await pyright(
      { tools, workflows },
      'print(tools.list(), workflows.list(), tools.fi.bool)\n',
    );
    assert.deepEqual(found, []);
  });

  it('hold ten thousand tools', async () => {
    const tools = Array.from({ length: 10_000 }, (_, at) =>
      tool(`tool${at}`, { callables: [callable('call', [parameter('filter', 'string')])] }),
    );
    const files = await stubFiles({ tools, workflows: [] });
    assertPython(files);
    assert.equal(files.get('code_mode/tools.pyi')?.match(/^class _Tool_/gmu)?.length, 10_000);
  });
});

describe('pyright with the stubs', function () {
  // It starts afresh each time, on a machine that may do other things as well.
  this.timeout(120_000);

  const content = { tools: [JQ], workflows: [GREET] };

  it('takes what is right', async () => {
    const found = await pyright(
      content,
      `import asyncio
from code_mode.errors import ToolError

text: str = tools.jq.query(filter=".", data={}, sort="up", names=["a"], indent=None)
tools.jq(filter=".").upper()
same: str = tools.jq.query.call_sync(filter=".", data=[1])
print(tools.list()[0].name, tools.search("x", limit=3), tools.jq.list(), tools.jq["query"](data=1))
greeting = workflows.greet(name="Ada", tags=["a"])
print(workflows.greet.source, workflows.invoke("greet", name="Ada", tags=[]), workflows.list()[0].parameters)
artifacts.save("a.json", {"a": 1}, description="x").created_at.isoformat()
with artifacts.open("a.bin") as file:
    print(len(file.read()), artifacts.load("a.json"), artifacts.exists("a"))
with artifacts.open("b.txt", "w") as target:
    target.write("text")
print(deps.list(), deps.add("pandas").installed)
display(text, display_id="x")


async def main() -> list[str]:
    one: str = await tools.jq.query(filter=".", data=1)
    await workflows.greet(name="Ada", tags=[])
    return await asyncio.gather(*[tools.jq.query.call_async(filter=".", data=n) for n in range(3)], tools.jq.call_async(filter=one))


try:
    asyncio.run(main())
except ToolError as error:
    print(error.hint, error.code)
`,
    );
    // The package is not there outside a session: that is a warning.
    assert.deepEqual(
      found.map((line) => line.replace(/ Import.*/u, '')),
      ['main.py:2 reportMissingModuleSource'],
    );
  });

  it('has nothing to say of the stubs themselves, as strict as it can be', async () => {
    assert.deepEqual(await pyright(content, '', 'strict'), []);
  });

  it('says what is wrong', async () => {
    const found = await pyright(
      content,
      `tools.jq.query(fliter=".", data=1)
tools.jq.query(filter=".")
tools.jq.query(filter=1, data=1)
tools.jq.query(filter=".", data=1, sort="sideways")
tools.jq.nothing()
tools.nothing
workflows.greet(nam="Ada", tags=[])
workflows.greet(name=1, tags=[])
workflows.nothing()
artifacts.save("a")
deps.lst()
_Tools
`,
    );
    const expected: readonly (readonly [line: number, text: RegExp])[] = [
      [1, /reportCallIssue Argument missing for parameter "filter"/],
      [1, /reportCallIssue No parameter named "fliter"/],
      [2, /reportCallIssue Argument missing for parameter "data"/],
      [3, /reportArgumentType Argument of type "Literal\[1\]"/],
      [4, /reportArgumentType Argument of type "Literal\['sideways'\]"/],
      [5, /reportAttributeAccessIssue .*"nothing"/],
      [6, /reportAttributeAccessIssue .*"nothing"/],
      [7, /reportCallIssue Argument missing for parameter "name"/],
      [7, /reportCallIssue No parameter named "nam"/],
      [8, /reportArgumentType /],
      [9, /reportAttributeAccessIssue .*"nothing"/],
      [10, /reportCallIssue Argument missing for parameter "data"/],
      [11, /reportAttributeAccessIssue .*"lst"/],
      [12, /reportUndefinedVariable /],
    ];
    const errors = found.filter((line) => !line.includes('reportUnusedExpression'));
    for (const [line, text] of expected) {
      assert.ok(
        errors.some((each) => each.startsWith(`main.py:${line} `) && text.test(each)),
        `${line} ${text}\n${found.join('\n')}`,
      );
    }
    assert.equal(errors.length, expected.length, errors.join('\n'));
  });
});
