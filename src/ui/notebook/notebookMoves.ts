import * as vscode from 'vscode';

/** Who wants to know of notebooks that close or move. */
export interface NotebookMoveListener {
  /** The notebook goes on at another address: after a rename or a "Save As". */
  onDidMove(from: vscode.NotebookDocument, to: vscode.NotebookDocument): void;
  /** The notebook is closed for good. */
  onDidClose(notebook: vscode.NotebookDocument): void;
}

/** How far apart the editor may close a notebook and open it at its new address. */
const WINDOW_MS = 2_000;

/** Renames are few and soon followed by the document; older ones would only be mistaken for new ones. */
const MAX_RENAMES = 20;

interface Seen {
  readonly notebook: vscode.NotebookDocument;
  /** Taken when the notebook closed or opened, since a closed document may change. */
  readonly cells: string;
  readonly timer: NodeJS.Timeout;
}

/**
 * Tells a notebook that moves from one that closes. For the editor a rename or "Save As" is one document that
 * closes and another that opens; they are the same notebook where the rename was announced, or where both have
 * the same cells at the same time.
 */
export class NotebookMoves implements vscode.Disposable {
  readonly #listener: NotebookMoveListener;
  readonly #opened = new Set<Seen>();
  readonly #closed = new Set<Seen>();
  readonly #renames: { readonly from: string; readonly to: string }[] = [];
  readonly #disposables: vscode.Disposable[];

  constructor(listener: NotebookMoveListener) {
    this.#listener = listener;
    this.#disposables = [
      // Before the rename, since the new document opens before anybody hears that the files were renamed.
      vscode.workspace.onWillRenameFiles(({ files }) => {
        for (const { oldUri, newUri } of files) {
          this.#renames.push({ from: oldUri.toString(), to: newUri.toString() });
        }
        this.#renames.splice(0, this.#renames.length - MAX_RENAMES);
      }),
      vscode.workspace.onDidOpenNotebookDocument((notebook) => this.#onOpen(notebook)),
      vscode.workspace.onDidCloseNotebookDocument((notebook) => this.#onClose(notebook)),
    ];
  }

  dispose(): void {
    for (const { timer } of [...this.#opened, ...this.#closed]) clearTimeout(timer);
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #onOpen(notebook: vscode.NotebookDocument): void {
    const renamedFrom = this.#renamedFrom(notebook);
    const open = vscode.workspace.notebookDocuments.find(({ uri }) => uri.toString() === renamedFrom);
    // Extensions can keep the old document open for long: its notebook is the new one all the same.
    if (open) {
      this.#listener.onDidMove(open, notebook);
      return;
    }
    const before = this.#take(this.#closed, notebook, (closed) => this.#isSame(closed, notebook));
    if (before) this.#listener.onDidMove(before, notebook);
    else this.#remember(this.#opened, notebook, () => {});
  }

  #onClose(notebook: vscode.NotebookDocument): void {
    const after = this.#take(this.#opened, notebook, (opened) => this.#isSame(notebook, opened));
    if (after) this.#listener.onDidMove(notebook, after);
    else this.#remember(this.#closed, notebook, () => this.#listener.onDidClose(notebook));
  }

  #isSame(closed: vscode.NotebookDocument, opened: vscode.NotebookDocument): boolean {
    const renamedFrom = this.#renamedFrom(opened);
    if (renamedFrom !== undefined) return renamedFrom === closed.uri.toString();
    return closed.cellCount > 0 && contents(closed) === contents(opened);
  }

  /** The address that a notebook had before it, or a folder that it is in, was renamed. */
  #renamedFrom(notebook: vscode.NotebookDocument): string | undefined {
    const uri = notebook.uri.toString();
    const rename = this.#renames.findLast(({ to }) => uri === to || uri.startsWith(`${to}/`));
    return rename && rename.from + uri.slice(rename.to.length);
  }

  #remember(list: Set<Seen>, notebook: vscode.NotebookDocument, whenOver: () => void): void {
    const seen: Seen = {
      notebook,
      cells: contents(notebook),
      timer: setTimeout(() => {
        list.delete(seen);
        whenOver();
      }, WINDOW_MS),
    };
    list.add(seen);
  }

  #take(
    list: Set<Seen>,
    other: vscode.NotebookDocument,
    matches: (notebook: vscode.NotebookDocument) => boolean,
  ): vscode.NotebookDocument | undefined {
    for (const seen of list) {
      if (seen.notebook.notebookType !== other.notebookType || !matches(seen.notebook)) continue;
      clearTimeout(seen.timer);
      list.delete(seen);
      return seen.notebook;
    }
    return undefined;
  }
}

function contents(notebook: vscode.NotebookDocument): string {
  return JSON.stringify(notebook.getCells().map(({ document }) => document.getText()));
}
