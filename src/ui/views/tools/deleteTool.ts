import * as vscode from 'vscode';
import type { WorkspaceTool } from '../../store/workspaceTools.ts';

/** Deletes the file of a tool, as the Explorer does: after a question, into the trash where there is one. */
export async function deleteTool({ name, uri }: WorkspaceTool): Promise<void> {
  if (!uri) return;
  const file = vscode.workspace.asRelativePath(uri);
  if (
    await confirm(
      `Are you sure you want to delete the tool "${name}"?`,
      `${file} is moved to the trash.`,
      'Move to Trash',
    )
  ) {
    try {
      await vscode.workspace.fs.delete(uri, { useTrash: true });
    } catch (error) {
      if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return;
      // Not every computer has a trash.
      const reason = `${error instanceof Error ? error.message : String(error)} It can't be brought back when it is deleted.`;
      if (await confirm(`${file} could not be moved to the trash. Delete it for good?`, reason, 'Delete')) {
        await vscode.workspace.fs.delete(uri);
      }
    }
  }
}

async function confirm(question: string, detail: string, button: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, button)) === button;
}
