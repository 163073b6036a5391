import path from 'node:path';
import * as vscode from 'vscode';
import { tooltipMarkdown } from '../markdown.ts';
import type { DetailNode, SessionNode } from './nodes.ts';

/** How VS Code shows a session. */
export function sessionItem({ id, row }: SessionNode): vscode.TreeItem {
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(row.label, row.details.length > 0 ? Collapsed : None);
  item.id = `session ${id}`;
  item.description = row.description;
  item.contextValue = row.context;
  item.iconPath =
    row.icon === 'error'
      ? new vscode.ThemeIcon(row.icon, new vscode.ThemeColor('list.errorForeground'))
      : new vscode.ThemeIcon(row.icon);
  item.accessibilityInformation = { label: row.spoken };
  item.tooltip = new vscode.MarkdownString(tooltipMarkdown(row.label, row.tooltip));
  return item;
}

/** How VS Code shows what belongs to a session. */
export function detailItem({ session, row, index }: DetailNode): vscode.TreeItem {
  if (row.kind === 'client') {
    const item = new vscode.TreeItem(row.value);
    item.id = `client ${index} ${row.value} of ${session.id}`;
    item.description = 'attached';
    item.contextValue = row.kind;
    item.iconPath = new vscode.ThemeIcon(row.icon);
    item.accessibilityInformation = { label: `Attached: ${row.value}` };
    return item;
  }
  const uri = vscode.Uri.parse(row.value, true);
  const item = new vscode.TreeItem(path.posix.basename(uri.path));
  item.id = `notebook of ${session.id}`;
  item.description = 'notebook';
  item.tooltip = uri.scheme === 'file' ? uri.fsPath : uri.toString();
  item.contextValue = row.kind;
  item.iconPath = new vscode.ThemeIcon(row.icon);
  item.accessibilityInformation = { label: `Notebook: ${item.label}` };
  item.command = { command: 'codeMode.sessions.open', title: 'Open', arguments: [{ session, row, index }] };
  return item;
}
