import * as vscode from 'vscode';
import type { WorkspaceTools } from '../../store/workspaceTools.ts';

const SCHEME = 'code-mode-tool-log';
/** Milliseconds between two looks at a log that is in sight. */
const LOOK_MS = 1_000;

/** The logs of the servers behind tools, as documents that follow what the servers say for as long as they are in sight. */
export class ServerLogs implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #tools: WorkspaceTools;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #disposables: vscode.Disposable[];
  /** How many lines the documents had when they were last looked at. */
  readonly #lines = new WeakMap<vscode.TextDocument, number>();
  #timer: NodeJS.Timeout | undefined;

  readonly onDidChange = this.#changed.event;

  constructor(tools: WorkspaceTools) {
    this.#tools = tools;
    this.#disposables = [
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#look()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.uri.scheme === SCHEME) this.#follow(document);
      }),
    ];
  }

  /** Shows the log of a tool's server, at its end. */
  async show(tool: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${tool}.log` });
    this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    this.#lines.set(document, document.lineCount);
    showEnd(await vscode.window.showTextDocument(document));
  }

  async provideTextDocumentContent({ path }: vscode.Uri): Promise<string> {
    const text = await this.#tools.log(path.slice(1, -'.log'.length));
    return text === '' ? 'The server has not said anything yet.\n' : text;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  /** Reads again what is in sight, now and for as long as it is. */
  #look(): void {
    clearTimeout(this.#timer);
    const shown = vscode.window.visibleTextEditors.filter(({ document }) => document.uri.scheme === SCHEME);
    if (shown.length === 0) return;
    for (const { document } of shown) this.#changed.fire(document.uri);
    this.#timer = setTimeout(() => this.#look(), LOOK_MS);
  }

  /** Goes on to the new end where the old one was in sight: whoever reads further up is left there. */
  #follow(document: vscode.TextDocument): void {
    const end = (this.#lines.get(document) ?? 1) - 1;
    this.#lines.set(document, document.lineCount);
    for (const editor of vscode.window.visibleTextEditors) {
      const seen = editor.visibleRanges.at(-1)?.end.line ?? 0;
      if (editor.document === document && seen >= end) showEnd(editor);
    }
  }
}

function showEnd(editor: vscode.TextEditor): void {
  const end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
  editor.revealRange(new vscode.Range(end, end));
}
