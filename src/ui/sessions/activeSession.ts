import * as vscode from 'vscode';
import type { Session } from '../../core/session/session.ts';
import type { WorkspaceSessions } from './workspaceSessions.ts';

/** The notebook that a command or the status is about. */
export function activeNotebook(argument?: unknown): vscode.NotebookDocument | undefined {
  const uri = notebookUriOf(argument);
  const documents = vscode.workspace.notebookDocuments;
  if (uri) return documents.find((notebook) => notebook.uri.toString() === uri.toString());
  return vscode.window.activeNotebookEditor?.notebook;
}

/** The open session in front of the person: that of the active notebook, else the workspace's. */
export function activeSession(sessions: WorkspaceSessions, argument?: unknown): Session | undefined {
  const notebook = activeNotebook(argument);
  return notebook ? sessions.currentFor(notebook) : sessions.current();
}

/** Buttons of a notebook's toolbar hand over which notebook they stand in. */
function notebookUriOf(argument: unknown): vscode.Uri | undefined {
  if (typeof argument !== 'object' || argument === null || !('notebookEditor' in argument)) return undefined;
  const editor = argument.notebookEditor;
  if (typeof editor !== 'object' || editor === null || !('notebookUri' in editor)) return undefined;
  return editor.notebookUri instanceof vscode.Uri ? editor.notebookUri : undefined;
}
