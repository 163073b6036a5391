import * as vscode from 'vscode';

/** Milliseconds after the last edit before a document is checked again. */
const SETTLE_MS = 250;

/** What {@link DocumentDiagnostics} check, and how. */
export interface DocumentCheck {
  /** Of the collection of diagnostics. */
  readonly name: string;
  /** Whether a document can be one of those. Asked of every document that is typed in: it is to be quick. */
  readonly isCandidate: (document: vscode.TextDocument) => boolean;
  /** What is wrong with a document; undefined where it is none of those. */
  readonly check: (document: vscode.TextDocument) => Promise<readonly vscode.Diagnostic[] | undefined>;
  readonly log: vscode.LogOutputChannel;
}

/** Says what is wrong with documents that are open in an editor, while they are typed. */
export class DocumentDiagnostics implements vscode.Disposable {
  readonly #check: DocumentCheck;
  readonly #diagnostics: vscode.DiagnosticCollection;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #disposables: vscode.Disposable[];

  constructor(check: DocumentCheck) {
    this.#check = check;
    this.#diagnostics = vscode.languages.createDiagnosticCollection(check.name);
    this.#disposables = [
      this.#diagnostics,
      vscode.workspace.onDidOpenTextDocument((document) => this.#checkSoon(document, 0)),
      // A document outlives its editor for a while, and may be there without one.
      vscode.window.tabGroups.onDidChangeTabs(() => this.checkAll()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#checkSoon(document, SETTLE_MS)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#forget(uri)),
      vscode.workspace.onDidDeleteFiles(({ files }) => files.map((uri) => this.#forget(uri))),
    ];
    this.checkAll();
  }

  /** Something has changed that decides what is wrong, or which documents are checked. */
  checkAll(): void {
    for (const document of vscode.workspace.textDocuments) this.#checkSoon(document, 0);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #checkSoon(document: vscode.TextDocument, delay: number): void {
    if (!this.#check.isCandidate(document)) return;
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      this.#checkNow(document).catch((error: unknown) => this.#check.log.warn(String(error)));
    }, delay);
    this.#timers.set(key, timer);
  }

  async #checkNow(document: vscode.TextDocument): Promise<void> {
    const { version, uri } = document;
    const isThere = isShown(uri) && (document.isDirty || (await exists(uri)));
    const problems = isThere ? await this.#check.check(document) : undefined;
    if (document.version !== version || document.isClosed) return;
    if (problems === undefined) this.#diagnostics.delete(uri);
    else this.#diagnostics.set(uri, problems);
  }

  #forget(uri: vscode.Uri): void {
    const key = uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.#diagnostics.delete(uri);
  }
}

/** A diagnostic of what stands between two offsets. */
export function diagnosticAt(
  document: vscode.TextDocument,
  { start, end, message }: { readonly start: number; readonly end: number; readonly message: string },
  severity: vscode.DiagnosticSeverity,
): vscode.Diagnostic {
  const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
  // Where nothing stands that could be underlined, it is said of the line.
  const place = range.isEmpty ? document.lineAt(range.start.line).range : range;
  const diagnostic = new vscode.Diagnostic(place, message.replaceAll('`', ''), severity);
  diagnostic.source = 'Code Mode';
  return diagnostic;
}

function isShown(uri: vscode.Uri): boolean {
  const key = uri.toString();
  return vscode.window.tabGroups.all.some(({ tabs }) =>
    tabs.some(({ input }) => {
      if (input instanceof vscode.TabInputText) return input.uri.toString() === key;
      return input instanceof vscode.TabInputTextDiff && input.modified.toString() === key;
    }),
  );
}

function exists(uri: vscode.Uri): Promise<boolean> {
  return Promise.resolve(vscode.workspace.fs.stat(uri)).then(
    () => true,
    () => false,
  );
}
