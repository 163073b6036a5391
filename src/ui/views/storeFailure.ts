import * as vscode from 'vscode';

/** A row that says why a store cannot be shown, or what to do about it. */
export interface FailureNode {
  readonly failure: 'message' | 'hint' | 'retry';
  readonly text: string;
}

const ICONS: Readonly<Record<FailureNode['failure'], vscode.ThemeIcon>> = {
  message: new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground')),
  hint: new vscode.ThemeIcon('lightbulb'),
  retry: new vscode.ThemeIcon('refresh'),
};

/** The rows for an error of the store. */
export function failureNodes(error: unknown): FailureNode[] {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof Error && 'hint' in error ? error.hint : undefined;
  return [
    { failure: 'message', text: message },
    ...(typeof hint === 'string' ? [{ failure: 'hint', text: hint } as const] : []),
    { failure: 'retry', text: 'Retry' },
  ];
}

/** How VS Code shows such a row. @param retry the command that tries again */
export function failureItem({ failure, text }: FailureNode, retry: string): vscode.TreeItem {
  const item = new vscode.TreeItem(text);
  item.id = `failure ${failure}`;
  item.iconPath = ICONS[failure];
  item.tooltip = text;
  if (failure === 'retry') item.command = { command: retry, title: text };
  return item;
}
