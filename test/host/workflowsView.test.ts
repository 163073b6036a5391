import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Node, WorkflowNode } from '../../src/ui/views/workflows/nodes.ts';
import { hasRedis, RedisServer } from '../support/redisServer.ts';
import { until } from '../support/until.ts';
import { answering, endSessions, internals, newestCell, openPython } from './editorSupport.ts';
import { openNotebook } from './notebookSupport.ts';

const GREET =
  '"""Greets."""\n\n\nasync def run(name: str, times: int = 2):\n    return f"Hello {name}" * times\n';
const CALLER =
  'async def run():\n    return workflows.greet(name="a"), workflows.invoke("greet", name="b")\n';

const command = (name: string, ...args: unknown[]) =>
  Promise.resolve(vscode.commands.executeCommand(`codeMode.workflows.${name}`, ...args));

/** The lines below another one, or the first ones, as VS Code is given them. */
async function rows(below?: Node): Promise<{ node: Node; item: vscode.TreeItem; text: string }[]> {
  const { workflowsView } = await internals();
  const nodes = await workflowsView.getChildren(below);
  return Promise.all(
    nodes.map(async (node) => {
      const item = await workflowsView.getTreeItem(node);
      return { node, item, text: `${item.label}: ${item.description ?? ''}` };
    }),
  );
}

async function untilRow(text: RegExp): Promise<{ node: WorkflowNode; item: vscode.TreeItem }> {
  await until(`a row ${text}`, async () => (await rows()).some((row) => text.test(row.text)));
  const { node, item } = (await rows()).find((row) => text.test(row.text))!;
  return { node: node as WorkflowNode, item };
}

async function untilGone(text: RegExp): Promise<void> {
  await until(`no row ${text}`, async () => !(await rows()).some((row) => text.test(row.text)));
}

async function fileOf(name: string): Promise<vscode.Uri> {
  return (await internals()).store.uriOf('workflows', name);
}

async function write(name: string, source: string): Promise<void> {
  await vscode.workspace.fs.writeFile(await fileOf(name), Buffer.from(source));
}

async function read(name: string): Promise<string> {
  return Buffer.from(await vscode.workspace.fs.readFile(await fileOf(name))).toString();
}

async function openSource(name: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(await fileOf(name)));
}

