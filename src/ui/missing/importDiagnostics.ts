import * as vscode from 'vscode';
import { INSTALL_AND_RUN_AGAIN } from './installAndRunAgain.ts';
import type { MissingImports, PlacedImport } from './missingImports.ts';

/** Marks imports that failed, in files and cells, and offers to install what would mend them. */
export function registerImportDiagnostics(imports: MissingImports): vscode.Disposable {
  const diagnostics = vscode.languages.createDiagnosticCollection('codeMode.imports');
  return vscode.Disposable.from(
    diagnostics,
    imports.onDidChange((uris) => {
      for (const uri of uris) diagnostics.set(uri, imports.of(uri).map(diagnosticOf));
    }),
    vscode.languages.registerCodeActionsProvider(
      { language: 'python' },
      {
        provideCodeActions: (document, range) =>
          imports
            .of(document.uri)
            .filter((one) => one.range.start.line <= range.end.line && one.range.end.line >= range.start.line)
            .flatMap(fixesOf),
      },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
    ),
  );
}

function diagnosticOf({ range, message }: PlacedImport): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(range, message, vscode.DiagnosticSeverity.Warning);
  diagnostic.source = 'Python Code Mode';
  diagnostic.code = 'missing-module';
  return diagnostic;
}

function fixesOf(one: PlacedImport): vscode.CodeAction[] {
  const { id, missing } = one;
  if (missing.kind !== 'package') return [];
  const title = `Install ${missing.package} and Run Again`;
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.command = { title, command: INSTALL_AND_RUN_AGAIN, arguments: [id] };
  action.diagnostics = [diagnosticOf(one)];
  action.isPreferred = true;
  return [action];
}
