import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import * as vscode from 'vscode';
import type { ExtensionInternals } from '../../src/extension.ts';

/** What the running extension shows to tests. */
export async function internals(): Promise<ExtensionInternals> {
  const extension = vscode.extensions.getExtension<ExtensionInternals | undefined>(
    'python-code-mode.python-code-mode',
  );
  const shown = await extension?.activate();
  assert.ok(shown, 'the extension shows nothing to its tests');
  return shown;
}

/** Opens Python code as a new file of the workspace, the cursor on a line (1-based). */
export async function openPython(content: string, line = 1): Promise<vscode.TextEditor> {
  // A name that no test had before: VS Code keeps a document for a while after it was closed, and would show it
  // again, with its text, where another of the same name is opened.
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'the window has no folder open');
  const uri = vscode.Uri.joinPath(folder.uri, `code-${randomUUID()}.py`);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(content));
  const document = await vscode.workspace.openTextDocument(uri);
  const editor = await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
  putCursor(editor, line);
  return editor;
}

/** Runs the selection of the active editor, or the statement under its cursor, to its end. */
export function runSelection(): Promise<unknown> {
  return Promise.resolve(vscode.commands.executeCommand('codeMode.runSelection'));
}

/** Puts the cursor at the start of a line (1-based). */
export function putCursor(editor: vscode.TextEditor, line: number): void {
  const position = new vscode.Position(line - 1, 0);
  editor.selection = new vscode.Selection(position, position);
}

/** The values beside an editor's code, as `line: text`, 1-based. */
export async function valuesBeside(editor: vscode.TextEditor): Promise<string[]> {
  const { inlineValues } = await internals();
  return inlineValues.valuesOf(editor.document).map(({ line, text }) => `${line + 1}: ${text}`);
}

type Shower = 'showWarningMessage' | 'showErrorMessage' | 'showInformationMessage' | 'showQuickPick';

/** A question or message that the extension put to the person: a message's text, or a menu's items. */
export interface Asked {
  readonly shower: Shower;
  readonly text: string;
  readonly buttons: readonly string[];
}

/**
 * Answers for the person while `work` runs, with the first button or menu item that contains `answer`; without
 * one every question is dismissed. `work` sees what has been asked so far. There is no other way to press a button of a dialog from a test in the host.
 */
export async function answering(
  answer: string | undefined,
  work: (asked: readonly Asked[]) => Promise<unknown>,
): Promise<Asked[]> {
  const asked: Asked[] = [];
  const window = vscode.window as unknown as Record<Shower, (...args: unknown[]) => Promise<unknown>>;
  const showers: Shower[] = [
    'showWarningMessage',
    'showErrorMessage',
    'showInformationMessage',
    'showQuickPick',
  ];
  const originals = showers.map((shower) => [shower, window[shower]] as const);
  for (const shower of showers) {
    window[shower] = async (first, ...rest) => {
      const items = shower === 'showQuickPick' ? ((await first) as vscode.QuickPickItem[]) : rest;
      const labels = items.map((item) => (typeof item === 'string' ? item : labelOf(item))).filter(Boolean);
      const text = shower === 'showQuickPick' ? '' : String(first);
      asked.push({ shower, text, buttons: labels });
      return items.find(
        (item) => answer !== undefined && (typeof item === 'string' ? item : labelOf(item)).includes(answer),
      );
    };
  }
  try {
    await work(asked);
    return asked;
  } finally {
    for (const [shower, original] of originals) window[shower] = original;
  }
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(address && typeof address === 'object');
  return address.port;
}

/** Sets a setting of the workspace while `work` runs. */
export async function withSetting(key: string, value: unknown, work: () => Promise<unknown>): Promise<void> {
  const configuration = () => vscode.workspace.getConfiguration('codeMode');
  await configuration().update(key, value, vscode.ConfigurationTarget.Workspace);
  try {
    await work();
  } finally {
    await configuration().update(key, undefined, vscode.ConfigurationTarget.Workspace);
  }
}

/** The newest cell of the Interactive Window with its text outputs. */
export function newestCell(): { code: string; output: string; ok: boolean | undefined } | undefined {
  const notebook = vscode.workspace.notebookDocuments.find(
    ({ notebookType }) => notebookType === 'interactive',
  );
  const cell = notebook && notebook.cellCount > 0 ? notebook.cellAt(notebook.cellCount - 1) : undefined;
  if (!cell) return undefined;
  const output = cell.outputs
    .flatMap(({ items }) => items)
    .map(({ data }) => new TextDecoder().decode(data))
    .join('\n');
  return { code: cell.document.getText(), output, ok: cell.executionSummary?.success };
}

/** Ends the sessions that a test left behind. */
export async function endSessions(): Promise<void> {
  const { sessions } = await internals();
  await sessions.current()?.close();
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

function labelOf(item: unknown): string {
  if (typeof item !== 'object' || item === null) return '';
  if ('label' in item) return String(item.label);
  return 'title' in item ? String(item.title) : '';
}