/** Types answers for the person into the input boxes that are shown, one after the other, while `work` runs. */
async function typing(answers: readonly string[], work: () => Promise<unknown>): Promise<void> {
  const original = vscode.window.showInputBox;
  const left = [...answers];
  Object.assign(vscode.window, {
    showInputBox: async ({ validateInput }: vscode.InputBoxOptions = {}) => {
      const answer = left.shift();
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

/** The completions at the cursor. */
async function completions({ document, selection }: vscode.TextEditor): Promise<vscode.CompletionItem[]> {
  const list = await vscode.commands.executeCommand<vscode.CompletionList>(
    'vscode.executeCompletionItemProvider',
    document.uri,
    selection.active,
  );
  return list.items;
}

const nameOf = ({ label }: vscode.CompletionItem) => (typeof label === 'string' ? label : label.label);

/** What is said of a place, in Markdown. */
async function hoverAt(document: vscode.TextDocument, offset: number): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    document.uri,
    document.positionAt(offset),
  );
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (typeof content === 'string' ? content : content.value))
    .join('\n');
}

describe('workflows in the editor', () => {
  const clear = async () => {
    const { store } = await internals();
    const library = await store.workflows();
    for (const { name } of await library.list()) await library.delete(name);
  };

  before(() => command('focus'));
  beforeEach(clear);

  afterEach(async () => {
    await endSessions();
    await clear();
  });

  describe('the view', () => {
    it('follows what anybody does with the store, and keeps its lines', async () => {
      assert.deepEqual(await rows(), []);
      await write('greet', GREET);
      const { node, item } = await untilRow(/^greet: name, times = 2$/);
      assert.equal(item.contextValue, 'workflow');
      assert.deepEqual(
        (await rows(node)).map(({ text }) => text),
        ['name:: str', 'times:: int = 2'],
      );
      await write('greet', GREET.replace('times: int = 2', 'times: int = 3'));
      const changed = await untilRow(/^greet: name, times = 3$/);
      assert.equal(changed.node, node, 'the same line says something else');
      assert.equal(changed.item.id, item.id);
      await write('broken', 'def run(): pass\n');
      assert.equal((await untilRow(/^broken: run is a plain function/)).item.contextValue, 'workflow broken');
      await vscode.workspace.fs.delete(await fileOf('broken'));
      await untilGone(/^broken/);
    });

    it('tells all in the tooltip', async () => {
      await write('greet', GREET);
      const { node, item } = await untilRow(/^greet: name, times = 2$/);
      const { workflowsView } = await internals();
      const { tooltip } = await workflowsView.resolveTreeItem(item, node);
      assert.ok(tooltip instanceof vscode.MarkdownString);
      assert.match(tooltip.value, /greet\(name: str, times: int = 2\)[\s\S]*Greets[\s\S]*return f"Hello/);
    });

    it('shows pages of many', async () => {
      const { store } = await internals();
      const library = await store.workflows();
      for (let index = 0; index < 501; index++) {
        await library.save(`many_${String(index).padStart(3, '0')}`, 'async def run(): pass\n');
      }
      await untilRow(/^Show more…: 1 left$/);
      assert.equal((await rows()).length, 501);
      await command('showMore');
      await until('all of them', async () => (await rows()).at(-1)?.text === 'many_500: ');
    });
  });

  describe('actions', () => {
    it('run it where code of the editor runs', async () => {
      await write('answer', 'async def run():\n    print("asked")\n    return 42\n');
      const { node } = await untilRow(/^answer/);
      await command('run', node);
      const cell = newestCell();
      assert.equal(cell?.code, 'workflows.answer()');
      assert.equal(cell?.output, 'asked\n\n42');
    });

    it('run what is seen, though it was not saved', async () => {
      await write('answer', 'async def run():\n    return 41\n');
      const { node } = await untilRow(/^answer/);
      const editor = await openSource('answer');
      await editor.edit((edit) => edit.replace(new vscode.Range(1, 11, 1, 13), '43'));
      await command('run', node);
      assert.equal(newestCell()?.output, '43');
    });

    it('ask for parameters first, and run nothing where that is cancelled', async () => {
      await write('greet', GREET);
      const { node } = await untilRow(/^greet/);
      const running = command('run', node);
      const isOpen = () =>
        vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(({ label }) => label === 'Run greet'));
      await until('the form', isOpen);
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      await running;
      assert.equal(newestCell(), undefined);
    });

    it('say why a broken one is not run, and lead there', async () => {
      await write('broken', '\ndef run(): pass\n');
      const { node } = await untilRow(/^broken/);
      const [asked] = await answering('Open Source', () => command('run', node));
      assert.match(asked?.text ?? '', /^The workflow "broken" cannot be run: run is a plain function/);
      const editor = vscode.window.activeTextEditor;
      assert.equal(editor?.document.getText(editor.selection), 'run');
    });

    it('insert and copy its call', async () => {
      await write('greet', GREET);
      const { node } = await untilRow(/^greet/);
      const editor = await openPython('x = \n');
      editor.selection = new vscode.Selection(0, 4, 0, 4);
      await command('insertCall', node);
      assert.equal(editor.document.lineAt(0).text, 'x = workflows.greet(name="")');
      await command('copyCall', node);
      assert.equal(await vscode.env.clipboard.readText(), 'workflows.greet(name="")');
    });

    it('rename it with its usages', async () => {
      await write('greet', GREET);
      await write('caller', CALLER);
      const { node } = await untilRow(/^greet/);
      const asked = await answering('Change Them', () => typing(['salute'], () => command('rename', node)));
      assert.match(asked[0]?.text ?? '', /^Workflows use "greet" at 2 places: caller\.$/);
      await untilRow(/^salute/);
      await untilGone(/^greet/);
      assert.equal(await read('caller'), CALLER.replaceAll('greet', 'salute'));
      assert.equal(await read('salute'), GREET);
    });

    it('rename it alone where nothing uses it, and refuse names that cannot be', async () => {
      await write('greet', GREET);
      await write('other', GREET);
      const { node } = await untilRow(/^greet/);
      for (const name of ['other', 'list', 'a b', '_hidden', 'class']) {
        await answering(undefined, () => typing([name], () => command('rename', node)));
        assert.equal(await read('greet'), GREET, name);
      }
      await typing(['salute'], () => command('rename', node));
      await untilRow(/^salute/);
    });

    it('show where others use it', async () => {
      await write('greet', GREET);
      await write('user', CALLER);
      const { node } = await untilRow(/^greet/);
      const [asked] = await answering('return workflows.greet', () => command('usages', node));
      assert.equal(asked?.buttons.length, 2);
      const editor = vscode.window.activeTextEditor;
      assert.equal(editor?.document.uri.path.endsWith('/user.py'), true);
      assert.equal(editor?.document.getText(editor.selection), 'greet');
    });

    it('delete it and bring it back, though it is broken', async () => {
      await write('broken', 'def run(): pass\n');
      const { node } = await untilRow(/^broken/);
      const [asked] = await answering(undefined, () => command('delete', node));
      assert.equal(asked?.text, 'Deleted the workflow "broken".');
      await untilGone(/^broken/);
      await write('broken', 'def run(): pass\n');
      const again = await untilRow(/^broken/);
      await answering('Undo', () => command('delete', again.node));
      assert.equal(await read('broken'), 'def run(): pass\n');
    });
  });

  describe('a new one', () => {
    it('begins with a template', async () => {
      await typing(['fresh', 'Does something.'], () => command('new'));
      assert.match(
        vscode.window.activeTextEditor?.document.getText() ?? '',
        /^"""Does something\."""\n\n\nasync def run\(/,
      );
      await untilRow(/^fresh: name = "world"$/);
    });

    it('is made from the selection, with the types of the session', async () => {
      const editor = await openPython('values = [1, 2]\ntotal = sum(values) * factor\ntotal\n');
      editor.selection = new vscode.Selection(0, 0, 1, 0);
      await vscode.commands.executeCommand('codeMode.runSelection');
      await vscode.window.showTextDocument(editor.document);
      editor.selection = new vscode.Selection(1, 0, 3, 0);
      await typing(['total', ''], () => command('newFromSelection'));
      assert.equal(
        await read('total'),
        'async def run(values: list, factor):\n    total = sum(values) * factor\n    return total\n',
      );
    });

    it('is made from cells', async () => {
      await openNotebook('import json', 'json.dumps(data)');
      const asked = await answering('All 2', () => typing(['dump', ''], () => command('newFromCells')));
      assert.deepEqual(asked[0]?.buttons, ['Selected Cell', 'All 2 Code Cells']);
      assert.equal(
        await read('dump'),
        'async def run(data):\n    import json\n\n    return json.dumps(data)\n',
      );
    });
  });

  describe('its source', () => {
    it('is checked while it is typed, and mended', async () => {
      await write('broken', 'def run(url, limit=10):\n    return url\n');
      const { document } = await openSource('broken');
      const problems = () => vscode.languages.getDiagnostics(document.uri).map(({ code }) => code);
      await until('the problems', () => problems().length === 3);
      assert.deepEqual(problems().sort(), ['run-not-async', 'unannotated', 'unannotated']);
      const fix = async (title: string) => {
        const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
          'vscode.executeCodeActionProvider',
          document.uri,
          new vscode.Range(0, 0, 0, 30),
        );
        const action = actions.find((one) => one.title === title);
        assert.ok(action?.edit, `${title} is none of ${actions.map((one) => one.title)}`);
        const left = problems().length - 1;
        await vscode.workspace.applyEdit(action.edit);
        await until('one problem less', () => problems().length === left);
      };
      await fix("Change to 'async def run'");
      await fix('Say that limit is int');
      await fix('Say that url is str');
      assert.equal(document.lineAt(0).text, 'async def run(url: str, limit: int = 10):');
      await document.save();
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      await write('broken', 'def run(): pass\n');
      await openSource('broken');
      await until('the problem', () => problems().length === 1);
      await vscode.workspace.fs.delete(document.uri);
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      await until('no problem', () => problems().length === 0);
    });

    it('is no workflow elsewhere', async () => {
      const { document } = await openPython('def run(x): pass\n');
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.deepEqual(vscode.languages.getDiagnostics(document.uri), []);
    });
  });

  describe('code', () => {
    it('is completed with names, parameters and artifacts', async () => {
      const { store } = await internals();
      await (await store.artifacts()).save('scans/a.json', Buffer.from('{}'), {
        description: 'What was found.',
        metadata: {},
        dataType: 'json',
      });
      await write('greet', GREET);
      await untilRow(/^greet/);
      const editor = await openPython('workflows.\nworkflows.greet(name="a", \nartifacts.load("\n');
      const at = (line: number) => {
        const { end } = editor.document.lineAt(line).range;
        editor.selection = new vscode.Selection(end, end);
        return completions(editor);
      };
      const found = (await at(0)).find((item) => nameOf(item) === 'greet');
      assert.ok(found);
      assert.deepEqual((found.label as vscode.CompletionItemLabel).detail, '(name: str, times: int = 2)');
      assert.deepEqual(
        (await at(1)).map(nameOf).filter((name) => name.endsWith('=')),
        ['times='],
      );
      const artifact = (await at(2)).find((item) => nameOf(item) === 'scans/a.json');
      assert.equal(artifact?.detail, 'What was found.');
      await (await store.artifacts()).delete('scans/a.json');
    });

    it('shows the signature of what is called', async () => {
      await write('greet', GREET);
      await untilRow(/^greet/);
      const { document } = await openPython('workflows.greet(name="a", times=');
      const help = await vscode.commands.executeCommand<vscode.SignatureHelp>(
        'vscode.executeSignatureHelpProvider',
        document.uri,
        document.lineAt(0).range.end,
      );
      assert.equal(help.signatures[0]?.label, 'greet(name: str, times: int = 2)');
      assert.equal(help.activeParameter, 1);
    });

    it('is explained where something of the store is named', async () => {
      const { store } = await internals();
      await (await store.artifacts()).save('a.txt', Buffer.from('hello'), {
        description: 'A greeting.',
        metadata: {},
        dataType: 'text',
      });
      await write('greet', GREET);
      await untilRow(/^greet/);
      const text = 'workflows.greet(name=artifacts.load("a.txt"))';
      const { document } = await openPython(text);
      assert.match(await hoverAt(document, text.indexOf('greet') + 1), /greet\(name: str[\s\S]*Greets/);
      assert.equal(await hoverAt(document, 2), '');
      assert.match(await hoverAt(document, text.indexOf('a.txt')), /A greeting[\s\S]*Size: 5/);
      await (await store.artifacts()).delete('a.txt');
    });

    it('is left to a live session where that knows the names', async () => {
      await write('greet', GREET);
      await untilRow(/^greet/);
      const notebook = await openNotebook('workflows.');
      const { document } = notebook.cellAt(0);
      const named = async () => {
        const list = await vscode.commands.executeCommand<vscode.CompletionList>(
          'vscode.executeCompletionItemProvider',
          document.uri,
          new vscode.Position(0, 10),
        );
        return list.items.filter((item) => nameOf(item) === 'greet').length;
      };
      assert.equal(await named(), 1);
      const { sessions } = await internals();
      await (await sessions.notebookSession(notebook)).run('1');
      await until('one of them alone', async () => (await named()) === 1);
    });
  });
  describe('on Redis', () => {
    let server: RedisServer | undefined;
    const settings = () => vscode.workspace.getConfiguration('codeMode');
    const setAll = async (values: Readonly<Record<string, string | undefined>>) => {
      for (const [key, value] of Object.entries(values)) {
        await settings().update(key, value, vscode.ConfigurationTarget.Workspace);
      }
    };

    before(async function () {
      if (!hasRedis()) this.skip();
      server = await RedisServer.start();
      await setAll({ 'redis.url': server.url, 'redis.prefix': 'host', storage: 'redis' });
      const { store } = await internals();
      await until('the store', async () => (await store.spec())?.type === 'redis');
      await until('its folder', async () => (await store.root('workflows')).scheme === 'code-mode-store');
    });

    after(async () => {
      await setAll({ storage: undefined, 'redis.prefix': undefined, 'redis.url': undefined });
      await server?.[Symbol.asyncDispose]();
      const { store } = await internals();
      await until('the files', async () => (await store.root('workflows')).scheme === 'file');
    });

    it('is seen, opened, checked and renamed with its usages', async () => {
      const { store } = await internals();
      const library = await store.workflows();
      await library.save('greet', GREET);
      await library.save('caller', CALLER);
      const { node } = await untilRow(/^greet: name, times = 2$/);
      const { document } = await openSource('greet');
      assert.match(document.uri.toString(), /^code-mode-store:\/\/[0-9a-f]+\/workflows\/greet\.py$/);
      const edit = new vscode.WorkspaceEdit();
      edit.replace(document.uri, new vscode.Range(3, 0, 3, 6), '');
      await vscode.workspace.applyEdit(edit);
      await until('the problem', () => vscode.languages.getDiagnostics(document.uri).length === 1);
      await vscode.commands.executeCommand('workbench.action.files.revert');
      await answering('Change Them', () => typing(['salute'], () => command('rename', node)));
      await untilRow(/^salute/);
      await untilGone(/^greet/);
      assert.equal((await library.get('caller'))?.source, CALLER.replaceAll('greet', 'salute'));
      assert.equal((await library.get('salute'))?.source, GREET);
    });

    it('is deleted and brought back', async () => {
      const { store } = await internals();
      await (await store.workflows()).save('greet', GREET);
      const { node } = await untilRow(/^greet/);
      await answering(undefined, () => command('delete', node));
      await untilGone(/^greet/);
      await (await store.workflows()).save('greet', GREET);
      const again = await untilRow(/^greet/);
      await answering('Undo', () => command('delete', again.node));
      assert.equal((await (await store.workflows()).get('greet'))?.source, GREET);
    });

    it('says where it is away, and comes back', async () => {
      const { store } = await internals();
      await (await store.workflows()).save('greet', GREET);
      await untilRow(/^greet/);
      await server?.kill();
      await command('refresh');
      assert.deepEqual(
        (await rows()).map(({ item }) => item.id),
        ['failure message', 'failure hint', 'failure retry'],
      );
      await server?.start();
      await until('the store', async () => {
        await command('refresh');
        return (await rows()).length === 0;
      });
    });
  });
});
