import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Node, ToolNode } from '../../src/ui/views/tools/nodes.ts';
import { toolOf } from '../../src/ui/views/tools/nodes.ts';
import { hasRedis, RedisServer } from '../support/redisServer.ts';
import { until } from '../support/until.ts';
import { answering, endSessions, internals, newestCell, openPython } from './editorSupport.ts';

const ROOT = path.resolve(__dirname, '../../..');
const EVERYTHING = path.join(ROOT, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js');

const JQ = `name: jq
description: Reads JSON.
command: jq
tags: [json]
schema:
  options:
    raw-output: {type: boolean, short: r, description: Text without quotes.}
    indent: {type: integer, default: 2}
  positional:
    - {name: filter, type: string, required: true, description: What is wanted.}
    - {name: file, type: string, description: Where from.}
recipes:
  query:
    description: What a filter gives.
    params: {filter: {}, file: {}}
  all:
    description: All of a file.
    preset: {filter: .}
    params: {file: {}}
`;
const MCP = `name: everything
type: mcp
transport: stdio
description: Shows what a server can do.
command: node
args: [${JSON.stringify(EVERYTHING)}, stdio]
`;
const CALLED = `name: date
description: Tells the year.
recipes:
  year: {subcommand: '+%Y'}
`;

const command = (name: string, ...args: unknown[]) =>
  Promise.resolve(vscode.commands.executeCommand(`codeMode.tools.${name}`, ...args));

interface Shown {
  readonly node: Node;
  readonly item: vscode.TreeItem;
  readonly text: string;
}

/** The lines below another one, or the first ones, as VS Code is given them. */
async function rows(below?: Node): Promise<Shown[]> {
  const { toolsView } = await internals();
  const nodes = await toolsView.getChildren(below);
  return Promise.all(
    nodes.map(async (node) => {
      const item = await toolsView.getTreeItem(node);
      return { node, item, text: `${item.label}: ${item.description ?? ''}` };
    }),
  );
}

async function untilRow(text: RegExp, below?: Node): Promise<Shown> {
  await until(`a row ${text}`, async () => (await rows(below)).some((row) => text.test(row.text)), 30_000);
  return (await rows(below)).find((row) => text.test(row.text))!;
}

async function untilGone(text: RegExp): Promise<void> {
  await until(`no row ${text}`, async () => !(await rows()).some((row) => text.test(row.text)));
}

function workspaceFile(...segments: string[]): vscode.Uri {
  return vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, ...segments);
}

const fileOf = (name: string) => workspaceFile('.code-mode/tools', `${name}.yaml`);

async function write(name: string, text: string): Promise<void> {
  await vscode.workspace.fs.writeFile(fileOf(name), Buffer.from(text));
}

async function read(uri: vscode.Uri): Promise<string> {
  return Buffer.from(await vscode.workspace.fs.readFile(uri)).toString();
}

/** Types answers for the person into the input boxes that are shown, one after the other, while `work` runs. */
async function typing(answers: readonly string[], work: () => Promise<unknown>): Promise<void> {
  const original = vscode.window.showInputBox;
  const left = [...answers];
  Object.assign(vscode.window, {
    showInputBox: async ({ validateInput, value }: vscode.InputBoxOptions = {}) => {
      const answer = left.shift() ?? value;
      assert.ok(answer !== undefined, 'there is nothing more to type');
      assert.equal(await validateInput?.(answer), undefined, `"${answer}" is refused`);
      return answer;
    },
  });
  try {
    await work();
  } finally {
    Object.assign(vscode.window, { showInputBox: original });
  }
}

async function tooltipOf({ item, node }: Shown): Promise<string> {
  const { toolsView } = await internals();
  const { tooltip } = await toolsView.resolveTreeItem(item, node);
  assert.ok(tooltip instanceof vscode.MarkdownString);
  return tooltip.value;
}

