import type { ArtifactInfo } from '../../../core/contract/storage.ts';
import type { FailureNode } from '../storeFailure.ts';

/** An artifact in the view: the same object for as long as it has its name, since VS Code knows its row by it. */
export interface ArtifactNode {
  readonly name: string;
  readonly parent: FolderNode | undefined;
  info: ArtifactInfo;
  /** Bytes; undefined: not known. */
  size: number | undefined;
}

/** A folder of artifacts; the one without a parent is the store itself. */
export interface FolderNode {
  /** With `/` between folders, none at the end; empty for the store itself. */
  readonly path: string;
  readonly parent: FolderNode | undefined;
  /** Folders first, each by name. */
  children: readonly (FolderNode | ArtifactNode)[];
  /** How many of the children are shown at most. */
  shown: number;
}

/** Stands for the rows of a folder that are not shown yet. */
export interface MoreNode {
  readonly folder: FolderNode;
  readonly more: number;
}

/** A line of the view. */
export type Node = ArtifactNode | FolderNode | MoreNode | FailureNode;

/** A line that things can be done with. */
export type EntryNode = ArtifactNode | FolderNode;

export function isArtifact(node: Node): node is ArtifactNode {
  return 'info' in node;
}

export function isFolder(node: Node): node is FolderNode {
  return 'children' in node;
}

/** The artifacts that lines stand for: those of a folder with all below it, none twice. */
export function artifactsOf(nodes: readonly Node[]): ArtifactNode[] {
  const found = new Set<ArtifactNode>();
  const visit = (node: Node) => {
    if (isArtifact(node)) found.add(node);
    else if (isFolder(node)) for (const child of node.children) visit(child);
  };
  for (const node of nodes) visit(node);
  return [...found];
}

/** Of lines those that are not below another of them. */
export function topmost(nodes: readonly Node[]): EntryNode[] {
  const entries = nodes.filter((node) => isArtifact(node) || isFolder(node));
  const isBelow = (node: EntryNode): boolean => {
    for (let above = node.parent; above; above = above.parent) if (entries.includes(above)) return true;
    return false;
  };
  return entries.filter((node) => !isBelow(node));
}

/** The name of an artifact, or the path of a folder. */
export function nameOf(node: EntryNode): string {
  return isArtifact(node) ? node.name : node.path;
}

/** The last part of a name. */
export function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
