import * as vscode from 'vscode';
import type { WorkspaceTool } from '../../store/workspaceTools.ts';
import { closeTabs } from '../closeTabs.ts';

/** Deletes the file of a tool, as the Explorer does: after a question, into the trash where there is one. */
export async function deleteTool({ name, uri }: WorkspaceTool): Promise<void> {
  if (!uri) return;
  const file = vscode.workspace.asRelativePath(uri);
  const question = `Are you sure you want to delete the tool "${name}"?`;
  if (!(await confirm(question, `${file} is moved to the trash.`, 'Move to Trash'))) return;
  try {
    await vscode.workspace.fs.delete(uri, { useTrash: true });
  } catch (error) {
    if (!(error instanceof vscode.FileSystemError && error.code === 'FileNotFound')) {
      // Not every computer has a trash.
      const forGood = `${file} could not be moved to the trash. Do you want to delete it permanently?`;
      if (!(await confirm(forGood, "It can't be brought back.", 'Delete Permanently'))) return;
      await vscode.workspace.fs.delete(uri);
    }
  }
  await closeTabs(uri);
}

async function confirm(question: string, detail: string, button: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, button)) === button;
}
