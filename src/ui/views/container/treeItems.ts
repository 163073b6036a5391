import * as vscode from 'vscode';
import { tooltipMarkdown } from '../markdown.ts';
import type { ContainerNode, DetailNode, Node } from './nodes.ts';

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;

/** How VS Code shows a line of the view. */
export function itemOf(node: Node): vscode.TreeItem {
  return 'of' in node ? detailItem(node) : containerItem(node);
}

function containerItem({ followed, row }: ContainerNode): vscode.TreeItem {
  const item = new vscode.TreeItem(row.label, Expanded);
  item.id = `container of ${followed.session.id}`;
  item.description = row.description;
  item.contextValue = row.context;
  item.iconPath = new vscode.ThemeIcon(row.icon);
  item.accessibilityInformation = { label: row.spoken };
  item.tooltip = new vscode.MarkdownString(tooltipMarkdown(row.label, row.tooltip));
  return item;
}

function detailItem({ of, row, path }: DetailNode): vscode.TreeItem {
  const item = new vscode.TreeItem(row.name, row.details.length > 0 ? Collapsed : None);
  item.id = `${path} of ${of.followed.session.id}`;
  item.description = row.value;
  item.contextValue = row.copied === undefined ? 'detail' : 'detail copied';
  if (row.icon !== undefined) item.iconPath = new vscode.ThemeIcon(row.icon);
  item.accessibilityInformation = { label: row.spoken };
  item.tooltip = row.tooltip.join('\n');
  return item;
}
