import path from 'node:path';
import type * as vscode from 'vscode';

/**
 * Makes the command `code-mode` known in the terminals of this window, so that `code-mode run --attach` reaches
 * the window's session on a machine that has no Node of its own.
 */
export function offerCommandLine(context: vscode.ExtensionContext): void {
  const environment = context.environmentVariableCollection;
  environment.description = 'The `code-mode` command of Python Code Mode';
  environment.replace('CODE_MODE_NODE', process.execPath);
  // Appended: a `code-mode` that the person installed goes first.
  environment.append('PATH', path.delimiter + path.join(context.extensionPath, 'dist', 'bin'));
}
