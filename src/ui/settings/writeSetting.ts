import * as vscode from 'vscode';

/**
 * Writes a setting below `codeMode.` for the work at hand: into the workspace, or into the person's own settings
 * where the window has none to keep it in.
 */
export async function writeSetting(name: string, value: unknown): Promise<void> {
  const hasWorkspace = vscode.workspace.workspaceFolders !== undefined;
  const target = hasWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration('codeMode').update(name, value, target);
}
