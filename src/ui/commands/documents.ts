import * as vscode from 'vscode';
import { isPythonFile } from '../editor/documentCells.ts';

/** The document that a command is about: the one it was called for, else that of the active editor. */
export async function documentFor(resource: unknown): Promise<vscode.TextDocument | undefined> {
  if (resource instanceof vscode.Uri) return vscode.workspace.openTextDocument(resource);
  return pythonEditor()?.document;
}

/** The active editor where it shows a Python file; says so where it does not. */
export function pythonEditor(): vscode.TextEditor | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor && isPythonFile(editor.document)) return editor;
  const hint =
    editor?.document.uri.scheme === 'vscode-notebook-cell'
      ? 'In a notebook, run its cells.'
      : 'Open a Python file to run code from it.';
  void vscode.window.showInformationMessage(hint);
  return undefined;
}

/** The last line (0-based) of a document that is not blank; 0 in an empty one. */
export function lastCodeLine(document: vscode.TextDocument): number {
  let line = document.lineCount - 1;
  while (line > 0 && document.lineAt(line).isEmptyOrWhitespace) line -= 1;
  return line;
}
