import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Executor } from '../../../src/core/contract/executor.ts';
import { createHostServices } from '../../../src/core/hostServices.ts';
import { StoreSessions } from '../support/storeSession.ts';
import { assertOk, assertUsable, HANG_S, type Subject } from '../support/subject.ts';

const GREET = `"""Greets."""
import asyncio

async def run(name: str, times: int = 1):
    await asyncio.sleep(0.001)
    return f"Hello {name}" * times
`;

/** What `tools`, `workflows`, `artifacts` and `deps` do in Python, on a store of files. */
export function describeNamespaces(subject: Subject): void {
  describe('the namespaces', () => {
    const store = new StoreSessions(subject);
    store.install();
    let base: string;
    let executor: Executor;
    const open = () => store.open();
    const run = (code: string) => store.run(code);
    const value = (code: string) => store.value(code);
    const failure = (code: string, type: string, message: RegExp) => store.failure(code, type, message);

    before(() => {
      base = store.base;
      executor = store.executor;
    });

    it('make no folder by being looked at', async () => {
      const looked = await value(
        '[artifacts.list(), artifacts.exists("a"), artifacts.get("a"), workflows.list(), tools.list(), deps.list()]',
      );
      assert.deepEqual(looked, [[], false, null, [], [], []]);
      assert.equal(existsSync(base), false);
    });

    describe('artifacts', () => {
      it('give back text, bytes, dicts and lists as they were saved', async () => {
        for (const [name, expression] of [
          ['text.txt', '"Grüße\\r\\n世界 🌍\\0"'],
          ['bytes.bin', 'bytes(range(256))'],
          ['empty.bin', 'b""'],
          ['empty.txt', '""'],
          ['dict', '{"open": [22, 1.5, None, True], "großes": 2**70, "": {}}'],
          ['list.json', '[1, [2, {"a": "🌍"}]]'],
          ['scans/deep/ünï 世界.json', '{"a": 1}'],
        ]) {
          const same = await value(
            `x = ${expression}\ninfo = artifacts.save("${name}", x)\ny = artifacts.load("${name}")\n[x == y, type(x) is type(y), info.name]`,
          );
          assert.deepEqual(same, [true, true, name]);
        }
        assert.equal(
          await value('import math\nartifacts.save("nan", [math.nan])\nmath.isnan(artifacts.load("nan")[0])'),
          true,
        );
      });

      it('keep anything else as its text', async () => {
        const loaded = await value(
          'for n, x in enumerate([1, 2.5, None, (1, "a"), True]): artifacts.save(f"other/{n}", x)\n[artifacts.load(f"other/{n}") for n in range(5)]',
        );
        assert.deepEqual(loaded, ['1', '2.5', 'None', "(1, 'a')", 'True']);
        assert.equal(
          await value('artifacts.save("array", bytearray(b"ab"))\nartifacts.load("array") == b"ab"'),
          true,
        );
      });

      it('are files in the format of py-code-mode', async () => {
        await value('artifacts.save("scan.json", {"é": [1]}, description="Ports", metadata={"host": "a"})');
        assert.equal(
          readFileSync(path.join(base, 'artifacts/scan.json'), 'utf8'),
          '{\n  "\\u00e9": [\n    1\n  ]\n}',
        );
        const index = JSON.parse(readFileSync(path.join(base, 'artifacts/.artifacts.json'), 'utf8'));
        assert.equal(index['scan.json'].description, 'Ports');
        assert.deepEqual(index['scan.json'].metadata, { host: 'a', _data_type: 'json' });
      });

      it('tell their name, path, description, metadata and time', async () => {
        const known = await value(`
from datetime import datetime, timedelta, timezone
artifacts.save("known", "x", "What it is", {"n": 1, "when": datetime(2025, 1, 1)})
info = artifacts.get("known")
age = datetime.now(timezone.utc) - info.created_at
[info.name, info.path, info.description, info.metadata, info["name"], sorted(dict(info)),
 timedelta(minutes=-1) < age < timedelta(minutes=5), info == next(a for a in artifacts.list() if a.name == "known"),
 repr(info).startswith("Artifact(name='known'"), "<th" in info._repr_html_()]`);
        assert.deepEqual(known, [
          'known',
          path.join(base, 'artifacts', 'known'),
          'What it is',
          { n: 1, when: '2025-01-01 00:00:00' },
          'known',
          ['created_at', 'description', 'metadata', 'name', 'path'],
          true,
          true,
          true,
          true,
        ]);
      });

      it('are deleted, and missing ones are an error that says so', async () => {
        assert.deepEqual(
          await value(
            'artifacts.save("gone", 1)\n[artifacts.delete("gone"), artifacts.delete("gone"), artifacts.exists("gone")]',
          ),
          [true, false, false],
        );
        await failure('artifacts.load("gone")', 'ArtifactNotFoundError', /There is no artifact 'gone'/);
        assert.equal(
          await value('try: artifacts.load("gone")\nexcept KeyError: caught = True\ncaught'),
          true,
        );
      });

      it('refuse names that leave the folder', async () => {
        for (const name of ['../x', '/etc/x', 'a/../../x', 'a\\\\b', '']) {
          await failure(`artifacts.save("${name}", "x")`, 'UsageError', /cannot name an artifact/);
          await failure(`artifacts.load("${name}")`, 'UsageError', /cannot name an artifact/);
        }
        await failure('artifacts.save(3, "x")', 'TypeError', /name of an artifact is text/);
      });

      it('refuse what would not come back as it was', async () => {
        await failure('artifacts.save("a", {"x": {1, 2}})', 'TypeError', /cannot be saved as JSON: .*set/);
        await failure('artifacts.save("a", "\\ud800")', 'ValueError', /cannot be saved as text/);
        await failure(
          'artifacts.save("a", "x", metadata={"id": 2**60})',
          'ValueError',
          /integer 1152921504606846976/,
        );
        await failure('artifacts.save("a", "x", metadata=[1])', 'TypeError', /metadata is a dict/);
        await failure('artifacts.save("a", "x", description=1)', 'TypeError', /description is text/);
        assert.equal(await value('artifacts.exists("a")'), false);
      });

      it('carry 30 MB in both directions', async () => {
        assert.equal(
          await value(
            'big = bytes(1_000_000) * 30\nartifacts.save("big", big)\nok = artifacts.load("big") == big\nartifacts.delete("big")\nok',
          ),
          true,
        );
      });

      it('can be saved and loaded from code that awaits', async () => {
        assert.equal(
          await value(
            'import asyncio\nawait asyncio.sleep(0)\nartifacts.save("awaited", "yes")\nawait asyncio.sleep(0)\nartifacts.load("awaited")',
          ),
          'yes',
        );
      });

      it('outlive the session', async () => {
        await value('artifacts.save("lasting", {"n": 1})');
        const later = await open();
        try {
          const result = await later.run('artifacts.load("lasting")', { timeoutS: HANG_S });
          assert.deepEqual(result.value, { n: 1 });
        } finally {
          await later.close();
        }
      });
    });

    describe('workflows', () => {
      before(async () => {
        assertOk(await run(`workflows.create(name="greet", source='''${GREET}''')`));
      });

      it('are Python files, described by their docstring and their signature', async () => {
        assert.equal(readFileSync(path.join(base, 'workflows/greet.py'), 'utf8'), GREET);
        const found = await value(
          'w = workflows.get("greet")\n[w.name, w.description, [dict(p) for p in w.parameters], w.source, w["params"], repr(w)]',
        );
        assert.deepEqual(found, [
          'greet',
          'Greets.',
          [
            { name: 'name', type: 'string', description: '', required: true, default: null },
            { name: 'times', type: 'integer', description: '', required: false, default: 1 },
          ],
          GREET,
          { name: 'string', times: 'integer' },
          '<workflow greet(name: string, times: integer = 1): Greets.>',
        ]);
      });

      it('give their result when called, with and without await', async () => {
        assert.equal(await value('workflows.greet(name="Ada")'), 'Hello Ada');
        assert.equal(await value('workflows.invoke("greet", name="Ada", times=2)'), 'Hello AdaHello Ada');
        assert.equal(await value('await workflows.greet(name="Ada")'), 'Hello Ada');
        assert.equal(await value('await workflows.invoke("greet", name="Ada")'), 'Hello Ada');
        assert.equal(await value('workflows.greet.call_sync(name="Ada")'), 'Hello Ada');
        assert.deepEqual(
          await value(
            'import asyncio\n[await workflows.greet(name="a"), workflows.greet(name="b"), *await asyncio.gather(*[workflows.greet.call_async(name=n) for n in "cd"])]',
          ),
          ['Hello a', 'Hello b', 'Hello c', 'Hello d'],
        );
      });

      it('see the four namespaces, call each other, and start afresh each time', async () => {
        const source = `
calls = globals().setdefault("calls", 0)
async def run(n):
    global calls
    calls += 1
    artifacts.save("from-workflow", {"n": n})
    assert tools.list() == [] and deps.list() == []
    return [calls, workflows.greet(name="x"), await workflows.greet(name="y"), artifacts.load("from-workflow")]
`;
        const code = `workflows.create("all", '''${source}''')\n[workflows.all(n=1), workflows.all(n=2)]`;
        assert.deepEqual(await value(code), [
          [1, 'Hello x', 'Hello y', { n: 1 }],
          [1, 'Hello x', 'Hello y', { n: 2 }],
        ]);
        assert.equal(await value('"calls" in globals()'), false);
      });

      it('are parsed and never executed when they are saved', async () => {
        const source = 'artifacts.save("executed", "yes")\nraise RuntimeError\nasync def run(): pass';
        assertOk(await run(`workflows.create("danger", '''${source}''', "Not run")`));
        assert.equal(await value('artifacts.exists("executed")'), false);
        await failure('workflows.danger()', 'RuntimeError', /^$/);
        assert.equal(await value('artifacts.exists("executed")'), true);
        assert.equal(await value('workflows.get("danger").description'), 'Not run');
        assert.equal(await value('workflows.delete("danger")'), true);
        assert.equal(await value('workflows.delete("danger")'), false);
      });

      it('are refused with the reason where they are none', async () => {
        await failure(
          'workflows.create("a", "def run(): pass")',
          'InvalidWorkflowError',
          /plain `def run` in line 1/,
        );
        await failure('workflows.create("a", "x = 1")', 'InvalidWorkflowError', /has no `run`/);
        await failure('workflows.create("a", "async def run(:")', 'SyntaxError', /invalid syntax/);
        for (const name of [
          'list',
          'search',
          'get',
          'invoke',
          'create',
          'delete',
          'a b',
          '_a',
          '../a',
          'class',
        ]) {
          await failure(
            `workflows.create("${name}", "async def run(): pass")`,
            'InvalidWorkflowError',
            /cannot name a workflow/,
          );
        }
        assert.equal(await value('[w.name for w in workflows.list() if w.name == "a"]').then(String), '');
      });

      it('say which arguments are wrong or missing', async () => {
        await failure(
          'workflows.greet(nam="x")',
          'TypeError',
          /greet has no parameter 'nam', misses the argument 'name'/,
        );
        await failure('workflows.greet("x")', 'TypeError', /positional argument/);
      });

      it('say which there is instead of one that there is not', async () => {
        await failure(
          'workflows.greeet(name="x")',
          'AttributeError',
          /no workflow 'greeet'. Did you mean workflows.greet\?/,
        );
        await failure('workflows.invoke("nope")', 'WorkflowNotFoundError', /no workflow 'nope'/);
        assert.deepEqual(
          await value('[workflows.get("nope"), hasattr(workflows, "nope"), "greet" in dir(workflows)]'),
          [null, false, true],
        );
      });

      it('are completed by name, and explained by help()', async () => {
        const { items } = await executor.complete('workflows.gr', 'workflows.gr'.length);
        assert.deepEqual(
          items.map(({ text }) => text),
          ['greet'],
        );
        const explained =
          'import inspect\n[str(inspect.signature(workflows.greet)), inspect.getdoc(workflows.greet)]';
        assert.deepEqual(await value(explained), ['(*, name: str, times: int = 1)', 'Greets.']);
        const { stdout } = await run('help(workflows.greet)');
        assert.match(stdout, /<workflow greet\(name: string, times: integer = 1\): Greets\.>/);
      });

      it('are completed with what they do, and inspected where the cursor is', async () => {
        const { items } = await executor.complete('workflows.gr', 'workflows.gr'.length);
        assert.deepEqual(items, [{ text: 'greet', kind: 'function', detail: 'Greets.' }]);
        const inspection = await executor.inspect('workflows.greet(name="x")', 'workflows.gre'.length);
        assert.deepEqual(
          [inspection?.name, inspection?.type, inspection?.signature, inspection?.documentation],
          ['workflows.greet', 'Workflow', 'greet(*, name: str, times: int = 1)', 'Greets.'],
        );
        assert.equal(await executor.inspect('workflows.nope', 'workflows.nope'.length), null);
        const method = await executor.inspect('workflows.create', 'workflows.create'.length);
        assert.match(method?.documentation ?? '', /^Save a workflow and return it/);
      });

      it('have defaults as Python has them, and descriptions from a docstring', async () => {
        const source = `
async def run(ratio: float = 1.0, pair=(1, 2), blob=b"x", later=print, *, big=2**3, nothing=None):
    """Many defaults.

    Args:
        ratio: how much of it
    """
    return [ratio, pair]
`;
        const code = `w = workflows.create("defaults", '''${source}''')
[[f'{p.name} {p.default!r} {p.required}' for p in w.parameters], str(__import__("inspect").signature(w)), w.parameters[0].description, repr(w())]`;
        const [defaults, signature, description, result] = (await value(code)) as unknown[];
        assert.deepEqual(defaults, [
          'ratio 1.0 False',
          'pair (1, 2) False',
          "blob b'x' False",
          "later 'print' False",
          "big '2**3' False",
          'nothing None False',
        ]);
        assert.equal(
          signature,
          "(*, ratio: float = 1.0, pair=(1, 2), blob=b'x', later='print', big='2**3', nothing=None)",
        );
        assert.deepEqual([description, result], ['how much of it', '[1.0, (1, 2)]']);
      });

      it('bring their source when it is asked for, as it is then', async () => {
        const code = `
listed = [w for w in workflows.list() if w.name == "greet"][0]
found = workflows.search("greets")[0]
[listed.source == workflows.get("greet").source, found.source == listed.source, listed == found, dict(found)["source"] == found.source]`;
        assert.deepEqual(await value(code), [true, true, true, true]);
        const gone = `
workflows.create("brief", "async def run(): pass")
listed = [w for w in workflows.list() if w.name == "brief"][0]
workflows.delete("brief")
listed()`;
        await failure(gone, 'WorkflowNotFoundError', /no workflow 'brief'/);
      });

      it('that fail show their own lines', async () => {
        await run(`workflows.create("failing", "async def run():\\n    here = 1\\n    return here / 0")`);
        const result = await failure('workflows.failing()', 'ZeroDivisionError', /division/);
        assert.match(
          result.error?.traceback ?? '',
          /File "<workflow failing>", line 3, in run\n\s+return here \/ 0/,
        );
        await assertUsable(executor);
      });

      it('are found by words, prefixes and typos, and broken ones are skipped with a warning', async () => {
        await run(
          'workflows.create("fetch_titles", "async def run(url): pass", "Get the titles of web pages")',
        );
        await writeFile(path.join(base, 'workflows/broken.py'), 'async def run(:\n');
        await writeFile(path.join(base, 'workflows/_skipped.py'), 'async def run(): pass\n');
        const result = await run(
          'workflows.list()\n[[w.name for w in workflows.search(q)] for q in ("titles", "tit", "tittles", "xyzzy")]',
        );
        assertOk(result);
        assert.deepEqual(result.value, [['fetch_titles'], ['fetch_titles'], ['fetch_titles'], []]);
        assert.match(
          result.stderr,
          /WorkflowWarning: The workflow 'broken' is broken and was skipped: invalid syntax/,
        );
        assert.doesNotMatch(result.stderr, /_skipped/);
        await failure('workflows.get("broken")', 'SyntaxError', /invalid syntax/);
        await failure('workflows.search("x", 0)', 'ValueError', /limit is a whole number above zero/);
        await failure('workflows.search(3)', 'TypeError', /query is text/);
        await failure(
          'workflows.broken()',
          'AttributeError',
          /workflows.broken cannot be used: invalid syntax/,
        );
        await rm(path.join(base, 'workflows/broken.py'));
      });

      it('that never end are stopped with the run', async () => {
        await run(
          'workflows.create("endless", "import asyncio\\nasync def run(): await asyncio.sleep(1e6)")',
        );
        const result = await executor.run('before = 1\nworkflows.endless()', { timeoutS: 0.5 });
        assert.equal(result.status, 'timeout');
        await assertUsable(executor);
        assert.equal(await value('workflows.greet(name="after")'), 'Hello after');
      });
    });

    describe('tools and deps', () => {
      it('are there and tell the truth: no tools, nothing to install', async () => {
        assert.deepEqual(await value('[tools.list(), tools.search("anything")]'), [[], []]);
        await failure(
          'tools.jq(filter=".")',
          'AttributeError',
          /There is no tool 'jq': this session has 0 tools/,
        );
        assert.deepEqual(await value('r = deps.sync()\n[r.installed, r["already_present"], dict(r)]'), [
          [],
          [],
          { installed: [], already_present: [], failed: [] },
        ]);
      });

      it('list what requirements.txt asks for', async () => {
        await mkdir(base, { recursive: true });
        const requirements = path.join(base, 'requirements.txt');
        await writeFile(
          requirements,
          '# ours\npandas>=2.0  # data\n--index-url https://x\n-r more.txt\n\nrich[jupyter]==13.*\nsix==1.16 \\\n    --hash=sha256:00\n',
        );
        const more = path.join(base, 'more.txt');
        await writeFile(more, 'blinker\n');
        assert.deepEqual(await value('deps.list()'), [
          'pandas>=2.0',
          'blinker',
          'rich[jupyter]==13.*',
          'six==1.16',
        ]);
        await Promise.all([rm(requirements), rm(more)]);
      });
    });

    it('survive a reset, in working order', async () => {
      const reset = await open();
      try {
        const code = 'artifacts.save("before", 1)\nworkflows.create("before", "async def run(): return 2")';
        assertOk(await reset.run(`${code}\nartifacts = workflows = None\ndel tools`, { timeoutS: HANG_S }));
        await reset.reset();
        const result = await reset.run(
          '[artifacts.load("before"), workflows.before(), tools.list(), deps.list()]',
          {
            timeoutS: HANG_S,
          },
        );
        assertOk(result);
        assert.deepEqual(result.value, ['1', 2, [], []]);
      } finally {
        await reset.close();
      }
    });

    it('without a base folder say what to do', async () => {
      const bare = subject.create({ hostServices: (storage) => createHostServices({ storage }) });
      await bare.start();
      try {
        for (const code of [
          'artifacts.save("a", 1)',
          'artifacts.list()',
          'workflows.list()',
          'workflows.invoke("a")',
        ]) {
          const result = await bare.run(code, { timeoutS: HANG_S });
          assert.equal(result.error?.type.split('.').at(-1), 'StorageError');
          assert.match(
            result.error?.message ?? '',
            /kept in a base folder, and this session has none.\nOpen a folder in VS Code, or .* --base DIR/,
          );
        }
        const others = await bare.run(
          '[tools.list(), deps.list(), hasattr(workflows, "x"), dir(workflows)[-1]]',
        );
        assert.deepEqual(others.value, [[], [], false, 'search']);
      } finally {
        await bare.close();
      }
    });
  });
}