describe('tools in the editor', () => {
  const clear = async () => {
    for (const folder of ['.code-mode/tools', '.vscode']) {
      await vscode.workspace.fs
        .delete(workspaceFile(folder), { recursive: true })
        .then(undefined, () => undefined);
    }
  };

  before(() => command('focus'));
  beforeEach(async () => {
    await clear();
    await until('no tools', async () => (await rows()).length === 0);
  });

  afterEach(async () => {
    await endSessions();
    await clear();
  });

  describe('the view', () => {
    it('shows tools with their callables and what those take, and keeps its lines', async () => {
      await write('jq', JQ);
      const jq = await untilRow(/^jq: Reads JSON\.$/);
      assert.match(String(jq.item.contextValue), /^tool file definition ask$/);
      assert.deepEqual(
        (await rows(jq.node)).map(({ text }) => text),
        ['jq(…): Reads JSON.', 'query: What a filter gives.', 'all: All of a file.'],
      );
      const query = await untilRow(/^query/, jq.node);
      assert.deepEqual(
        (await rows(query.node)).map(({ text }) => text),
        ['filter:: str, required', 'file:: str, optional'],
      );
      await write('jq', JQ.replace('Reads JSON.', 'Reads all JSON.'));
      const changed = await untilRow(/^jq: Reads all JSON\.$/);
      assert.equal(changed.node, jq.node, 'the same line says something else');
      await vscode.workspace.fs.delete(fileOf('jq'));
      await untilGone(/^jq/);
    });

    it('shows what is broken with the reason, and leads there', async () => {
      await write('jq', JQ);
      await write('odd', 'name: odd\nrecipes: 5\n');
      const odd = await untilRow(/^odd: .*recipes/);
      assert.match(String(odd.item.contextValue), /^tool broken file/);
      await untilRow(/^jq: Reads JSON/);
      await command('open', odd.node);
      const editor = vscode.window.activeTextEditor;
      assert.equal(editor?.document.uri.toString(), fileOf('odd').toString());
      assert.equal(editor?.selection.start.line, 1);
    });

    it('tells all in the tooltips', async () => {
      await write('jq', JQ);
      const jq = await untilRow(/^jq/);
      assert.match(
        await tooltipOf(jq),
        /Reads JSON[\s\S]*Kind: command\\-line program[\s\S]*Tags: json[\s\S]*jq\\\.yaml[\s\S]*```yaml\nname: jq/,
      );
      assert.match(
        await tooltipOf(await untilRow(/^query/, jq.node)),
        /tools\.jq\.query\(filter: str, file: str = \.\.\.\)[\s\S]*`filter`: What is wanted/,
      );
    });

    it('opens a callable at its place', async () => {
      await write('jq', JQ);
      const query = await untilRow(/^query/, (await untilRow(/^jq/)).node);
      await command('open', query.node);
      const editor = vscode.window.activeTextEditor;
      assert.equal(editor?.document.getText(editor.selection), 'query');
    });

    it('shows pages of many', async () => {
      const names = Array.from({ length: 501 }, (_, index) => `many_${String(index).padStart(3, '0')}`);
      await mkdir(path.dirname(fileOf('many').fsPath), { recursive: true });
      await Promise.all(names.map((name) => writeFile(fileOf(name).fsPath, `name: ${name}\ncommand: jq\n`)));
      const more = await untilRow(/^Show more…: 1 left$/);
      assert.equal((await rows()).length, 501);
      await command('showMore', more.node);
      await until('all of them', async () => (await rows()).at(-1)?.text === 'many_500: ');
    });
  });

  describe('actions', () => {
    it('call a tool where code of the editor runs', async () => {
      await write('date', CALLED);
      const year = await untilRow(/^year/, (await untilRow(/^date/)).node);
      await command('try', year.node);
      assert.equal(newestCell()?.code, 'tools.date.year()');
      assert.match(newestCell()?.output ?? '', /^'?20\d\d/);
    });

    it('ask for parameters first, and call nothing where that is cancelled', async () => {
      await write('jq', JQ);
      const query = await untilRow(/^query/, (await untilRow(/^jq/)).node);
      const trying = command('try', query.node);
      const isOpen = () =>
        vscode.window.tabGroups.all.some(({ tabs }) =>
          tabs.some(({ label }) => label === 'Try tools.jq.query'),
        );
      await until('the form', isOpen);
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      await trying;
      assert.equal(newestCell(), undefined);
    });

    it('insert and copy a call, of a tool the one that is chosen', async () => {
      await write('jq', JQ);
      const jq = await untilRow(/^jq/);
      const editor = await openPython('x = \n');
      editor.selection = new vscode.Selection(0, 4, 0, 4);
      const asked = await answering('query', () => command('insertCall', jq.node));
      assert.deepEqual(asked[0]?.buttons, [
        '$(symbol-function) jq(…)',
        '$(symbol-method) query',
        '$(symbol-method) all',
      ]);
      assert.equal(editor.document.lineAt(0).text, 'x = tools.jq.query(filter="")');
      await command('copyCall', (await untilRow(/^query/, jq.node)).node);
      assert.equal(await vscode.env.clipboard.readText(), 'tools.jq.query(filter="")');
    });

    it('block a tool, allow it, and ask again', async () => {
      await write('jq', JQ);
      const jq = await untilRow(/^jq/);
      await command('block', jq.node);
      const blocked = await untilRow(/^jq: blocked · Reads JSON\.$/);
      assert.deepEqual(blocked.item.iconPath, new vscode.ThemeIcon('circle-slash'));
      await command('allow', jq.node);
      await untilRow(/^jq: allowed · Reads JSON\.$/);
      await command('ask', jq.node);
      await untilRow(/^jq: Reads JSON\.$/);
    });

    it('delete it after a question', async () => {
      await write('jq', JQ);
      const jq = await untilRow(/^jq/);
      await answering(undefined, () => command('delete', jq.node));
      assert.match(await read(fileOf('jq')), /^name: jq/);
      const asked = await answering('e', () => command('delete', jq.node));
      assert.equal(asked[0]?.text, 'Are you sure you want to delete the tool "jq"?');
      await untilGone(/^jq/);
    });
  });

  describe('a server', () => {
    it('is started when somebody wants to see what it can do, restarted and stopped, with its log', async () => {
      // Nobody has asked a server of this definition before.
      await write('everything', `${MCP}tags: [${randomUUID()}]\n`);
      const { node } = await untilRow(/^everything: Shows what/);
      const [unknown] = await rows(node);
      assert.equal(unknown?.text, 'Start the server to see its callables: ');
      await command('load', unknown?.node);
      await untilRow(/^everything: running · /);
      const echo = await untilRow(/^echo: /, node);
      assert.equal((await rows(echo.node))[0]?.text, 'message:: str, required');
      await command('restart', node);
      await untilRow(/^everything: running · /);
      await command('showLog', node);
      const editor = vscode.window.activeTextEditor;
      assert.match(editor?.document.uri.path ?? '', /everything\.log$/);
      await until('what it said', () => /\S/.test(editor?.document.getText() ?? ''));
      await command('stop', node);
      await untilRow(/^everything: Shows what/);
      assert.ok((await rows(node)).length > 3, 'what it can do is still known');
    });

    it('that fails says why', async () => {
      await write('gone', 'name: gone\ntype: mcp\ncommand: no-such-program-here\n');
      const { node } = await untilRow(/^gone/);
      await answering(undefined, () => command('start', node));
      const failed = await untilRow(/^gone: failed: .*no-such-program-here/);
      assert.deepEqual(
        failed.item.iconPath,
        new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground')),
      );
    });
  });

  describe('a new one', () => {
    for (const [label, name] of [
      ['Command-Line Program', 'history'],
      ['MCP Server (stdio)', 'memory'],
      ['HTTP API', 'items'],
    ] as const) {
      it(`begins with a template: ${label}`, async () => {
        await answering(label, () => typing([name], () => command('new')));
        const editor = vscode.window.activeTextEditor;
        assert.equal(editor?.document.uri.toString(), fileOf(name).toString());
        assert.match(editor?.document.getText() ?? '', new RegExp(`^name: ${name}$`, 'm'));
        assert.equal(editor?.selection.isEmpty, false);
        const row = await untilRow(new RegExp(`^${name}: `));
        assert.match(String(row.item.contextValue), /^tool file/);
      });
    }

    it('is made of what a program says of itself', async () => {
      await answering("Program's --help", () => typing(['jq', 'jq'], () => command('new')));
      assert.match(vscode.window.activeTextEditor?.document.getText() ?? '', /^command: jq$/m);
      await untilRow(/^jq: /);
    });

    it("is made of an MCP server's command", async () => {
      const line = `node ${EVERYTHING} stdio`;
      await answering("MCP Server's Command", () => typing([line, 'everything'], () => command('new')));
      await untilRow(/^everything: /);
    });

    it('never takes the place of another one', async () => {
      await write('jq', JQ);
      await untilRow(/^jq/);
      await assert.rejects(
        answering('Command-Line Program', () => typing(['jq'], () => command('new'))).then((asked) => {
          if (asked.some(({ shower }) => shower === 'showErrorMessage')) throw new Error(asked.at(-1)?.text);
        }),
        /"jq" is refused/,
      );
      assert.equal(await read(fileOf('jq')), JQ);
    });
  });

  describe('servers that VS Code knows', () => {
    it('are offered until they are tools', async () => {
      await write('jq', JQ);
      await untilRow(/^jq/);
      const config = { servers: { everything: { command: 'node', args: [EVERYTHING, 'stdio'] } } };
      await vscode.workspace.fs.writeFile(
        workspaceFile('.vscode/mcp.json'),
        Buffer.from(JSON.stringify(config)),
      );
      const group = await untilRow(/^Known to VS Code/);
      const [server] = await rows(group.node);
      assert.match(server?.text ?? '', /^everything: node .*server-everything/);
      await typing(['everything'], () => command('addServer', server?.node));
      const added = await untilRow(/^everything: /);
      assert.match(String(added.item.contextValue), /^tool file definition server/);
      await untilGone(/^Known to VS Code/);
      assert.equal(toolOf(added.node as ToolNode)?.tool.type, 'mcp');
    });
  });

  it('kept in Redis are shown, and opened to be read', async function () {
    if (!hasRedis()) return this.skip();
    await using server = await RedisServer.start();
    const settings = { 'redis.url': server.url, 'redis.prefix': 'host', storage: 'redis' };
    const update = async (values: Readonly<Record<string, string | undefined>>) => {
      for (const [key, value] of Object.entries(values)) {
        const configuration = vscode.workspace.getConfiguration('codeMode');
        await configuration.update(key, value, vscode.ConfigurationTarget.Workspace);
      }
    };
    await update(settings);
    try {
      await server.send('HSET', 'host:__tools__', 'shared', '{"name": "shared", "command": "jq"}');
      const { item, node } = await untilRow(/^shared/);
      assert.equal(item.contextValue, 'tool definition ask');
      await command('open', node);
      const { document } = vscode.window.activeTextEditor ?? assert.fail();
      assert.equal(document.uri.toString(), 'code-mode-tool:/shared.yaml');
      assert.match(document.getText(), /"command": "jq"/);
    } finally {
      await update(Object.fromEntries(Object.keys(settings).map((key) => [key, undefined])));
    }
    await untilGone(/^shared/);
  });
});
