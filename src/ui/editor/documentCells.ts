import type * as vscode from 'vscode';
import { type Cell, parseCells } from '../../core/python-source/cells.ts';

const parsed = new WeakMap<vscode.TextDocument, { version: number; cells: readonly Cell[] }>();

/** The `# %%` cells of a document, parsed once for each of its versions. */
export function cellsOf(document: vscode.TextDocument): readonly Cell[] {
  const known = parsed.get(document);
  if (known?.version === document.version) return known.cells;
  const cells = parseCells(document.getText());
  parsed.set(document, { version: document.version, cells });
  return cells;
}

/** Whether a document is a Python file in an editor, and not the cell of a notebook. */
export function isPythonFile(document: vscode.TextDocument): boolean {
  return (
    document.languageId === 'python' &&
    document.uri.scheme !== 'vscode-notebook-cell' &&
    document.uri.scheme !== 'vscode-interactive-input'
  );
}
