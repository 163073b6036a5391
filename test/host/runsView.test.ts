import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Session } from '../../src/core/session/session.ts';
import type { Node, RunNode } from '../../src/ui/views/runs/nodes.ts';
import type { Trace } from '../../src/ui/views/runs/trace.ts';
import { until } from '../support/until.ts';
import { answering, endSessions, internals, openPython } from './editorSupport.ts';
import { openNotebook, run as runNotebook } from './notebookSupport.ts';

const command = (name: string, ...args: unknown[]) =>
  Promise.resolve(vscode.commands.executeCommand(`codeMode.runs.${name}`, ...args));

interface Line {
  readonly node: Node;
  readonly item: vscode.TreeItem;
  readonly text: string;
}

/** The lines below one, as VS Code is given them. */
async function below(node?: Node): Promise<Line[]> {
  const { runsView } = await internals();
  return (await runsView.getChildren(node)).map((child) => {
    const item = runsView.getTreeItem(child);
    return { node: child, item, text: `${item.label} ${item.description}` };
  });
}

async function untilLine(text: RegExp, of?: Node): Promise<Line> {
  await until(`a line ${text}`, async () => (await below(of)).some((line) => text.test(line.text)));
  return (await below(of)).find((line) => text.test(line.text))!;
}

function iconOf({ item }: Line): string {
  assert.ok(item.iconPath instanceof vscode.ThemeIcon);
  return item.iconPath.id;
}

async function tooltipOf({ node, item }: Line): Promise<string> {
  const { runsView } = await internals();
  const { tooltip } = runsView.resolveTreeItem(item, node);
  assert.ok(tooltip instanceof vscode.MarkdownString);
  return tooltip.value;
}

/** Exports into a file that the person is taken to have chosen. */
async function exported(name: string, ...args: unknown[]): Promise<Trace> {
  const file = path.join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, 'exported.json');
  const original = vscode.window.showSaveDialog;
  Object.assign(vscode.window, { showSaveDialog: async () => vscode.Uri.file(file) });
  try {
    await answering(undefined, () => command(name, ...args));
    return JSON.parse(await readFile(file, 'utf8'));
  } finally {
    Object.assign(vscode.window, { showSaveDialog: original });
    await rm(file, { force: true });
  }
}

