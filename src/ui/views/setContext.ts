import * as vscode from 'vscode';

/** Sets what `when` clauses of menus and welcome texts ask for. @param key - with its prefix: `codeMode.depsKnown` */
export function setContext(key: string, value: boolean): void {
  void vscode.commands.executeCommand('setContext', key, value);
}
