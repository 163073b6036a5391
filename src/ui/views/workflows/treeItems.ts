import * as vscode from 'vscode';
import { moreItem } from '../rowItem.ts';
import { failureItem } from '../storeFailure.ts';
import type { Node, ParameterNode, WorkflowNode } from './nodes.ts';
import { describeWorkflow } from './workflowRow.ts';

/** How VS Code shows a line of the view, but for what a click does. */
export function itemOf(node: Node): vscode.TreeItem {
  if ('summary' in node) return workflowItem(node);
  if ('workflow' in node) return parameterItem(node);
  return 'more' in node
    ? moreItem(node.more, 'codeMode.workflows.showMore')
    : failureItem(node, 'codeMode.workflows.refresh');
}

function workflowItem({ summary }: WorkflowNode): vscode.TreeItem {
  const row = describeWorkflow(summary);
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(row.label, row.parameters.length > 0 ? Collapsed : None);
  item.id = `workflow ${summary.name}`;
  item.description = row.description;
  item.contextValue = row.context;
  item.iconPath =
    row.problem === undefined
      ? new vscode.ThemeIcon('symbol-function')
      : new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  item.accessibilityInformation = { label: row.spoken };
  return item;
}

function parameterItem({ workflow, row }: ParameterNode): vscode.TreeItem {
  const item = new vscode.TreeItem(`${row.label}:`);
  item.id = `parameter ${row.label} of ${workflow.summary.name}`;
  item.description = row.description;
  item.tooltip = row.tooltip;
  item.contextValue = 'parameter';
  item.iconPath = new vscode.ThemeIcon('symbol-parameter');
  item.accessibilityInformation = { label: `${row.label}: ${row.description}` };
  return item;
}
