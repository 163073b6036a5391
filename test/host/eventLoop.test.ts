import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { longestBlock } from '../../bench/eventLoop.ts';
import { MANY_LINES, MANY_LINES_CODE } from '../../bench/protocol.ts';
import { until } from '../support/until.ts';
import { endSessions, internals, openPython } from './editorSupport.ts';
import { mimes, openNotebook, printed, run, success } from './notebookSupport.ts';

const decoder = new TextDecoder();
const CUT = 'application/vnd.python-code-mode.cut+json';
/** Milliseconds for which an extension host that has nothing to do is watched. */
const IDLE_MS = 1_000;

/** A cell has ended well, and shows the beginning and the end of all lines; the whole has every one of them. */
async function assertAllArrived(notebook: vscode.NotebookDocument, index: number): Promise<void> {
  assert.equal(success(notebook, index), true);
  const expected = Array.from({ length: MANY_LINES }, (_, line) => `${line}\n`).join('');
  const shown = printed(notebook, index);
  assert.ok(expected.startsWith(shown.slice(0, 10_000)) && expected.endsWith(shown.slice(-1_000)));
  const mark = JSON.parse(decoder.decode(mimes(notebook, index).get(CUT)));
  assert.equal(mark.complete, true);
  const { wholes } = (await internals()).notebooks.kernel;
  const whole = await vscode.workspace.openTextDocument(wholes.uriOf(mark.id, 'whole'));
  // Compared here: no message shall have millions of lines.
  assert.ok(whole.getText() === expected, `${mark.lines} lines, ${mark.characters} characters`);
}

describe('1,000,000 printed lines', () => {
  /** The longest that the extension host kept everybody waiting, in milliseconds. */
  const blocks: Record<string, number> = {};

  before(async () => {
    await internals();
    blocks.idle = await longestBlock(() => sleep(IDLE_MS));
  });

  afterEach(endSessions);

  after(async () => {
    const extension = vscode.extensions.getExtension('python-code-mode.python-code-mode')!;
    // Where `npm run bench` looks for it: nothing outside VS Code can measure this.
    await writeFile(path.join(extension.extensionPath, 'bench/eventLoop.json'), JSON.stringify(blocks));
  });

  it('all arrive in a notebook', async () => {
    const notebook = await openNotebook('"ready"', MANY_LINES_CODE);
    // The start of a session is not what is measured.
    await run(notebook, 0);
    blocks.notebook = await longestBlock(() => run(notebook, 1));
    await assertAllArrived(notebook, 1);
  });

  it('all arrive in the Interactive Window', async () => {
    const editor = await openPython(`"ready"\n${MANY_LINES_CODE}\n`);
    await vscode.commands.executeCommand('codeMode.runSelection');
    assert.equal(editor.selection.active.line, 1, 'the cursor has moved on');
    const notebook = vscode.workspace.notebookDocuments.find(
      ({ notebookType }) => notebookType === 'interactive',
    );
    assert.ok(notebook);
    blocks.interactiveWindow = await longestBlock(async () => {
      await vscode.commands.executeCommand('codeMode.runSelection');
      await until('the end', () => success(notebook, 1) === true, 50_000);
    });
    await assertAllArrived(notebook, 1);
  });
});
