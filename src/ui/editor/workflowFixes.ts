import * as vscode from 'vscode';
import type { WorkflowProblem } from '../../core/workflows/analysis.ts';
import { typesOf } from './workflowTypes.ts';

/** What a fix is for, as diagnostics say it. */
const CODES = {
  notAsync: 'run-not-async',
  unannotated: 'unannotated',
} as const satisfies Record<string, WorkflowProblem['code']>;

/** Offers to mend what the diagnostics of workflows say. */
export function registerWorkflowFixes(): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider(
    { language: 'python' },
    {
      provideCodeActions: (document, _, { diagnostics }) =>
        diagnostics.flatMap((one) => fixesOf(document, one)),
    },
    { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
  );
}

function fixesOf(document: vscode.TextDocument, diagnostic: vscode.Diagnostic): vscode.CodeAction[] {
  if (diagnostic.code === CODES.notAsync) {
    const before = document
      .lineAt(diagnostic.range.start.line)
      .text.slice(0, diagnostic.range.start.character);
    const definition = /\bdef\s+$/u.exec(before);
    if (!definition) return [];
    const place = diagnostic.range.start.with({ character: definition.index });
    return [
      fix(document, diagnostic, {
        title: "Change to 'async def run'",
        range: new vscode.Range(place, place),
        text: 'async ',
        isPreferred: true,
      }),
    ];
  }
  if (diagnostic.code !== CODES.unannotated) return [];
  const { end } = diagnostic.range;
  const after = document.lineAt(end.line).text.slice(end.character);
  const [assign = '', defaultSource] = /^\s*=\s*(.*)$/u.exec(after) ?? [];
  const equals = /^\s*=\s*/u.exec(assign)?.[0] ?? '';
  const name = document.getText(diagnostic.range);
  return typesOf(defaultSource).map((type, index) =>
    fix(document, diagnostic, {
      title: `Say that ${name} is ${type}`,
      range: new vscode.Range(end, end.translate(0, equals.length)),
      text: equals === '' ? `: ${type}` : `: ${type} = `,
      isPreferred: index === 0,
    }),
  );
}

function fix(
  document: vscode.TextDocument,
  diagnostic: vscode.Diagnostic,
  {
    title,
    range,
    text,
    isPreferred,
  }: { title: string; range: vscode.Range; text: string; isPreferred: boolean },
): vscode.CodeAction {
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.diagnostics = [diagnostic];
  action.isPreferred = isPreferred;
  action.edit = new vscode.WorkspaceEdit();
  action.edit.replace(document.uri, range, text);
  return action;
}
