import * as vscode from 'vscode';
import { moreItem, rowItem } from '../rowItem.ts';
import { failureItem } from '../storeFailure.ts';
import type {
  CallableNode,
  KnownServerNode,
  MoreNode,
  Node,
  ParameterNode,
  ToolNode,
  UnknownNode,
} from './nodes.ts';
import { describeCallable, describeParameter, describeTool } from './toolRow.ts';

const { Collapsed, None } = vscode.TreeItemCollapsibleState;

/** How VS Code shows a line of the view, but for what a click on a tool does. */
export function itemOf(node: Node): vscode.TreeItem {
  if ('tool' in node) return toolItem(node);
  if ('target' in node) return callableItem(node);
  if ('parameter' in node) return parameterItem(node);
  if ('unknown' in node) return unknownItem(node);
  if ('more' in node) return ownMoreItem(node);
  if ('known' in node) return knownGroupItem();
  return 'server' in node ? knownServerItem(node) : failureItem(node, 'codeMode.tools.refresh');
}

function toolItem({ key, tool }: ToolNode): vscode.TreeItem {
  const row = describeTool(tool);
  const item = rowItem(row, row.problem === undefined ? Collapsed : None);
  item.id = `tool ${key}`;
  return item;
}

function callableItem(node: CallableNode): vscode.TreeItem {
  const hasParameters = node.target.callable.parameters.length > 0;
  const item = rowItem(describeCallable(node.target), hasParameters ? Collapsed : None);
  item.id = callableId(node);
  return item;
}

function parameterItem({ of, parameter }: ParameterNode): vscode.TreeItem {
  const row = describeParameter(parameter);
  const item = rowItem(row, None);
  item.id = `parameter ${parameter.name} of ${callableId(of)}`;
  item.tooltip = new vscode.MarkdownString(row.tooltip);
  return item;
}

function callableId({ owner, target: { callable, isDirect } }: CallableNode): string {
  return `${isDirect ? 'direct' : 'callable'} ${callable.name} of ${owner.key}`;
}

/** What is started or loaded only where somebody wants it: a row that comes back open does not do so by itself. */
function unknownItem(node: UnknownNode): vscode.TreeItem {
  const { key, tool } = node.unknown;
  const { status } = tool;
  const isStarting = status?.health.state === 'starting';
  const text = status?.hasServer ? 'Start the server to see its callables' : 'Load its callables';
  const item = new vscode.TreeItem(isStarting ? 'Starting…' : text);
  item.id = `unknown ${key}`;
  item.iconPath = new vscode.ThemeIcon(isStarting ? 'loading~spin' : 'play');
  item.tooltip = status?.problem ?? undefined;
  item.accessibilityInformation = { label: String(item.label) };
  if (!isStarting) item.command = { command: 'codeMode.tools.load', title: text, arguments: [node] };
  return item;
}

function ownMoreItem(node: MoreNode): vscode.TreeItem {
  const item = moreItem(node.more, 'codeMode.tools.showMore', node);
  if (node.owner) item.id = `more of ${node.owner.key}`;
  return item;
}

function knownGroupItem(): vscode.TreeItem {
  const item = new vscode.TreeItem('Known to VS Code', Collapsed);
  item.id = 'known';
  item.description = 'MCP servers that are no tools yet';
  item.iconPath = new vscode.ThemeIcon('mcp');
  item.contextValue = 'known';
  item.accessibilityInformation = { label: 'MCP servers that VS Code knows and that are no tools yet' };
  return item;
}

function knownServerItem({ server }: KnownServerNode): vscode.TreeItem {
  const item = new vscode.TreeItem(server.label);
  item.id = `known ${server.label} of ${server.file.toString()}`;
  item.description = server.description;
  item.iconPath = new vscode.ThemeIcon(server.definition ? 'server-process' : 'warning');
  item.contextValue = server.definition ? 'known server' : 'known unusable';
  item.tooltip = [server.description, server.problem].filter(Boolean).join('\n');
  item.accessibilityInformation = { label: [server.label, server.description].join(', ') };
  item.command = { command: 'vscode.open', title: 'Open', arguments: [server.file] };
  return item;
}
