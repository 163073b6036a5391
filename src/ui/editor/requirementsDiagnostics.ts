import * as vscode from 'vscode';
import type { DependencyStatus } from '../../core/contract/dependencies.ts';
import { requirementsFile } from '../store/requirementsFile.ts';
import type { WorkspaceDependencies } from '../store/workspaceDependencies.ts';
import { DocumentDiagnostics, diagnosticAt } from './documentDiagnostics.ts';

/** What its fix is for, as diagnostics say it. */
const NOT_INSTALLED = 'not-installed';
const NAME = 'requirements.txt';

/** Says what of the workspace's `requirements.txt` is no package, and what is not installed, and offers to install that. */
export class RequirementsDiagnostics implements vscode.Disposable {
  readonly #dependencies: WorkspaceDependencies;
  readonly #disposables: readonly vscode.Disposable[];

  constructor({
    dependencies,
    log,
  }: {
    readonly dependencies: WorkspaceDependencies;
    readonly log: vscode.LogOutputChannel;
  }) {
    this.#dependencies = dependencies;
    const diagnostics = new DocumentDiagnostics({
      name: 'codeMode.requirements',
      isCandidate: ({ uri }) => uri.path.endsWith(`/${NAME}`),
      check: (document) => this.#check(document),
      log,
    });
    this.#disposables = [
      diagnostics,
      dependencies.onDidChange(() => diagnostics.checkAll()),
      vscode.languages.registerCodeActionsProvider(
        { pattern: `**/${NAME}` },
        { provideCodeActions: (_document, _range, context) => fixesOf(context.diagnostics) },
        { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
      ),
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  async #check(document: vscode.TextDocument): Promise<vscode.Diagnostic[] | undefined> {
    if (!vscode.workspace.isTrusted) return undefined;
    if ((await requirementsFile())?.toString() !== document.uri.toString()) return undefined;
    const { requirementProblems } = await import('../sessions/core.ts');
    const broken = requirementProblems(document.getText()).map((problem) =>
      diagnosticAt(document, problem, vscode.DiagnosticSeverity.Error),
    );
    return [...broken, ...(await this.#missing(document))];
  }

  /** What somebody looks up for this alone is not worth a session, and what is being typed is not known yet. */
  async #missing(document: vscode.TextDocument): Promise<vscode.Diagnostic[]> {
    if (!this.#dependencies.isOpen || document.isDirty) return [];
    const { configured } = (await this.#dependencies.known()).report;
    return configured
      .filter(({ file }) => file === document.uri.fsPath)
      .flatMap((status) => missingDiagnostic(document, status));
  }
}

function missingDiagnostic(document: vscode.TextDocument, status: DependencyStatus): vscode.Diagnostic[] {
  const { spec, state, line, installedVersion } = status;
  if ((state !== 'missing' && state !== 'mismatch') || line === null || line > document.lineCount) return [];
  const { range, firstNonWhitespaceCharacterIndex } = document.lineAt(line - 1);
  const diagnostic = new vscode.Diagnostic(
    range.with(range.start.with({ character: firstNonWhitespaceCharacterIndex })),
    state === 'missing'
      ? `${spec} is not installed.`
      : `${installedVersion} is installed, which does not fit.`,
    vscode.DiagnosticSeverity.Information,
  );
  diagnostic.source = 'Code Mode';
  diagnostic.code = NOT_INSTALLED;
  return [diagnostic];
}

function fixesOf(diagnostics: readonly vscode.Diagnostic[]): vscode.CodeAction[] {
  const missing = diagnostics.filter(({ code }) => code === NOT_INSTALLED);
  if (missing.length === 0) return [];
  const title = 'Install Missing Packages';
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.command = { title, command: 'codeMode.deps.sync' };
  action.diagnostics = missing;
  action.isPreferred = true;
  return [action];
}
