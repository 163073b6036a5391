import * as vscode from 'vscode';

/** What {@link FollowedLogs} works with. */
export interface FollowedLogsOptions {
  /** The scheme of the documents' addresses, which nobody else has. */
  readonly scheme: string;
  /** The text of a log; empty: nothing was said yet. @throws CodeModeError */
  readonly read: (name: string) => Promise<string>;
  /** What stands in the place of an empty one. */
  readonly empty: string;
}

/** Milliseconds between two looks at a log that is in sight. */
const LOOK_MS = 1_000;

/** Logs as documents that follow what is said for as long as they are in sight. */
export class FollowedLogs implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #options: FollowedLogsOptions;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #disposables: vscode.Disposable[];
  /** How many lines the documents had when they were last looked at. */
  readonly #lines = new WeakMap<vscode.TextDocument, number>();
  #timer: NodeJS.Timeout | undefined;

  readonly onDidChange = this.#changed.event;

  constructor(options: FollowedLogsOptions) {
    this.#options = options;
    const { scheme } = options;
    this.#disposables = [
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#look()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document.uri.scheme === scheme) this.#follow(document);
      }),
    ];
  }

  /** Shows a log, at its end. @param title of its tab; by default its name */
  async show(name: string, title = name): Promise<void> {
    const uri = vscode.Uri.from({ scheme: this.#options.scheme, path: `/${title}.log`, query: name });
    this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    this.#lines.set(document, document.lineCount);
    showEnd(await vscode.window.showTextDocument(document));
  }

  async provideTextDocumentContent({ query }: vscode.Uri): Promise<string> {
    const text = await this.#options.read(query);
    return text === '' ? `${this.#options.empty}\n` : text;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  /** Reads again what is in sight, now and for as long as it is. */
  #look(): void {
    clearTimeout(this.#timer);
    const { scheme } = this.#options;
    const shown = vscode.window.visibleTextEditors.filter(({ document }) => document.uri.scheme === scheme);
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
