import * as vscode from 'vscode';
import { filenameOf } from '../editor/codePiece.ts';
import { documentFor, lastCodeLine } from './documents.ts';
import type { EditorRuns } from './editorRuns.ts';

/** Registers "Run File": runs the text of a Python file as the editor has it, saved or not. */
export function registerRunFile(runs: EditorRuns): vscode.Disposable {
  return vscode.commands.registerCommand('codeMode.runFile', async (resource: unknown) => {
    const document = await documentFor(resource);
    if (!document) return;
    await runs.run([
      {
        code: document.getText().replaceAll('\r\n', '\n'),
        origin: { filename: filenameOf(document), firstLine: 1 },
        document,
        startLine: 0,
        endLine: lastCodeLine(document),
      },
    ]);
  });
}
