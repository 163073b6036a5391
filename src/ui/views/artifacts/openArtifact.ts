import * as vscode from 'vscode';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';
import { TABLE_EDITOR } from '../../tablePreview/tableEditor.ts';
import { isTable } from '../../tablePreview/tableNames.ts';

/** How an artifact is opened. */
export interface OpenOptions {
  /** Whether the keyboard stays where it is. */
  readonly preserveFocus?: boolean;
}

/** Opens an artifact in the editor that fits it: tables as such, all else as VS Code does. */
export async function openArtifact(
  store: WorkspaceStore,
  name: string,
  options: OpenOptions = {},
): Promise<void> {
  if (isTable(name)) return openAsTable(store, name, options);
  await vscode.commands.executeCommand('vscode.open', await store.uriOf('artifacts', name), options);
}

export async function openAsTable(
  store: WorkspaceStore,
  name: string,
  options: OpenOptions = {},
): Promise<void> {
  const uri = await store.uriOf('artifacts', name);
  await vscode.commands.executeCommand('vscode.openWith', uri, TABLE_EDITOR, { preview: true, ...options });
}
