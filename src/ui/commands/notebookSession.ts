import * as vscode from 'vscode';
import { showError } from '../messages.ts';
import { activeNotebook } from '../sessions/activeSession.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';

/** Registers the command that joins a notebook to the workspace's session, or gives it its own again. */
export function registerNotebookSession(
  sessions: WorkspaceSessions,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  return vscode.commands.registerCommand('codeMode.toggleNotebookSession', async (argument: unknown) => {
    const notebook = activeNotebook(argument);
    if (!notebook || notebook.notebookType === 'interactive') {
      void vscode.window.showInformationMessage('Open a notebook to choose the session that it runs in.');
      return;
    }
    try {
      const joins = sessions.notebookSessionKind(notebook) === 'own';
      if (joins && !(await mayClose(sessions, notebook))) return;
      await sessions.setNotebookSessionKind(notebook, joins ? 'workspace' : 'own');
      void vscode.window.showInformationMessage(
        joins
          ? "This notebook now shares the workspace's Python session."
          : 'This notebook now has a Python session of its own.',
      );
    } catch (error) {
      void showError(error, log);
    }
  });
}

async function mayClose(sessions: WorkspaceSessions, notebook: vscode.NotebookDocument): Promise<boolean> {
  const state = sessions.currentFor(notebook)?.info.state ?? 'stopped';
  if (state === 'stopped' || state === 'dead') return true;
  const join = 'Join';
  const chosen = await vscode.window.showWarningMessage(
    "Join this notebook to the workspace's Python session?",
    { modal: true, detail: "The notebook's own session ends, and its variables are lost." },
    join,
  );
  return chosen === join;
}
