import type { FollowedContainer } from '../../sessions/sessionContainers.ts';
import type { ContainerRow, DetailRow } from './containerRow.ts';

/** A session's container: the same object for as long as the session lives, since VS Code knows its row by it. */
export interface ContainerNode {
  readonly followed: FollowedContainer;
  row: ContainerRow;
}

/** What there is to say of a container. */
export interface DetailNode {
  readonly of: ContainerNode;
  readonly row: DetailRow;
  /** Which tells lines of the same container apart. */
  readonly path: string;
}

/** A line of the view. */
export type Node = ContainerNode | DetailNode;

/** The container that a line is or belongs to. */
export function containerOf(node: Node): ContainerNode {
  return 'of' in node ? node.of : node;
}
