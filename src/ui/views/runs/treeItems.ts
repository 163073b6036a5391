import * as vscode from 'vscode';
import type { MoreNode, Node, RunNode, SessionNode } from './nodes.ts';
import {
  argumentMarkdown,
  callMarkdown,
  describeArgument,
  describeCall,
  describeRun,
  type Row,
  runMarkdown,
} from './runRow.ts';

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;

/** How VS Code shows a line of the view, but for its tooltip. */
export function itemOf(node: Node): vscode.TreeItem {
  switch (node.kind) {
    case 'session':
      return sessionItem(node);
    case 'run': {
      const item = rowItem(describeRun(node.info), node.info.toolCallCount > 0 ? Collapsed : None);
      item.id = idOf(node);
      item.command = { command: 'codeMode.runs.showOutput', title: 'Show Output', arguments: [node] };
      return item;
    }
    case 'call': {
      const hasArguments = Object.keys(node.call.arguments).length > 0;
      const item = rowItem(describeCall(node.call), hasArguments ? Collapsed : None);
      item.id = `call ${node.call.id} of ${idOf(node.run)}`;
      return item;
    }
    case 'argument': {
      const item = rowItem(describeArgument(node.name, node.of.call), None);
      item.id = `argument ${node.name} of ${node.of.call.id} of ${idOf(node.of.run)}`;
      return item;
    }
    case 'more':
      return moreItem(node);
  }
}

/** What a line says when the pointer rests on it. */
export function tooltipOf(node: Node): vscode.MarkdownString | undefined {
  const markdown = markdownOf(node);
  return markdown === undefined ? undefined : new vscode.MarkdownString(markdown, true);
}

function markdownOf(node: Node): string | undefined {
  if (node.kind === 'run') return runMarkdown(node.info);
  if (node.kind === 'call') return callMarkdown(node.call);
  return node.kind === 'argument' ? argumentMarkdown(node.name, node.of.call) : undefined;
}

function rowItem(row: Row, state: vscode.TreeItemCollapsibleState): vscode.TreeItem {
  const item = new vscode.TreeItem(row.label, state);
  item.description = row.description;
  item.iconPath = new vscode.ThemeIcon(
    row.icon,
    row.colour === undefined ? undefined : new vscode.ThemeColor(row.colour),
  );
  item.contextValue = row.context;
  item.accessibilityInformation = { label: row.spoken };
  return item;
}

function sessionItem({ id, title, runs }: SessionNode): vscode.TreeItem {
  const item = new vscode.TreeItem(title, Expanded);
  item.id = `session ${id}`;
  item.description = runs.length === 1 ? '1 run' : `${runs.length} runs`;
  item.iconPath = new vscode.ThemeIcon('vm');
  item.contextValue = 'session';
  return item;
}

function moreItem({ run, count, isKept }: MoreNode): vscode.TreeItem {
  const item = new vscode.TreeItem(isKept ? 'Show more…' : 'More calls, which are not kept');
  item.id = `more ${isKept} of ${idOf(run)}`;
  item.description = isKept ? `${count.toLocaleString('en')} left` : count.toLocaleString('en');
  item.iconPath = new vscode.ThemeIcon('ellipsis');
  if (isKept)
    item.command = {
      command: 'codeMode.runs.showMore',
      title: 'Show more…',
      arguments: [{ kind: 'more', run, count, isKept }],
    };
  return item;
}

function idOf({ session, info }: RunNode): string {
  return `run ${info.id} of ${session.id}`;
}
