import * as vscode from 'vscode';

/** Closes the editors of what is gone, but for changes that were not saved. */
export async function closeTabs(uri: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input, isDirty }) => {
      return !isDirty && input instanceof vscode.TabInputText && input.uri.toString() === uri.toString();
    });
  await vscode.window.tabGroups.close(tabs, true);
}
