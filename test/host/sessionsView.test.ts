import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { attachTo } from '../../src/core/session/attached.ts';
import { findByWorkspaceFolder } from '../../src/core/session/remote/announcement.ts';
import type { SessionInfo } from '../../src/core/session/session.ts';
import type { SessionNode } from '../../src/ui/views/sessions/nodes.ts';
import { openSession } from '../../src/ui/views/sessions/openSession.ts';
import { until } from '../support/until.ts';
import { answering, endSessions, internals, openPython } from './editorSupport.ts';
import { openNotebook, run } from './notebookSupport.ts';

const command = (name: string, ...args: unknown[]) =>
  Promise.resolve(vscode.commands.executeCommand(`codeMode.${name}`, ...args));

/** The lines of the sessions, as VS Code is given them. */
async function rows(): Promise<{ node: SessionNode; item: vscode.TreeItem; text: string }[]> {
  const { sessionsView } = await internals();
  return (await sessionsView.getChildren()).map((node) => {
    assert.ok(!('session' in node));
    const item = sessionsView.getTreeItem(node);
    return { node, item, text: `${item.label}: ${item.description}` };
  });
}

async function untilRow(text: RegExp) {
  await until(`a row ${text}`, async () => (await rows()).some((row) => text.test(row.text)));
  return (await rows()).find((row) => text.test(row.text))!;
}

