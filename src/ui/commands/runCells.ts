import * as vscode from 'vscode';
import { type Cell, cellAt } from '../../core/python-source/cells.ts';
import { type CodePiece, filenameOf } from '../editor/codePiece.ts';
import { cellsOf } from '../editor/documentCells.ts';
import { documentFor } from './documents.ts';
import type { EditorRuns } from './editorRuns.ts';

type CellChoice = (cells: readonly Cell[], line: number) => readonly Cell[];

const CHOICES: Readonly<Record<string, CellChoice>> = {
  'codeMode.runCell': (cells, line) => {
    const cell = cellAt(cells, line);
    return cell ? [cell] : [];
  },
  'codeMode.runCellsAbove': (cells, line) => {
    const current = cellAt(cells, line)?.startLine ?? line;
    return cells.filter(({ startLine }) => startLine < current);
  },
  'codeMode.runAllCells': (cells) => cells,
};

/** Registers "Run Cell", "Run Cells Above" and "Run All Cells" of a Python file with `# %%` markers. */
export function registerRunCells(runs: EditorRuns): vscode.Disposable {
  const commands = Object.entries(CHOICES).map(([command, choose]) =>
    vscode.commands.registerCommand(command, async (resource: unknown, line: unknown) => {
      const document = await documentFor(resource);
      if (!document) return;
      const cells = cellsOf(document);
      if (cells.length === 0) {
        void vscode.window.showInformationMessage('This file has no cells. A line "# %%" begins one.');
        return;
      }
      const at = typeof line === 'number' ? line : activeLine(document);
      const chosen = choose(cells, at).filter(({ kind, code }) => kind === 'code' && code.trim() !== '');
      await runs.run(chosen.map((cell) => pieceOf(document, cell)));
    }),
  );
  return vscode.Disposable.from(...commands);
}

function activeLine(document: vscode.TextDocument): number {
  const editor = vscode.window.activeTextEditor;
  return editor?.document === document ? editor.selection.active.line : 0;
}

function pieceOf(document: vscode.TextDocument, cell: Cell): CodePiece {
  return {
    code: cell.code,
    origin: { filename: filenameOf(document), firstLine: cell.codeStartLine + 1 },
    document,
    startLine: cell.codeStartLine,
    endLine: cell.codeEndLine,
  };
}