describe('the Runs view', () => {
  let session: Session;

  before(async () => (await internals()).sessions.shutDownAll());

  beforeEach(async () => {
    await command('focus');
    session = await (await internals()).sessions.workspaceSession();
  });

  afterEach(async () => {
    const { sessions } = await internals();
    await sessions.shutDownAll();
    await endSessions();
  });

  it('is empty where nothing has run', async () => {
    await until('no line', async () => (await below()).length === 0);
  });

  it('shows runs as they begin and end, the newest first', async () => {
    await session.run('# %% first\nx = 1');
    await session.run('1/0', { initiator: 'agent' });
    const endless = session.run('while True: pass');
    const running = await untilLine(/^while True: pass /);
    assert.equal(iconOf(running), 'loading~spin');
    assert.equal(running.item.contextValue, 'run running');
    const [newest, failed, first] = await below();
    assert.equal(newest?.node, running.node);
    assert.match(failed?.text ?? '', /^1\/0 \[2\] · [\d.]+ m?s · an agent: VS Code \(.+\)$/);
    assert.equal(iconOf(failed!), 'error');
    assert.match(first?.text ?? '', /\[1\] · [\d.]+ m?s · a person: VS Code \(.+\)$/);
    assert.equal(iconOf(first!), 'check');
    assert.match(await tooltipOf(failed!), /State: failed[\s\S]+Started by: VS Code .+an agent/);
    await command('cancel', running.node);
    assert.equal((await endless).status, 'interrupted');
    const ended = await untilLine(/^while True: pass \[3\]/);
    assert.equal(ended.node, running.node, 'the same line says something else');
    assert.equal(iconOf(ended), 'debug-stop');
    const [asked] = await answering(undefined, () => command('cancel', ended.node));
    assert.equal(asked?.text, 'This run has ended already.');
  });

  it('shows what a run has given, and follows one that goes on', async () => {
    await session.run('print("so far")\ndisplay({"a": 1})\n40 + 2');
    const { node } = await untilLine(/^print/);
    await command('showOutput', node);
    const text = () => vscode.window.activeTextEditor?.document.getText() ?? '';
    await until('the output', () => text().includes('so far'));
    assert.equal(text(), "so far\n{'a': 1}\n42\n");
    const going = session.run('import time\nprint("begun", flush=True)\ntime.sleep(1)\nprint("over")\n1/0');
    const line = await untilLine(/^import time/);
    await command('showOutput', line.node);
    await until('what it prints', () => text().includes('begun'));
    await going;
    await until('the end', () => /begun\nover\nTraceback[\s\S]+ZeroDivisionError/.test(text()));
  });

  it('groups the runs of several sessions', async () => {
    await session.run('1');
    const notebook = await openNotebook('n = 1');
    await runNotebook(notebook);
    await until('two sessions', async () => (await below()).length === 2);
    const lines = await below();
    assert.deepEqual(
      lines.map(({ item }) => item.contextValue),
      ['session', 'session'],
    );
    const own = lines.find(({ text }) => /^made-\d+\.ipynb 1 run$/.test(text))!;
    assert.match((await below(own.node))[0]?.text ?? '', /^n = 1 /);
    const trace = await exported('export', own.node);
    assert.deepEqual(
      trace.runs.map(({ title }) => title),
      ['n = 1'],
    );
  });

  it('follows what is run by hand', async () => {
    await openPython('by_hand = 1\n');
    await vscode.commands.executeCommand('codeMode.runSelection');
    await untilLine(/^by_hand = 1 /);
  });

  describe('with tools', () => {
    const folder = () => path.join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, '.code-mode/tools');

    before(async () => {
      await mkdir(folder(), { recursive: true });
      await writeFile(
        path.join(folder(), 'traced.yaml'),
        `name: traced
description: Prints what it is given.
command: node
schema:
  options:
    print: {type: string, short: p}
recipes:
  say: {params: {print: {}}}
`,
      );
    });

    after(async () => {
      for (const file of ['traced.yaml', 'quick.yaml']) await rm(path.join(folder(), file), { force: true });
    });

    async function call(code: string): Promise<RunNode> {
      await session.run(code);
      const { node } = await untilLine(new RegExp(`^${code.split('\n')[0]!.slice(0, 12)}.* calls? `));
      assert.ok(node.kind === 'run');
      return node;
    }

    it('shows the calls of a run with their arguments', async () => {
      const node = await call(
        'import json\ntools.traced.say(print="1 + 1")\ntry: tools.traced.say(print="throw 1")\nexcept Exception: pass',
      );
      const [good, bad, ...rest] = await below(node);
      assert.deepEqual(rest, []);
      assert.match(good?.text ?? '', /^traced\.say [\d.]+ m?s · \d bytes?$/);
      assert.match(bad?.text ?? '', /^traced\.say [\d.]+ m?s · .+/);
      assert.deepEqual([iconOf(good!), iconOf(bad!)], ['symbol-method', 'error']);
      assert.match(await tooltipOf(good!), /```python\ntools\.traced\.say\(print="1 \+ 1"\)\n```/);
      const [argument] = await below(good!.node);
      assert.equal(argument?.text, 'print: "1 + 1"');
      await command('copyCall', good!.node);
      assert.equal(await vscode.env.clipboard.readText(), 'tools.traced.say(print="1 + 1")');
      await command('copyArguments', argument!.node);
      assert.deepEqual(JSON.parse(await vscode.env.clipboard.readText()), { print: '1 + 1' });
      const trace = await exported('export', node);
      assert.equal(trace.version, 1);
      assert.equal(trace.executor.id, 'sandbox');
      assert.deepEqual(
        trace.runs.map(({ title, toolCalls }) => [title, toolCalls.map(({ error }) => error !== null)]),
        [['import json', [false, true]]],
      );
      assert.equal((await exported('exportTrace')).runs.length, 1);
    });

    it('follows calls that go on', async () => {
      const running = session.run(
        "import asyncio\nawait tools.traced.say.call_async(print=\"require('child_process').execSync('sleep 1')+1\")",
      );
      const { node } = await untilLine(/^import asyncio.* 1 call /);
      const [line] = await below(node);
      assert.equal(iconOf(line!), 'loading~spin');
      await running;
      await until('its end', async () => iconOf((await below(node))[0]!) === 'symbol-method');
    });

    it('shows many calls in pages', async () => {
      await writeFile(
        path.join(folder(), 'quick.yaml'),
        'name: quick\ncommand: echo\nschema:\n  positional:\n    - {name: word, type: string}\nrecipes:\n  say: {params: {word: {}}}\n',
      );
      await session.run('import time\nwhile "quick" not in tools: time.sleep(0.1)', { timeoutS: 10 });
      const node = await call('for n in range(520): tools.quick.say(word=str(n))');
      const lines = await below(node);
      assert.equal(lines.at(-1)?.text, 'Show more… 20 left');
      await vscode.commands.executeCommand(
        lines.at(-1)!.item.command!.command,
        ...lines.at(-1)!.item.command!.arguments!,
      );
      assert.deepEqual([lines.length, (await below(node)).length], [501, 520]);
    });
  });
});
