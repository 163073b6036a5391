import type { ToolParameter } from '../../../core/contract/tools.ts';
import type { WorkspaceTool } from '../../store/workspaceTools.ts';
import type { FailureNode } from '../storeFailure.ts';
import type { KnownServer } from './knownServers.ts';
import type { Target } from './toolRow.ts';

/** A tool in the view: the same object for as long as it is there, since VS Code knows its row by it. */
export interface ToolNode {
  readonly key: string;
  tool: WorkspaceTool;
}

/** What of a tool can be called. */
export interface CallableNode {
  readonly owner: ToolNode;
  readonly target: Target;
}

/** A parameter of a callable. */
export interface ParameterNode {
  readonly of: CallableNode;
  readonly parameter: ToolParameter;
}

/** Stands for callables that nobody knows before the tool is asked. */
export interface UnknownNode {
  readonly unknown: ToolNode;
}

/** Stands for the rows that are not shown yet, of the view or of a tool. */
export interface MoreNode {
  readonly more: number;
  readonly owner: ToolNode | undefined;
}

/** The servers that the editor knows and that are no tools yet. */
export interface KnownGroupNode {
  readonly known: 'group';
}

/** One of them. */
export interface KnownServerNode {
  readonly server: KnownServer;
}

/** A line of the view. */
export type Node =
  | ToolNode
  | CallableNode
  | ParameterNode
  | UnknownNode
  | MoreNode
  | KnownGroupNode
  | KnownServerNode
  | FailureNode;

/** The tool that a line is or belongs to. */
export function toolOf(node: Node): ToolNode | undefined {
  if ('tool' in node) return node;
  if ('unknown' in node) return node.unknown;
  if ('of' in node) return node.of.owner;
  return 'owner' in node ? node.owner : undefined;
}

/** What is called by the line, or by the one that it belongs to; undefined: that is for the person to choose. */
export function targetOf(node: Node): Target | undefined {
  if ('of' in node) return node.of.target;
  return 'target' in node ? node.target : undefined;
}
