import * as vscode from 'vscode';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';

/** Moves what older versions of py-code-mode keep as skills to where workflows are kept now, and says what stays. */
export async function migrateOlderWorkflows(store: WorkspaceStore): Promise<void> {
  const { migrateSkills } = await import('../../sessions/core.ts');
  const { moved, kept } = await migrateSkills(await store.storage());
  store.tellChange('workflows');
  const count = moved.length === 1 ? '1 skill is a workflow' : `${moved.length} skills are workflows`;
  if (kept.length > 0) {
    const reasons = kept.map(({ name, reason }) => `"${name}" (${reason})`);
    void vscode.window.showWarningMessage(`${count} now. These stay: ${reasons.join(', ')}.`);
  } else if (moved.length > 0) {
    void vscode.window.showInformationMessage(`${count} now.`);
  } else {
    void vscode.window.showInformationMessage('This store has no skills of an older layout.');
  }
}