describe('the Sessions view', () => {
  // Other tests may have left some.
  before(async () => (await internals()).sessions.shutDownAll());
  beforeEach(() => command('sessions.focus'));

  afterEach(async () => {
    const { sessions } = await internals();
    await sessions.shutDownAll();
    await endSessions();
  });

  it('is empty where there is no session', async () => {
    await until('no row', async () => (await rows()).length === 0);
    const [asked] = await answering(undefined, () => command('sessions.shutDownAll'));
    assert.match(asked?.text ?? '', /no Python sessions/);
  });

  it('shows a session with what it does', async () => {
    await openPython('x = 1\nwhile True: pass\n');
    await command('runSelection');
    const idle = await untilRow(/^.+: Sandbox · idle · < 1 min · \d+ MB$/);
    assert.equal(idle.item.contextValue, 'session idle');
    assert.ok(idle.item.tooltip instanceof vscode.MarkdownString);
    assert.match(idle.item.tooltip.value, /Python: Pyodide/);
    const endless = command('runSelection');
    const busy = await untilRow(/: Sandbox · busy/);
    assert.equal(busy.node, idle.node, 'the same line says something else');
    assert.equal(busy.item.id, idle.item.id);
    assert.match(busy.item.accessibilityInformation?.label ?? '', /Sandbox, busy, less than 1 minute/);
    await command('sessions.interrupt', busy.node);
    await endless;
    await untilRow(/: Sandbox · idle/);
  });

  it('shows a notebook below its session, and opens it', async () => {
    const notebook = await openNotebook('n = 1');
    await run(notebook);
    const { node, item } = await untilRow(/^made-\d+\.ipynb: /);
    assert.equal(item.collapsibleState, vscode.TreeItemCollapsibleState.Collapsed);
    const { sessionsView } = await internals();
    const details = await sessionsView.getChildren(node);
    const shown = sessionsView.getTreeItem(details.at(-1)!);
    assert.equal(shown.label, item.label);
    assert.equal(shown.contextValue, 'notebook');
    await openPython('y = 1\n');
    assert.equal(vscode.window.activeNotebookEditor, undefined);
    await vscode.commands.executeCommand(shown.command!.command, ...shown.command!.arguments!);
    await until(
      'the notebook',
      () => vscode.window.activeNotebookEditor?.notebook.uri.toString() === notebook.uri.toString(),
    );
  });

  it('opens the Interactive Window for the session of the workspace', async () => {
    await openPython('x = 1\n');
    await command('runSelection');
    const { node } = await untilRow(/ · idle/);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await command('sessions.open', node);
    await until('the window', () =>
      vscode.window.visibleNotebookEditors.some(({ notebook }) => notebook.notebookType === 'interactive'),
    );
  });

  it('says why the session of somebody else is not opened', async () => {
    const info = {
      id: 'workspace:/elsewhere',
      title: 'elsewhere',
      notebook: null,
      clients: ['VS Code (elsewhere)'],
    } as unknown as SessionInfo;
    const unsaved = { ...info, title: 'Untitled-1.ipynb', notebook: 'untitled:Untitled-1.ipynb' };
    const gone = { ...info, title: 'gone.ipynb', notebook: 'file:///nowhere/gone.ipynb' };
    for (const [session, why] of [
      [info, /^"elsewhere" is the session of another window .* Attached: VS Code \(elsewhere\)\.$/],
      [unsaved, /^"Untitled-1.ipynb" was never saved/],
      [gone, /^The notebook "gone.ipynb" is not there any more\./],
    ] as const) {
      const asked = await answering(undefined, () => openSession(session));
      assert.match(asked[0]?.text ?? '', why);
    }
  });

  it('shows the sessions of others, and who is attached', async () => {
    await openPython('x = 1\n');
    await command('runSelection');
    await untilRow(/ · idle/);
    const folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
    const found = await findByWorkspaceFolder(folder);
    const manager = found && (await attachTo(found.announcement, { clientName: 'Some Agent', version: '0' }));
    assert.ok(manager);
    try {
      const session = await manager.open({ id: 'other', title: 'theirs', executor: 'sandbox' });
      await session.run('y = 1');
      const { node } = await untilRow(/^theirs: Sandbox · idle .* MB$/);
      const { sessionsView } = await internals();
      const attached = await sessionsView.getChildren(node);
      assert.deepEqual(
        attached.map((detail) => sessionsView.getTreeItem(detail).label),
        ['Some Agent'],
      );
      const [asked] = await answering(undefined, () => command('sessions.open', node));
      assert.match(asked?.text ?? '', /another window or program/);
      await answering('Restart', () => command('sessions.restart', node));
      assert.deepEqual(await session.variables(), []);
      await command('sessions.shutDown', node);
      await until('one row', async () => (await rows()).length === 1);
      assert.equal(manager.get('other'), undefined);
    } finally {
      await manager[Symbol.asyncDispose]();
    }
  });

  it('asks before variables are lost, by a restart and by the end', async () => {
    const { sessions } = await internals();
    await openPython('x = 1\n');
    await command('runSelection');
    const { node } = await untilRow(/ · idle/);
    const variables = async () => (await sessions.current()?.variables())?.map(({ name }) => name);
    const dismissed = [
      ...(await answering(undefined, () => command('sessions.restart', node))),
      ...(await answering(undefined, () => command('sessions.shutDown', node))),
    ];
    assert.deepEqual(
      dismissed.map(({ text }) => text.replace(/".+"/, '…')),
      ['Restart Python of …?', 'Shut down Python of …?'],
    );
    assert.deepEqual(await variables(), ['x']);
    await answering('Restart', () => command('sessions.restart', node));
    assert.deepEqual(await variables(), []);
    assert.equal((await untilRow(/ · idle/)).node, node);
    // Nothing to lose, nothing to ask.
    assert.deepEqual(await answering(undefined, () => command('sessions.shutDown', node)), []);
    await until('no row', async () => (await rows()).length === 0);
    const [asked] = await answering(undefined, () => command('sessions.restart', node));
    assert.equal(asked?.text, 'This session has ended.');
  });

  it('ends all sessions', async () => {
    await openPython('x = 1\n');
    await command('runSelection');
    const notebook = await openNotebook('n = 1');
    await run(notebook);
    await until('two rows', async () => (await rows()).length === 2);
    await answering(undefined, () => command('sessions.shutDownAll'));
    assert.equal((await rows()).length, 2);
    const [asked] = await answering('Shut Down All', () => command('sessions.shutDownAll'));
    assert.match(asked?.text ?? '', /^Shut down Python of ".+", "made-\d+\.ipynb"\?$/);
    await until('no row', async () => (await rows()).length === 0);
  });
});
