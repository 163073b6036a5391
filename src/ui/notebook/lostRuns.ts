import type * as vscode from 'vscode';
import type { RunInfo, Session } from '../../core/session/session.ts';
import { type CellRunInfo, matchRuns } from './cellTag.ts';
import { identityOf } from './runSource.ts';

/** A run that a cell does not show, or not to its end. */
export interface LostRun {
  readonly cell: vscode.NotebookCell;
  readonly found: CellRunInfo;
}

/**
 * The newest runs of cells in a session that lived on without this window, where they still run or have given what the
 * cells do not show; oldest first.
 *
 * @param uris - that the cells' notebook has or had
 */
export async function findLostRuns(
  session: Session,
  cells: readonly vscode.NotebookCell[],
  uris: readonly string[],
): Promise<readonly LostRun[]> {
  const runs = await session.runs();
  const present = cells.filter(({ index }) => index >= 0);
  // In a notebook's own session all cells are its own, wherever it was when they ran.
  const notebooks = session.info.notebook === null ? uris : undefined;
  return matchRuns(present.map(identityOf), runs, notebooks)
    .map(({ cell, run, tag }) => ({ cell: present[cell]!, found: { run, tag } }))
    .filter(({ cell, found }) => !isShown(cell, found.run));
}

function isShown({ executionSummary }: vscode.NotebookCell, run: RunInfo): boolean {
  if (run.endedAt === null) return false;
  // What was refused or cancelled before it began has given nothing.
  if (run.status === null) return true;
  return run.isDelivered && executionSummary?.executionOrder === run.executionCount;
}
