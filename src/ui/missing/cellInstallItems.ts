import * as vscode from 'vscode';
import { INSTALL_AND_RUN_AGAIN } from './installAndRunAgain.ts';
import type { MissingImports } from './missingImports.ts';

/**
 * Offers below a cell whose import failed to install the package and run it again.
 *
 * @param notebookType - of notebooks; the Interactive Window shows no such items
 */
export function registerCellInstallItems(imports: MissingImports, notebookType: string): vscode.Disposable {
  const provider: vscode.NotebookCellStatusBarItemProvider = {
    onDidChangeCellStatusBarItems: (listener, self, disposables) =>
      imports.onDidChange(() => listener.call(self), undefined, disposables),
    provideCellStatusBarItems: (cell) =>
      imports.of(cell.document.uri).flatMap(({ id, missing, message }) => {
        if (missing.kind !== 'package') return [];
        const title = `Install ${missing.package} and Run Again`;
        const item = new vscode.NotebookCellStatusBarItem(
          `$(cloud-download) ${title}`,
          vscode.NotebookCellStatusBarAlignment.Left,
        );
        item.command = { title, command: INSTALL_AND_RUN_AGAIN, arguments: [id] };
        item.tooltip = message;
        item.accessibilityInformation = { label: title, role: 'button' };
        return [item];
      }),
  };
  return vscode.notebooks.registerNotebookCellStatusBarItemProvider(notebookType, provider);
}
