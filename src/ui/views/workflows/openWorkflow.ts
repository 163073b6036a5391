import * as vscode from 'vscode';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';

/** Opens the source of a workflow, at a place of it where one is given (UTF-16 offsets). */
export async function openWorkflow(
  store: WorkspaceStore,
  name: string,
  place?: { readonly start: number; readonly end: number },
): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(await store.uriOf('workflows', name));
  const editor = await vscode.window.showTextDocument(document, { preview: false });
  if (place) {
    editor.selection = new vscode.Selection(document.positionAt(place.start), document.positionAt(place.end));
    editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }
  return editor;
}

/** Saves a workflow's document where it is open with changes, so that what is run or read is what is seen. */
export async function saveWorkflow(store: WorkspaceStore, name: string): Promise<void> {
  const uri = (await store.uriOf('workflows', name)).toString();
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri);
  if (open?.isDirty && !(await open.save()))
    throw new Error(`"${name}" has changes that could not be saved.`);
}
