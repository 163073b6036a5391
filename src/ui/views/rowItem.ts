import * as vscode from 'vscode';
import type { Row } from './row.ts';

const COLOURS: Readonly<Record<Row['tone'], vscode.ThemeColor | undefined>> = {
  plain: undefined,
  good: new vscode.ThemeColor('testing.iconPassed'),
  warning: new vscode.ThemeColor('list.warningForeground'),
  error: new vscode.ThemeColor('list.errorForeground'),
};

/** How VS Code shows a line. */
export function rowItem(row: Row, state: vscode.TreeItemCollapsibleState): vscode.TreeItem {
  const item = new vscode.TreeItem(row.label, state);
  item.description = row.description;
  item.contextValue = row.context;
  item.iconPath = new vscode.ThemeIcon(row.icon, COLOURS[row.tone]);
  item.accessibilityInformation = { label: row.spoken };
  if (row.tooltip !== undefined) item.tooltip = new vscode.MarkdownString(row.tooltip);
  return item;
}

/**
 * The line below the first lines of many.
 *
 * @param left - how many are not shown
 * @param command - shows more of them; it is given `of`, where there is one
 */
export function moreItem(left: number, command: string, of?: unknown): vscode.TreeItem {
  const title = 'Show more…';
  const item = new vscode.TreeItem(title);
  item.id = 'more';
  item.description = `${left.toLocaleString('en')} left`;
  item.iconPath = new vscode.ThemeIcon('ellipsis');
  item.command = { command, title, ...(of === undefined ? {} : { arguments: [of] }) };
  return item;
}
