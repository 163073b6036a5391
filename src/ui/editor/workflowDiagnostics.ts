import * as vscode from 'vscode';
import type { WorkflowProblem } from '../../core/workflows/analysis.ts';
import type { WorkspaceStore } from '../store/workspaceStore.ts';

/** Milliseconds after the last edit before the source is read again. */
const SETTLE_MS = 250;
const SOURCE = 'Code Mode';
/** Where workflows are, and in an older layout; what begins with `_` is skipped. */
const PLACE = /^(.*)\/(workflows|skills)\/([^/_][^/]*)\.py$/u;

/** Says what is wrong with the sources of workflows that are open in an editor, while they are typed. */
export class WorkflowDiagnostics implements vscode.Disposable {
  readonly #store: WorkspaceStore;
  readonly #log: vscode.LogOutputChannel;
  readonly #diagnostics = vscode.languages.createDiagnosticCollection('codeMode.workflows');
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #disposables: vscode.Disposable[];

  constructor({ store, log }: { readonly store: WorkspaceStore; readonly log: vscode.LogOutputChannel }) {
    this.#store = store;
    this.#log = log;
    this.#disposables = [
      this.#diagnostics,
      vscode.workspace.onDidOpenTextDocument((document) => this.#checkSoon(document, 0)),
      // A document outlives its editor for a while, and may be there without one.
      vscode.window.tabGroups.onDidChangeTabs(() => this.#checkAll()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#checkSoon(document, SETTLE_MS)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#forget(uri)),
      vscode.workspace.onDidDeleteFiles(({ files }) => files.map((uri) => this.#forget(uri))),
      // The store may have become another: what was a workflow may be none any more.
      store.onDidChange((changed) => {
        if (changed === 'workflows') this.#checkAll();
      }),
    ];
    this.#checkAll();
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #checkAll(): void {
    for (const document of vscode.workspace.textDocuments) this.#checkSoon(document, 0);
  }

  #checkSoon(document: vscode.TextDocument, delay: number): void {
    // Asked of every document that is typed in: what is surely no workflow opens no store.
    if (document.languageId !== 'python' || !PLACE.test(document.uri.path)) return;
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      this.#check(document).catch((error: unknown) => this.#log.warn(String(error)));
    }, delay);
    this.#timers.set(key, timer);
  }

  async #check(document: vscode.TextDocument): Promise<void> {
    const name = isShown(document.uri) ? await this.#nameOf(document) : undefined;
    if (document.isClosed) return;
    if (name === undefined) {
      this.#diagnostics.delete(document.uri);
      return;
    }
    const { analyseWorkflow } = await import('../sessions/core.ts');
    const { version } = document;
    const { problems } = analyseWorkflow(name, document.getText());
    if (document.version !== version || document.isClosed) return;
    this.#diagnostics.set(
      document.uri,
      problems.map((problem) => diagnosticOf(document, problem)),
    );
  }

  /** The name of the workflow that a document is; undefined where it is none, or none any more. */
  async #nameOf({ uri, isDirty }: vscode.TextDocument): Promise<string | undefined> {
    const [, store, folder, name] = PLACE.exec(uri.path) ?? [];
    if (!vscode.workspace.isTrusted || store === undefined) return undefined;
    const root = await this.#store.root('workflows').catch(() => undefined);
    const isHere =
      root?.scheme === uri.scheme && root.authority === uri.authority && root.path === `${store}/workflows`;
    if (!isHere || (folder === 'skills' && uri.scheme !== 'file')) return undefined;
    return isDirty || (await exists(uri)) ? name : undefined;
  }

  #forget(uri: vscode.Uri): void {
    const key = uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.#diagnostics.delete(uri);
  }
}

function diagnosticOf(document: vscode.TextDocument, problem: WorkflowProblem): vscode.Diagnostic {
  const start = document.positionAt(problem.start);
  const end = document.positionAt(problem.end);
  // Where nothing stands that could be underlined, it is said of the line.
  const range = start.isEqual(end) ? document.lineAt(start.line).range : new vscode.Range(start, end);
  const { DiagnosticSeverity } = vscode;
  const severity = problem.severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Hint;
  const diagnostic = new vscode.Diagnostic(range, problem.message.replaceAll('`', ''), severity);
  diagnostic.source = SOURCE;
  diagnostic.code = problem.code;
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
