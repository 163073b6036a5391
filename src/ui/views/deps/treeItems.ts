import * as vscode from 'vscode';
import { moreItem, rowItem } from '../rowItem.ts';
import { failureItem } from '../storeFailure.ts';
import { describeConfigured, describeEnvironment, describeInstalled } from './depRow.ts';
import {
  type ConfiguredNode,
  type EnvironmentNode,
  type GroupNode,
  type InstalledNode,
  isRepeated,
  type Node,
} from './nodes.ts';

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
const GROUPS: Readonly<Record<GroupNode['group'], string>> = {
  configured: 'Configured',
  installed: 'Installed',
};
/** The executor whose Python the person chooses. */
const OWN_PYTHON = 'subprocess';

/** How VS Code shows a line of the view. */
export function itemOf(node: Node): vscode.TreeItem {
  if ('environment' in node) return environmentItem(node);
  if ('group' in node) return groupItem(node);
  if ('configured' in node) return configuredItem(node);
  if ('installed' in node) return installedItem(node);
  if ('nothing' in node) return nothingItem();
  if ('more' in node) return moreItem(node.more, 'codeMode.deps.showMore');
  return failureItem(node, 'codeMode.deps.refresh');
}

/** A click leads to where another environment is chosen. */
function environmentItem({ environment, executor }: EnvironmentNode): vscode.TreeItem {
  const item = rowItem(describeEnvironment(environment), None);
  item.id = 'environment';
  item.command =
    executor === OWN_PYTHON
      ? { command: 'codeMode.selectInterpreter', title: 'Select Python Interpreter…' }
      : { command: 'codeMode.selectExecutor', title: 'Switch Executor…' };
  return item;
}

function groupItem({ group, description }: GroupNode): vscode.TreeItem {
  const item = new vscode.TreeItem(GROUPS[group], group === 'configured' ? Expanded : Collapsed);
  item.id = group;
  item.description = description;
  item.contextValue = `group ${group}`;
  item.accessibilityInformation = { label: [GROUPS[group], description].filter(Boolean).join(', ') };
  return item;
}

function configuredItem(node: ConfiguredNode): vscode.TreeItem {
  const { configured } = node;
  const item = rowItem(describeConfigured(configured, node.package, node.surroundings), None);
  item.id = `configured ${configured.name}`;
  const command = openingCommand(configured);
  if (command) item.command = command;
  return item;
}

/** Leads to where it is configured, by VS Code's own commands: they leave the focus in the tree where a click is a look. */
function openingCommand({ source, file, line }: ConfiguredNode['configured']): vscode.Command | undefined {
  if (file !== null) {
    const start = new vscode.Position((line ?? 1) - 1, 0);
    const selection = new vscode.Range(start, start);
    return { command: 'vscode.open', title: 'Open', arguments: [vscode.Uri.file(file), { selection }] };
  }
  if (source !== 'settings') return undefined;
  return {
    command: 'workbench.action.openSettings',
    title: 'Open Settings',
    arguments: ['codeMode.deps.packages'],
  };
}

function installedItem(node: InstalledNode): vscode.TreeItem {
  const isAbove = isRepeated(node);
  const row = describeInstalled(node.installed, node.surroundings, isAbove);
  const item = rowItem(row, node.needs.length > 0 && !isAbove ? Collapsed : None);
  item.id = installedId(node);
  return item;
}

function installedId({ installed, parent }: InstalledNode): string {
  return parent ? `${installed.name} of ${installedId(parent)}` : `installed ${installed.name}`;
}

function nothingItem(): vscode.TreeItem {
  const item = new vscode.TreeItem('Add a package…');
  item.id = 'nothing';
  item.description = 'nothing is configured';
  item.iconPath = new vscode.ThemeIcon('add');
  item.accessibilityInformation = { label: 'Nothing is configured. Add a package' };
  item.command = { command: 'codeMode.deps.add', title: 'Add Package…' };
  return item;
}
