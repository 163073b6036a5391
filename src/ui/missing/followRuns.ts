import * as vscode from 'vscode';
import type { ExecutionResult } from '../../core/contract/execution.ts';
import type { EditorRuns } from '../commands/editorRuns.ts';
import type { Code, CodePiece } from '../editor/codePiece.ts';
import type { Kernel, RanCell } from '../notebook/kernel.ts';
import { type InstallServices, offerInstall } from './installAndRunAgain.ts';
import { explainFailure } from './missingImports.ts';

/** Notes which imports fail in the cells of a kernel, and tells the person where nothing can stand below a cell. */
export function followCells(
  kernel: Kernel,
  { hasCellItems, ...services }: InstallServices & { readonly hasCellItems: boolean },
): vscode.Disposable {
  const follow = async ({ cell, session, origin, isNew, result }: RanCell) => {
    const { document } = cell;
    if (!session || document.isClosed) return;
    const failed = await services.imports.note({
      document,
      startLine: 0,
      endLine: document.lineCount - 1,
      origin: origin ?? { filename: `Cell In[${result.executionCount}]`, firstLine: 1 },
      isCell: true,
      session,
      result,
      runAgain: () => kernel.run([cell], origin),
    });
    // What comes from the editor is offered there.
    if (failed && isNew && !hasCellItems && !origin) await offerInstall(failed, services);
  };
  return kernel.onDidRun((ran) => {
    follow(ran).catch((error) => services.log.error('A failed import was not looked at.', error));
  });
}

/** Notes which imports fail in code from the editor, and tells the person where no editor in sight shows it. */
export async function followPiece(
  piece: Code | CodePiece,
  result: ExecutionResult,
  { runs, ...services }: InstallServices & { readonly runs: EditorRuns },
): Promise<void> {
  const session = services.sessions.current();
  if (!session) return;
  const document = 'document' in piece ? piece.document : undefined;
  const ran = { session, result, runAgain: (movedBy: number) => runs.run([moved(piece, movedBy)]) };
  const failed =
    'document' in piece
      ? await services.imports.note({ ...ran, ...piece, isCell: false })
      : await explainFailure(ran, document);
  // The Interactive Window shows such code folded, without what stands below a cell.
  const isInSight = vscode.window.visibleTextEditors.some((editor) => editor.document === document);
  if (failed && !isInSight) await offerInstall(failed, services);
}

function moved(piece: Code | CodePiece, lines: number): Code | CodePiece {
  if (!('document' in piece)) return piece;
  const { origin, startLine, endLine } = piece;
  return {
    ...piece,
    origin: { ...origin, firstLine: origin.firstLine + lines },
    startLine: startLine + lines,
    endLine: endLine + lines,
  };
}
