import * as vscode from 'vscode';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';
import { openWorkflow } from './openWorkflow.ts';

/** Shows where other workflows name this one, and opens the place that is chosen. */
export async function findUsages(store: WorkspaceStore, name: string): Promise<void> {
  const usages = await (await store.workflows()).usages(name);
  if (usages.length === 0) {
    void vscode.window.showInformationMessage(`No workflow uses "${name}".`);
    return;
  }
  const items = usages.map((usage) => ({
    label: usage.text,
    description: `${usage.workflow}, line ${usage.line + 1}`,
    iconPath: new vscode.ThemeIcon('symbol-function'),
    usage,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: `Usages of ${name}`,
    placeHolder: 'Choose a place to open',
    matchOnDescription: true,
  });
  if (chosen) await openWorkflow(store, chosen.usage.workflow, chosen.usage);
}
