import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { until } from '../support/until.ts';
import { endSessions, internals, newestCell } from './editorSupport.ts';
import { errorOf, plain } from './notebookSupport.ts';

const ORIGIN = { filename: '/home/me/work.py', firstLine: 11 };

function windows(): vscode.NotebookDocument[] {
  return vscode.workspace.notebookDocuments.filter(({ notebookType }) => notebookType === 'interactive');
}

describe('the Interactive Window', () => {
  afterEach(async () => {
    await endSessions();
    await until('the window to close', () => windows().length === 0);
  });

  it('shows what runs from the editor as a cell, and gives its result', async () => {
    const { interactiveWindow } = await internals();
    const result = await interactiveWindow.run('print("hello")\n6 * 7', ORIGIN);
    assert.equal(result?.status, 'ok');
    assert.equal(result?.value, 42);
    const cell = newestCell();
    assert.equal(cell?.code, 'print("hello")\n6 * 7');
    assert.equal(cell?.output, 'hello\n\n42');
    await until('the end to show', () => newestCell()?.ok === true);
  });

  it('is one window, in which quick runs keep their order', async () => {
    const { interactiveWindow } = await internals();
    const codes = Array.from(
      { length: 8 },
      (_, index) => `order = globals().get("order", []) + [${index}]\norder`,
    );
    const results = await Promise.all(codes.map((code) => interactiveWindow.run(code, ORIGIN)));
    assert.deepEqual(results.at(-1)?.value, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.equal(windows().length, 1);
    assert.deepEqual(
      windows()[0]
        ?.getCells()
        .map(({ document }) => document.getText()),
      codes,
    );
    await until('the end to show', () => newestCell()?.ok === true);
    assert.deepEqual(
      windows()[0]
        ?.getCells()
        .map(({ executionSummary }) => executionSummary?.executionOrder),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
  });

  it("names the user's own file and lines in tracebacks", async () => {
    const { interactiveWindow } = await internals();
    const result = await interactiveWindow.run('x = 1\nx / 0', ORIGIN);
    assert.equal(result?.status, 'error');
    assert.match(plain(errorOf(windows()[0]!, 0)?.stack ?? ''), /File \/home\/me\/work\.py:12\n/);
  });

  it('runs what is typed into it, in the session that the editor uses', async () => {
    const { interactiveWindow, sessions } = await internals();
    await interactiveWindow.run('shared = 20', ORIGIN);
    await interactiveWindow.show();
    await vscode.commands.executeCommand('interactive.input.focus');
    await vscode.commands.executeCommand('type', { text: 'shared + 1' });
    await vscode.commands.executeCommand('interactive.execute');
    await until('the typed cell', () => newestCell()?.code === 'shared + 1' && newestCell()?.ok === true);
    assert.equal(newestCell()?.output, '21');
    assert.equal((await sessions.current()?.run('shared'))?.value, 20);
  });

  it('opens again after it was closed', async () => {
    const { interactiveWindow } = await internals();
    await interactiveWindow.run('left = "over"', ORIGIN);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await until('the window to close', () => windows().length === 0);
    const result = await interactiveWindow.run('left', ORIGIN);
    assert.equal(result?.value, 'over');
    assert.equal(newestCell()?.output, "'over'");
  });

  it('leaves the focus where it was, unless it is asked for', async () => {
    const { interactiveWindow } = await internals();
    const document = await vscode.workspace.openTextDocument({ language: 'python', content: '1' });
    await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    await interactiveWindow.run('1', ORIGIN);
    assert.equal(vscode.window.activeTextEditor?.document, document);
    assert.notEqual(windows().length, 0);
    await interactiveWindow.show();
    await until('the focus', () => vscode.window.activeNotebookEditor?.notebook === windows()[0]);
  });
});
