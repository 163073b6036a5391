import type * as vscode from 'vscode';
import type { RunInfo, Session } from '../../core/session/session.ts';
import { type CellRunInfo, matchRuns } from './cellTag.ts';
import { type ClearedRuns, hasNumber } from './clearedRuns.ts';
import { identityOf } from './runSource.ts';

/** The newest run of a cell. */
export interface FoundRun {
  /** Undefined: it is not there any more. */
  readonly cell: vscode.NotebookCell | undefined;
  readonly found: CellRunInfo;
  /** Whether it still runs, or has given what the cell does not show. */
  readonly isLost: boolean;
}

/**
 * The newest runs of cells in a session that lived on without this window; oldest first.
 *
 * @param uris - that the cells' notebook has or had
 */
export async function findRuns(
  session: Session,
  cells: readonly vscode.NotebookCell[],
  uris: readonly string[],
  cleared: ClearedRuns,
): Promise<readonly FoundRun[]> {
  const runs = await session.runs();
  const present = cells.filter(({ index }) => index >= 0);
  // In a notebook's own session all cells are its own, wherever it was when they ran.
  const notebooks = session.info.notebook === null ? uris : undefined;
  return matchRuns(present.map(identityOf), runs, notebooks).map(({ cell: at, run, tag }) => {
    const cell = at === undefined ? undefined : present[at];
    const isLost = run.endedAt === null || (!cleared.has(tag.key) && hasMore(run, cell));
    return { cell, found: { run, tag }, isLost };
  });
}

/** Whether a run that has ended has given something that a cell does not show. */
function hasMore(run: RunInfo, cell: vscode.NotebookCell | undefined): boolean {
  // What was refused or cancelled before it began has given nothing.
  if (run.status === null) return false;
  // Where its cell is gone, it may have been deleted after the run was shown.
  return !run.isDelivered || (cell !== undefined && !hasNumber(cell, run.executionCount));
}
