import * as vscode from 'vscode';
import type { WorkflowSummary } from '../../../core/workflows/library.ts';
import { callSnippet, callWithBlanks } from './calls.ts';

/** Writes the call of a workflow where the person writes: at the cursor, else in a new cell of the notebook. */
export async function insertCall(workflow: WorkflowSummary): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId === 'python') {
    await vscode.window.showTextDocument(editor.document, editor.viewColumn);
    await editor.insertSnippet(new vscode.SnippetString(callSnippet(workflow)));
    return;
  }
  const notebook = vscode.window.activeNotebookEditor;
  if (notebook) {
    await insertCell(notebook, callWithBlanks(workflow));
    return;
  }
  const text = `Open a Python file or a notebook to insert the call of "${workflow.name}" there.`;
  const chosen = await vscode.window.showInformationMessage(text, 'Copy Call');
  if (chosen) await copyCall(workflow);
}

/** Puts the call of a workflow on the clipboard. */
export async function copyCall(workflow: WorkflowSummary): Promise<void> {
  await vscode.env.clipboard.writeText(callWithBlanks(workflow));
}

async function insertCell({ notebook, selection }: vscode.NotebookEditor, code: string): Promise<void> {
  const cell = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, code, 'python');
  const edit = new vscode.WorkspaceEdit();
  edit.set(notebook.uri, [vscode.NotebookEdit.insertCells(selection.end, [cell])]);
  await vscode.workspace.applyEdit(edit);
}
