import * as vscode from 'vscode';

/** Python code that a view offers. */
export interface OfferedCode {
  /** With places to be filled in. */
  readonly snippet: vscode.SnippetString;
  /** As it is copied, and put into a new cell. */
  readonly text: string;
  /** What it is: `the call of "fetch"`. */
  readonly what: string;
}

/** Writes code where the person writes: at the cursor, else in a new cell of the notebook; else offers to copy it. */
export async function insertCode({ snippet, text, what }: OfferedCode): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId === 'python') {
    await vscode.window.showTextDocument(editor.document, editor.viewColumn);
    await editor.insertSnippet(snippet);
    return;
  }
  const notebook = vscode.window.activeNotebookEditor;
  if (notebook) {
    await insertCell(notebook, text);
    return;
  }
  const question = `Open a Python file or a notebook to insert ${what} there.`;
  const chosen = await vscode.window.showInformationMessage(question, 'Copy');
  if (chosen) await vscode.env.clipboard.writeText(text);
}

async function insertCell({ notebook, selection }: vscode.NotebookEditor, code: string): Promise<void> {
  const cell = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, code, 'python');
  const edit = new vscode.WorkspaceEdit();
  edit.set(notebook.uri, [vscode.NotebookEdit.insertCells(selection.end, [cell])]);
  await vscode.workspace.applyEdit(edit);
}
