import type { WorkflowSummary } from '../../../core/workflows/library.ts';
import type { FailureNode } from '../storeFailure.ts';
import type { ParameterRow } from './workflowRow.ts';

/** A workflow in the view: the same object for as long as it has its name, since VS Code knows its row by it. */
export interface WorkflowNode {
  summary: WorkflowSummary;
}

/** A parameter of a workflow. */
export interface ParameterNode {
  readonly workflow: WorkflowNode;
  readonly row: ParameterRow;
}

/** Stands for the rows that are not shown yet. */
export interface MoreNode {
  readonly more: number;
}

/** A line of the view. */
export type Node = WorkflowNode | ParameterNode | MoreNode | FailureNode;

/** The workflow that a line is or belongs to. */
export function workflowOf(node: Node): WorkflowNode | undefined {
  if ('summary' in node) return node;
  return 'workflow' in node ? node.workflow : undefined;
}
