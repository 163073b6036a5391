import * as vscode from 'vscode';
import type { WorkspaceStore } from '../store/workspaceStore.ts';
import { DocumentDiagnostics, diagnosticAt } from './documentDiagnostics.ts';

/** Where workflows are, and in an older layout; what begins with `_` is skipped. */
const PLACE = /^(.*)\/(workflows|skills)\/([^/_][^/]*)\.py$/u;

/** Says what is wrong with the sources of workflows that are open in an editor, while they are typed. */
export class WorkflowDiagnostics implements vscode.Disposable {
  readonly #store: WorkspaceStore;
  readonly #diagnostics: DocumentDiagnostics;
  readonly #subscription: vscode.Disposable;

  constructor({ store, log }: { readonly store: WorkspaceStore; readonly log: vscode.LogOutputChannel }) {
    this.#store = store;
    this.#diagnostics = new DocumentDiagnostics({
      name: 'codeMode.workflows',
      // What is surely no workflow opens no store.
      isCandidate: ({ languageId, uri }) => languageId === 'python' && PLACE.test(uri.path),
      check: (document) => this.#check(document),
      log,
    });
    // The store may have become another: what was a workflow may be none any more.
    this.#subscription = store.onDidChange((changed) => {
      if (changed === 'workflows') this.#diagnostics.checkAll();
    });
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#diagnostics.dispose();
  }

  async #check(document: vscode.TextDocument): Promise<vscode.Diagnostic[] | undefined> {
    const name = await this.#nameOf(document.uri);
    if (name === undefined) return undefined;
    const { analyseWorkflow } = await import('../sessions/core.ts');
    const { DiagnosticSeverity } = vscode;
    return analyseWorkflow(name, document.getText()).problems.map((problem) => {
      const diagnostic = diagnosticAt(
        document,
        problem,
        problem.severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Hint,
      );
      diagnostic.code = problem.code;
      return diagnostic;
    });
  }

  /** The name of the workflow that a document is; undefined where it is none. */
  async #nameOf(uri: vscode.Uri): Promise<string | undefined> {
    const [, store, folder, name] = PLACE.exec(uri.path) ?? [];
    if (!vscode.workspace.isTrusted || store === undefined) return undefined;
    const root = await this.#store.root('workflows').catch(() => undefined);
    const isHere =
      root?.scheme === uri.scheme && root.authority === uri.authority && root.path === `${store}/workflows`;
    return isHere && (folder === 'workflows' || uri.scheme === 'file') ? name : undefined;
  }
}
