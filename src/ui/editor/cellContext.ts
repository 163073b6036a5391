import * as vscode from 'vscode';
import { cellsOf, isPythonFile } from './documentCells.ts';

/** Milliseconds after the last edit before the cells are looked for again. */
const SETTLE_MS = 300;

/** Keeps the context key `codeMode.hasCells`: whether the active editor shows a Python file with `# %%` cells. */
export class CellContext implements vscode.Disposable {
  readonly #disposables: vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;
  #hasCells = false;

  constructor() {
    this.#disposables = [
      vscode.window.onDidChangeActiveTextEditor(() => this.#later(0)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document === vscode.window.activeTextEditor?.document) this.#later(SETTLE_MS);
      }),
    ];
    this.#later(0);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #later(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#update(), delay);
  }

  #update(): void {
    const document = vscode.window.activeTextEditor?.document;
    const hasCells = document !== undefined && isPythonFile(document) && cellsOf(document).length > 0;
    if (hasCells === this.#hasCells) return;
    this.#hasCells = hasCells;
    void vscode.commands.executeCommand('setContext', 'codeMode.hasCells', hasCells);
  }
}
