import type { SessionInfo } from '../../../core/session/session.ts';
import type { DetailRow, SessionRow } from './sessionRow.ts';

/** A session in the view: the same object for as long as the session lives, since VS Code knows its row by it. */
export interface SessionNode {
  readonly id: string;
  info: SessionInfo;
  row: SessionRow;
}

/** Who is attached to a session, or its notebook. */
export interface DetailNode {
  readonly session: SessionNode;
  readonly row: DetailRow;
  /** Its place, which tells two of the same name apart. */
  readonly index: number;
}

/** A line of the view. */
export type Node = SessionNode | DetailNode;

/** The session that a line is or belongs to. */
export function sessionOf(node: Node): SessionNode {
  return 'session' in node ? node.session : node;
}
