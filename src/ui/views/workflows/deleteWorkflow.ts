import * as vscode from 'vscode';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';
import { closeTabs } from '../closeTabs.ts';

/** Deletes a workflow at once; a notification brings it back. Resolves when that is closed. */
export async function deleteWorkflow(store: WorkspaceStore, name: string): Promise<void> {
  const library = await store.workflows();
  const workflow = await library.get(name);
  const uri = await store.uriOf('workflows', name);
  if (!workflow || !(await library.delete(name))) {
    void vscode.window.showInformationMessage(`The workflow "${name}" is not there any more.`);
    return;
  }
  store.tellChange('workflows');
  await closeTabs(uri);
  const chosen = await vscode.window.showInformationMessage(`Deleted the workflow "${name}".`, 'Undo');
  if (!chosen) return;
  if (await (await store.workflows()).get(name)) {
    void vscode.window.showWarningMessage(
      `Another workflow is named "${name}" by now: it was left as it is.`,
    );
    return;
  }
  const { source, description, parameters } = workflow;
  // Past the library, which takes no workflow that is broken.
  await (await store.storage()).workflows.save({ name, source, description, parameters });
  store.tellChange('workflows');
}
