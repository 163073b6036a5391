import * as vscode from 'vscode';
import { STORE_SCHEME } from '../../store/storeUri.ts';
import { moreItem } from '../rowItem.ts';
import { failureItem } from '../storeFailure.ts';
import { describeArtifact, describeFolder } from './artifactRow.ts';
import { ArtifactTree } from './artifactTree.ts';
import {
  type ArtifactNode,
  type FolderNode,
  isArtifact,
  isFolder,
  lastPart,
  type MoreNode,
  type Node,
} from './nodes.ts';

/** How VS Code shows a line of the view. @param isFile whether the store is made of files */
export function itemOf(node: Node, isFile: boolean): vscode.TreeItem {
  if (isArtifact(node)) return artifactItem(node, isFile);
  if (isFolder(node)) return folderItem(node, isFile);
  return 'more' in node ? moreInFolder(node) : failureItem(node, 'codeMode.artifacts.refresh');
}

function artifactItem(node: ArtifactNode, isFile: boolean): vscode.TreeItem {
  const row = describeArtifact({ info: node.info, size: node.size, now: Date.now(), isFile });
  const item = new vscode.TreeItem(row.label);
  item.id = `artifact ${node.name}`;
  item.description = row.description;
  item.contextValue = row.context;
  // Gives the icon that the theme has for the name; not the file itself, whose colours tell of Git.
  item.resourceUri = iconUri(node.name);
  item.iconPath = vscode.ThemeIcon.File;
  item.accessibilityInformation = { label: row.spoken };
  item.command = { command: 'codeMode.artifacts.show', title: 'Open', arguments: [node] };
  return item;
}

function folderItem(node: FolderNode, isFile: boolean): vscode.TreeItem {
  const item = new vscode.TreeItem(lastPart(node.path), vscode.TreeItemCollapsibleState.Collapsed);
  const description = describeFolder(ArtifactTree.count(node));
  item.id = `folder ${node.path}`;
  item.description = description;
  item.tooltip = node.path;
  item.contextValue = isFile ? 'folder file' : 'folder';
  item.resourceUri = iconUri(node.path);
  item.iconPath = vscode.ThemeIcon.Folder;
  item.accessibilityInformation = { label: `${item.label}, ${description}` };
  return item;
}

function moreInFolder({ folder, more }: MoreNode): vscode.TreeItem {
  const item = moreItem(more, 'codeMode.artifacts.showMore', { folder, more });
  item.id = `more of ${folder.path}`;
  return item;
}

function iconUri(name: string): vscode.Uri {
  return vscode.Uri.from({ scheme: STORE_SCHEME, path: `/artifacts/${name}` });
}
