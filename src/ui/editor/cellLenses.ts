import * as vscode from 'vscode';
import { cellsOf, isPythonFile } from './documentCells.ts';

/** Puts the commands of a cell above each `# %%` marker of a Python file. */
export class CellLenses implements vscode.CodeLensProvider {
  /** Registers the lenses for Python files. */
  static register(): vscode.Disposable {
    return vscode.languages.registerCodeLensProvider({ language: 'python' }, new CellLenses());
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    if (!isPythonFile(document)) return [];
    const cells = cellsOf(document);
    return cells.flatMap((cell, index) => {
      const range = new vscode.Range(cell.startLine, 0, cell.startLine, 0);
      const lens = (title: string, tooltip: string, command: string) =>
        new vscode.CodeLens(range, {
          title,
          tooltip,
          command,
          arguments: [document.uri, cell.startLine],
        });
      const run = lens('$(play) Run Cell', 'Run this cell', 'codeMode.runCell');
      const above = lens('Run Above', 'Run the cells above this one', 'codeMode.runCellsAbove');
      const all = lens('Run All', 'Run all cells of this file', 'codeMode.runAllCells');
      if (index === 0) return cell.kind === 'code' ? [run, all] : [all];
      return cell.kind === 'code' ? [run, above] : [above];
    });
  }
}
