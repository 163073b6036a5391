import path from 'node:path';
import * as vscode from 'vscode';
import type { DefinedTool } from '../../core/tools/definition/index.ts';
import type { WorkspaceTools } from '../store/workspaceTools.ts';
import { DocumentDiagnostics, diagnosticAt } from './documentDiagnostics.ts';
import { isToolFile, mayBeToolFile } from './toolFiles.ts';

/** Says what is wrong with the files of tools that are open in an editor, while they are typed. */
export class ToolDiagnostics implements vscode.Disposable {
  readonly #tools: WorkspaceTools;
  readonly #diagnostics: DocumentDiagnostics;
  readonly #subscription: vscode.Disposable;

  constructor({ tools, log }: { readonly tools: WorkspaceTools; readonly log: vscode.LogOutputChannel }) {
    this.#tools = tools;
    this.#diagnostics = new DocumentDiagnostics({
      name: 'codeMode.tools',
      isCandidate: mayBeToolFile,
      check: (document) => this.#check(document),
      log,
    });
    // Another file may have another name now, or the folder be another.
    this.#subscription = tools.onDidChange(() => this.#diagnostics.checkAll());
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#diagnostics.dispose();
  }

  async #check(document: vscode.TextDocument): Promise<vscode.Diagnostic[] | undefined> {
    if (!(await isToolFile(document, this.#tools))) return undefined;
    const { parseToolDefinition, withNameProblem } = await import('../sessions/core.ts');
    const text = document.getText();
    let tool = parseToolDefinition(text, document.uri.fsPath);
    const other = await this.#firstOf(tool);
    if (other) tool = withNameProblem(tool, text, `There is a tool ${tool.name} already, in ${other}.`);
    const { DiagnosticSeverity } = vscode;
    return tool.problems.map((problem) =>
      diagnosticAt(
        document,
        problem,
        problem.severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
      ),
    );
  }

  /** The file that has the tool's name before it; undefined where none has. */
  async #firstOf({ name, entry, definition }: DefinedTool): Promise<string | undefined> {
    if (!definition) return undefined;
    const tools = await this.#tools.list().catch(() => []);
    const other = tools.find((tool) => tool.name === name && tool.status !== undefined)?.uri;
    const file = other && path.posix.basename(other.path);
    return file !== undefined && file < entry ? file : undefined;
  }
}
