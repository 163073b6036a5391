import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Executor } from '../../../src/core/contract/executor.ts';
import { assertOk, assertUsable, PROJECT_FOLDER, type Subject } from '../support/subject.ts';
import { ToolSessions } from '../support/toolSessions.ts';
import { TOOL_FILES } from './toolFiles.ts';

const EVERYTHING = `
name: everything
type: mcp
description: Everything that a server can do
command: ${JSON.stringify(process.execPath)}
args: [${JSON.stringify(path.join(PROJECT_FOLDER, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js'))}, stdio]
`;

const MISSING_SERVER = `
name: absent
type: mcp
command: code-mode-no-such-program
`;

/** What `tools` is in Python: what there is, what it takes, and what calls give. */
export function describeTools(subject: Subject): void {
  describe('tools', () => {
    const sessions = new ToolSessions(subject);
    sessions.install();
    let executor: Executor;
    const run = (code: string) => sessions.run(code);
    const value = (code: string) => sessions.value(code);
    const failure = (code: string, type: string, message: RegExp) => sessions.failure(code, type, message);

    before(async () => {
      executor = sessions.executor;
      await sessions.define('jq', TOOL_FILES.jq);
      await sessions.define('shell', TOOL_FILES.shell);
    });

    describe('that there are', () => {
      it('are listed and searched as objects that can be read as dicts', async () => {
        const code = `
listed = tools.list()
jq = listed[0]
first = jq.callables[0].parameters[0]
[[t.name for t in listed], jq.description, jq["name"], sorted(jq.tags), "json" in jq.tags, [c.name for c in jq.callables],
 [first.name, first.type, first.required, first.default, first["description"]], [t.name for t in tools.search("JSON", limit=1)],
 [c.signature() for c in tools.jq.list()], tools.jq.callables if hasattr(tools.jq, "callables") else None, jq.to_dict()["tags"]]`;
        assert.deepEqual(await value(code), [
          ['jq', 'shell'],
          'Query JSON',
          'jq',
          ['json', 'text'],
          true,
          ['query', 'raw'],
          ['filter', 'string', true, null, 'What to take.'],
          ['jq'],
          [
            'query(filter: str, input: Any | None = None, indent: int = 2)',
            'raw(filter: str, input: Any | None = None, raw_output: bool = True)',
          ],
          null,
          ['json', 'text'],
        ]);
      });

      it('have signatures, documentation and a text', async () => {
        const code = `
import inspect
signature = inspect.signature(tools.jq.query)
[list(signature.parameters), signature.parameters["indent"].default, signature.parameters["indent"].annotation is int,
 {p.kind.name for p in signature.parameters.values()} == {"KEYWORD_ONLY"}, inspect.getdoc(tools.jq.query), repr(tools.jq.query),
 repr(tools.jq).splitlines()[0], "filter" in inspect.signature(tools.jq).parameters]`;
        assert.deepEqual(await value(code), [
          ['filter', 'input', 'indent'],
          2,
          true,
          true,
          'Run a filter.\n\nArgs:\n    filter (str): What to take.\n    input (Any | None = None): The JSON.\n    indent (int = 2): Spaces.',
          'query(filter: str, input: Any | None = None, indent: int = 2): Run a filter.',
          'jq: Query JSON',
          true,
        ]);
        const { stdout } = await run('help(tools.jq.query)');
        assert.match(stdout, /Run a filter\.\n.*filter \(str\): What to take\./s);
      });

      it('are completed with their callables and parameters, and inspected', async () => {
        const texts = async (code: string) =>
          (await executor.complete(code, code.length)).items.map(({ text }) => text);
        assert.deepEqual(await texts('tools.'), ['jq', 'list', 'search', 'shell']);
        assert.deepEqual(await texts('tools.jq.'), ['call_async', 'call_sync', 'list', 'query', 'raw']);
        assert.deepEqual((await texts('tools.jq.query(')).slice(0, 3), ['filter=', 'input=', 'indent=']);
        assert.deepEqual((await texts('x = [tools.jq.query(filter=".(", in')).slice(0, 2), [
          'input=',
          'indent=',
        ]);
        const inspection = await executor.inspect('tools.jq.query(', 'tools.jq.que'.length);
        assert.equal(inspection?.name, 'tools.jq.query');
        assert.match(inspection?.signature ?? '', /^query\(\*, filter: str, /);
        assert.match(inspection?.documentation ?? '', /^Run a filter\.\n\nArgs:/);
        assert.equal(await executor.inspect('tools.nope', 8), null);
      });

      it('are named where another name was meant', async () => {
        await failure(
          'tools.jqq',
          'AttributeError',
          /no tool 'jqq': this session has 2 tools\. Did you mean tools\.jq\? There are: jq, shell\./,
        );
        await failure(
          'tools.jq.qury()',
          'AttributeError',
          /no callable 'qury'\. Did you mean tools\.jq\.query\?/,
        );
        await failure('tools["a b"]', 'ToolNotFoundError', /no tool 'a b'/);
        assert.deepEqual(
          await value('[hasattr(tools, "nope"), "jq" in dir(tools), "query" in dir(tools.jq), [*tools]]'),
          [false, true, true, ['jq', 'shell']],
        );
      });

      it('can be imported', async () => {
        assert.equal(
          await value(
            'def imported():\n    from code_mode import artifacts, deps, tools, workflows\n    return tools\nimported() is tools',
          ),
          true,
        );
      });
    });

    describe('that are called', () => {
      it('give JSON as values, text as text and anything else as bytes', async () => {
        const code = `
data = '{"a": {"ü": [1, 2.5, null, true, "🌍"]}}'
[tools.jq.query(filter=".a", input=data), tools.jq.raw(filter='.a["ü"][4]', input=data), tools.jq(filter='.a["ü"][0]', input=data),
 tools.shell(script="cat", input=bytes(range(256))) == bytes(range(256)), tools.shell(script="true")]`;
        assert.deepEqual(await value(code), [{ ü: [1, 2.5, null, true, '🌍'] }, '🌍\n', '1\n', true, '']);
      });

      it('take bytes, paths, tuples and None', async () => {
        const code = `
import pathlib
show = 'for word in "$@"; do printf "%s|" "$word"; done'
[tools.jq.query(filter=".a", input=b'{"a": 1}'), tools.jq.query(filter=".a", input=memoryview(b'{"a": 2}'), indent=None),
 tools.shell(script=show, words=("0", pathlib.PurePosixPath("/tmp/x y"), "ü 🌍", "", "$(id)"))]`;
        assert.deepEqual(await value(code), [1, 2, '/tmp/x y|ü 🌍||$(id)|']);
      });

      it('can be called by their own names for things', async () => {
        assert.deepEqual(
          await value(
            '[tools.jq(filter=".", **{"raw-output": True, "input": b\'"x"\'}), tools["jq"]["query"](filter="1", input="0")]',
          ),
          ['x\n', 1],
        );
      });

      it('say what is wrong with their arguments', async () => {
        await failure('tools.jq.query()', 'ToolArgumentsError', /tools\.jq\.query needs 'filter'/);
        await failure(
          'tools.jq.query(filtr=".")',
          'ToolArgumentsError',
          /no parameter 'filtr'.*did you mean 'filter'/s,
        );
        await failure(
          'tools.jq.query(filter=".", indent="x")',
          'ToolArgumentsError',
          /an integer for 'indent'/,
        );
        await failure(
          'tools.jq.query(".")',
          'ToolArgumentsError',
          /by name, not by position\.\nIts signature is query\(filter: str/,
        );
        await failure('tools.jq.query(filter={1})', 'ToolArgumentsError', /argument filter is of type set/);
        await failure(
          'tools.shell(script="x", words=[float("nan")])',
          'ToolArgumentsError',
          /words\[0\] is nan/,
        );
        assert.equal(await value('try: tools.jq.query()\nexcept TypeError: caught = True\ncaught'), true);
      });

      it('fail with what the program says, at the line of the call', async () => {
        const result = await failure(
          'def ask():\n    return tools.jq.query(filter=".a", input="{")\nask()',
          'ToolError',
          /tools\.jq\.query: .*(parse|Unfinished)/s,
        );
        const lines = (result.error?.traceback ?? '').split('\n').filter((line) => line.includes('File "'));
        assert.match(lines.at(-1) ?? '', /line 2, in ask/);
        await failure('tools.shell(script="echo why >&2; exit 3")', 'ToolError', /3.*why/s);
        assert.equal(
          await value('try: tools.shell(script="exit 1")\nexcept RuntimeError: caught = True\ncaught'),
          true,
        );
        await assertUsable(executor);
      });

      it('can be awaited, and block where they are not', async () => {
        const code = `
import asyncio
async def count():
    for n in range(1_000_000):
        await asyncio.sleep(0)
        ticks.append(n)
ticks = []
counting = asyncio.create_task(count())
await asyncio.sleep(0)
awaited = await tools.shell.echo(words=["", "awaited"])
while_awaiting = len(ticks)
blocking = tools.shell.echo(words=["", "blocking"])
while_blocking = len(ticks) - while_awaiting
counting.cancel()
several = await asyncio.gather(tools.shell.echo.call_async(words=["", "1"]), tools.shell.call_async(script="printf 2"))
[awaited, blocking, several, while_awaiting > 0, while_blocking, tools.shell.echo.call_sync(words=["", "sync"])]`;
        assert.deepEqual(await value(code), ['awaited', 'blocking', ['1', '2'], true, 0, 'sync']);
      });

      it('work in a workflow, awaited or not', async () => {
        const source = `
import asyncio
async def run(n):
    sync = tools.shell.echo(words=["", f"sync {n}"])
    awaited = await tools.shell.echo(words=["", f"awaited {n}"])
    late = asyncio.wait_for(tools.shell.echo.call_async(words=["", "in time"]), 30)
    return [sync, awaited, *await asyncio.gather(*(tools.shell.echo.call_async(words=["", str(i)]) for i in range(n))), await late]
`;
        assertOk(await run(`workflows.create("calls", '''${source}''')`));
        const expected = ['sync 3', 'awaited 3', '0', '1', '2', 'in time'];
        assert.deepEqual(await value('workflows.calls(n=3)'), expected);
        assert.deepEqual(await value('await workflows.calls(n=3)'), expected);
      });

      it('are in the trace of the run', async () => {
        const { toolCalls } = await run(
          'tools.jq.query(filter=".", input="1")\ntools.shell.echo(words=["", "x"])',
        );
        assert.deepEqual(
          toolCalls.map(({ tool, callable, error }) => [tool, callable, error]),
          [
            ['jq', 'query', null],
            ['shell', 'echo', null],
          ],
        );
      });
    });

    describe('of an MCP server', () => {
      before(async () => {
        await sessions.define('everything', EVERYTHING);
      });
      after(async () => {
        await sessions.define('everything', undefined);
      });

      it('are called by their Python names and by their own', async () => {
        const code = `
[tools.everything.echo(message="Grüße 🌍"), tools.everything.get_sum(a=2, b=3), tools.everything["get-sum"](a=1, b=1),
 await tools.everything.echo(message="awaited"), "get_sum" in dir(tools.everything)]`;
        assert.deepEqual(await value(code), [
          'Echo: Grüße 🌍',
          'The sum of 2 and 3 is 5.',
          'The sum of 1 and 1 is 2.',
          'Echo: awaited',
          true,
        ]);
      });

      it('give pictures as bytes among the texts', async () => {
        const code = `
parts = tools.everything.get_tiny_image()
[[type(part).__name__ for part in parts], [part[:4] == b"\\x89PNG" for part in parts if isinstance(part, bytes)]]`;
        assert.deepEqual(await value(code), [['str', 'bytes', 'str'], [true]]);
      });

      it('say what is wrong with their arguments, and are not called themselves', async () => {
        await failure('tools.everything.get_sum(a=1)', 'ToolArgumentsError', /needs 'b'/);
        await failure(
          'tools.everything(a=1)',
          'ToolArgumentsError',
          /tools\.everything itself cannot be called\..*get_sum/s,
        );
      });
    });

    describe('that are not in order', () => {
      it('leave the others alone where a file is broken', async () => {
        await sessions.define('broken', 'name: broken\ncommand: [\n');
        assert.deepEqual(await value('[t.name for t in tools.list()]'), ['jq', 'shell']);
        await failure('tools.broken()', 'AttributeError', /tools\.broken cannot be used: The tool "broken"/);
        assert.equal(await value('tools.jq.query(filter="1", input="0")'), 1);
        await sessions.define('broken', undefined);
      });

      it('are listed with a warning, once, where their server does not start', async () => {
        await sessions.define('absent', MISSING_SERVER);
        const result = await run(
          '[[t.name, len(t.callables), t.problem is not None] for t in tools.list() if t.name == "absent"]\n',
        );
        assertOk(result);
        assert.deepEqual(result.value, [['absent', 0, true]]);
        assert.match(result.stderr, /ToolWarning: The tool 'absent' cannot be used now: /);
        assert.equal((await run('tools.list()')).stderr, '');
        await failure('tools.absent.fetch()', 'AttributeError', /tools\.absent/);
        await sessions.define('absent', undefined);
      });

      it('are not found once they are deleted, and found again', async () => {
        await sessions.define('brief', 'name: brief\ncommand: "true"\n');
        assert.equal(await value('kept = tools.brief\nkept()'), '');
        await sessions.define('brief', undefined);
        await failure('kept()', 'ToolNotFoundError', /no tool "brief"/);
        assert.equal(await value('hasattr(tools, "brief")'), false);
        await sessions.define(
          'brief',
          'name: brief\ncommand: echo\nrecipes: {later: {description: Later.}}\n',
        );
        assert.deepEqual(await value('[tools.brief.later(), kept.later()]'), ['\n', '\n']);
        await sessions.define('brief', undefined);
      });

      it('are what their file says now', async () => {
        const file = (parameter: string) => `name: changing
command: echo
schema: {positional: [{name: ${parameter}}]}
recipes: {say: {description: Say ${parameter}.}}
`;
        await sessions.define('changing', file('first'));
        assert.equal(await value('say = tools.changing.say\nsay(first="a")'), 'a\n');
        await sessions.define('changing', file('second'));
        assert.deepEqual(
          await value(
            'import inspect\n[*inspect.signature(say).parameters, say.__doc__.splitlines()[0], say(second="b")]',
          ),
          ['second', 'Say second.', 'b\n'],
        );
        await failure('say(first="a")', 'ToolArgumentsError', /no parameter 'first'/);
        await sessions.define('changing', undefined);
      });
    });

    it('are the same after a reset', async () => {
      await executor.reset();
      assert.equal(await value('tools.jq.query(filter=".a", input=\'{"a": "after"}\')'), 'after');
      assert.match(await readFile(path.join(sessions.base, 'tools/jq.yaml'), 'utf8'), /name: jq/);
    });
  });
}
