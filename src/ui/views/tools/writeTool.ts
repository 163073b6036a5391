import { mkdir, writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { WorkspaceTools } from '../../store/workspaceTools.ts';

/** Writes the file of a new tool; never over another one. @throws where there is such a file, or no folder for it */
export async function writeTool(tools: WorkspaceTools, name: string, text: string): Promise<vscode.Uri> {
  const folder = await tools.folder();
  const file = vscode.Uri.joinPath(folder, `${name}.yaml`);
  await mkdir(folder.fsPath, { recursive: true });
  try {
    await writeFile(file.fsPath, text, { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new Error(
      `There is a file ${vscode.workspace.asRelativePath(file)} already: it was left as it is.`,
    );
  }
  return file;
}

/** Opens what was written, with the piece selected that is to be written first. */
export async function openWritten(file: vscode.Uri, first?: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(file);
  const editor = await vscode.window.showTextDocument(document, { preview: false });
  const start = first === undefined ? -1 : document.getText().indexOf(first);
  if (first === undefined || start === -1) return;
  editor.selection = new vscode.Selection(
    document.positionAt(start),
    document.positionAt(start + first.length),
  );
}
