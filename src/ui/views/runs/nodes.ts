import type { ToolCall } from '../../../core/contract/execution.ts';
import type { RunInfo } from '../../../core/session/session.ts';

/** A session with its runs: the same object for as long as it lives, since VS Code knows its row by it. */
export interface SessionNode {
  readonly kind: 'session';
  readonly id: string;
  title: string;
  /** Newest first. */
  runs: readonly RunNode[];
}

/** A run: the same object for as long as it is kept. */
export interface RunNode {
  readonly kind: 'run';
  readonly session: SessionNode;
  info: RunInfo;
  /** The calls to tools by their id, in order; undefined: nobody has looked at them. */
  calls: Map<string, CallNode> | undefined;
  /** How many of them are shown. */
  shown: number;
}

/** A call to a tool: the same object for as long as its run is shown. */
export interface CallNode {
  readonly kind: 'call';
  readonly run: RunNode;
  call: ToolCall;
}

/** An argument of a call. */
export interface ArgumentNode {
  readonly kind: 'argument';
  readonly of: CallNode;
  readonly name: string;
}

/** Stands for calls that are not shown yet, or that are not kept. */
export interface MoreNode {
  readonly kind: 'more';
  readonly run: RunNode;
  readonly count: number;
  /** Whether they can be shown. */
  readonly isKept: boolean;
}

/** A line of the view. */
export type Node = SessionNode | RunNode | CallNode | ArgumentNode | MoreNode;

/** The call that a line is or belongs to. */
export function callOf(node: Node | undefined): CallNode | undefined {
  if (node?.kind === 'argument') return node.of;
  return node?.kind === 'call' ? node : undefined;
}

/** The run that a line is or belongs to. */
export function runOf(node: Node | undefined): RunNode | undefined {
  if (node?.kind === 'run') return node;
  return node?.kind === 'more' ? node.run : callOf(node)?.run;
}
