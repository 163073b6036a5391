import * as vscode from 'vscode';
import { type SessionInfo, workspaceSessionId } from '../../../core/session/session.ts';
import { JUPYTER_NOTEBOOK } from '../../notebook/notebooks.ts';
import { localFolder } from '../../sessions/sessionSpecs.ts';

/** Shows where a session is worked in: its notebook, or the Interactive Window; else says why that can't be. */
export async function openSession(info: SessionInfo): Promise<void> {
  if (info.notebook !== null) return openNotebook(vscode.Uri.parse(info.notebook, true), info);
  if (info.id === workspaceSessionId(localFolder())) {
    await vscode.commands.executeCommand('codeMode.openInteractiveWindow');
    return;
  }
  explain(`"${info.title}" is the session of another window or program: it can be opened there only.`, info);
}

async function openNotebook(uri: vscode.Uri, info: SessionInfo): Promise<void> {
  const isOpen = vscode.workspace.notebookDocuments.some((open) => open.uri.toString() === uri.toString());
  if (!isOpen && !(await exists(uri))) {
    const why =
      uri.scheme === 'untitled'
        ? `"${info.title}" was never saved and is open in another window: it can be opened there only.`
        : `The notebook "${info.title}" is not there any more. Its session lives on until you shut it down.`;
    return explain(why, info);
  }
  await vscode.commands.executeCommand('vscode.openWith', uri, JUPYTER_NOTEBOOK);
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

function explain(why: string, { clients }: SessionInfo): void {
  const attached = clients.length > 0 ? ` Attached: ${clients.join(', ')}.` : '';
  void vscode.window.showInformationMessage(why + attached);
}
