import { randomUUID } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import type { WorkspaceStore } from '../store/workspaceStore.ts';
import { TablePanel } from './tablePanel.ts';

/** The custom editor that shows tables. */
export const TABLE_EDITOR = 'codeMode.table';

/** What {@link TableEditor} is made with. */
export interface TableEditorOptions {
  readonly store: WorkspaceStore;
  /** Absolute path of the built extension. */
  readonly distFolder: string;
  readonly log: vscode.LogOutputChannel;
}

/** Shows files of records as tables, read-only. */
export class TableEditor implements vscode.CustomReadonlyEditorProvider {
  readonly #options: TableEditorOptions;

  private constructor(options: TableEditorOptions) {
    this.#options = options;
  }

  static register(options: TableEditorOptions): vscode.Disposable {
    return vscode.window.registerCustomEditorProvider(TABLE_EDITOR, new TableEditor(options), {
      supportsMultipleEditorsPerDocument: true,
    });
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    const { store, distFolder, log } = this.#options;
    const dist = vscode.Uri.file(distFolder);
    panel.webview.options = { enableScripts: true, localResourceRoots: [dist] };
    const table = new TablePanel({ uri, webview: panel.webview, store, log });
    panel.onDidDispose(() => table.dispose());
    panel.webview.html = pageOf(panel.webview, dist, path.posix.basename(uri.path));
  }
}

/** The page, which may load the two files that belong to it and nothing else. */
function pageOf(webview: vscode.Webview, dist: vscode.Uri, name: string): string {
  const file = (ending: string) => webview.asWebviewUri(vscode.Uri.joinPath(dist, `tablePage.${ending}`));
  const nonce = randomUUID();
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeHtml(name)}</title>
<link rel="stylesheet" href="${file('css')}">
</head>
<body data-name="${escapeHtml(name)}">
<script nonce="${nonce}" src="${file('js')}"></script>
</body>
</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
