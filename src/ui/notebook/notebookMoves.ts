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
}

interface Remembered extends Seen {
  readonly timer: NodeJS.Timeout;
}

/**
 * Tells a notebook that moves from one that closes. For the editor a rename or "Save As" is one document that
 * closes and another that opens; they are the same notebook where the rename was announced, or where both have
 * the same cells at the same time.
 */
export class NotebookMoves implements vscode.Disposable {
  readonly #listener: NotebookMoveListener;
  readonly #opened = new Set<Remembered>();
  readonly #closed = new Set<Remembered>();
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
    const opened = { notebook, cells: contents(notebook) };
    const before = this.#take(this.#closed, (closed) => this.#isSame(closed, opened));
    if (before) this.#listener.onDidMove(before, notebook);
    else this.#remember(this.#opened, opened, () => {});
  }

  #onClose(notebook: vscode.NotebookDocument): void {
    // Closed soon after it was opened, a notebook would otherwise be taken for its own successor.
    this.#take(this.#opened, (opened) => opened.notebook === notebook);
    const closed = { notebook, cells: contents(notebook) };
    const after = this.#take(this.#opened, (opened) => this.#isSame(closed, opened));
    if (after) this.#listener.onDidMove(notebook, after);
    else this.#remember(this.#closed, closed, () => this.#listener.onDidClose(notebook));
  }

  #isSame(closed: Seen, opened: Seen): boolean {
    if (closed.notebook.notebookType !== opened.notebook.notebookType) return false;
    const renamedFrom = this.#renamedFrom(opened.notebook);
    if (renamedFrom !== undefined) return renamedFrom === closed.notebook.uri.toString();
    return closed.notebook.cellCount > 0 && closed.cells === opened.cells;
  }

  /** The address that a notebook had before it, or a folder that it is in, was renamed. */
  #renamedFrom(notebook: vscode.NotebookDocument): string | undefined {
    const uri = notebook.uri.toString();
    const rename = this.#renames.findLast(({ to }) => uri === to || uri.startsWith(`${to}/`));
    return rename && rename.from + uri.slice(rename.to.length);
  }

  #remember(list: Set<Remembered>, seen: Seen, whenOver: () => void): void {
    const remembered: Remembered = {
      ...seen,
      timer: setTimeout(() => {
        list.delete(remembered);
        whenOver();
      }, WINDOW_MS),
    };
    list.add(remembered);
  }

  #take(list: Set<Remembered>, matches: (seen: Seen) => boolean): vscode.NotebookDocument | undefined {
    for (const seen of list) {
      if (!matches(seen)) continue;
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
