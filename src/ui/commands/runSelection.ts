import path from 'node:path';
import * as vscode from 'vscode';
import { joinSelections, type SelectedText } from '../../core/python-source/selection.ts';
import { statementAt } from '../../core/python-source/statements.ts';
import { type CodePiece, filenameOf } from '../editor/codePiece.ts';
import { pythonEditor } from './documents.ts';
import type { EditorRuns } from './editorRuns.ts';

/**
 * Registers "Run Selection or Line": runs what is selected or, with nothing selected, the statement under the
 * cursor, which then moves to the next one.
 */
export function registerRunSelection(runs: EditorRuns): vscode.Disposable {
  return vscode.commands.registerCommand('codeMode.runSelection', async () => {
    const editor = pythonEditor();
    if (!editor) return;
    const selected = selectedPiece(editor);
    if (selected) {
      await runs.run([selected]);
      return;
    }
    const { document, selection } = editor;
    const statement = statementAt(document.getText(), selection.active.line);
    moveOn(editor, statement.nextLine ?? (statement.range?.endLine ?? selection.active.line) + 1);
    if (!statement.range) return;
    const { startLine, endLine } = statement.range;
    const origin = { filename: filenameOf(document), firstLine: startLine + 1 };
    await runs.run([{ code: statement.code, origin, document, startLine, endLine }]);
  });
}

/** The selected code as one piece; undefined where nothing is selected but blanks. */
export function selectedPiece(editor: vscode.TextEditor): CodePiece | undefined {
  const { document, selections } = editor;
  const parts = selections.map((selection) => selectedText(document, selection));
  const { code, startLine } = joinSelections(parts);
  if (code.trim() === '') return undefined;
  const filled = parts.filter(({ text }) => text.trim() !== '');
  const first = Math.min(...filled.map((part) => part.startLine));
  const last = Math.max(
    ...filled.map((part) => part.startLine + part.text.trimEnd().split(/\r\n|\n|\r/u).length - 1),
  );
  const filename = filenameOf(document);
  const origin =
    startLine === undefined
      ? { filename: `selections of ${path.basename(filename)}`, firstLine: 1 }
      : { filename, firstLine: startLine + 1 };
  return { code, origin, document, startLine: first, endLine: last };
}

function selectedText(document: vscode.TextDocument, { start, end }: vscode.Selection): SelectedText {
  const before = document.lineAt(start.line).text.slice(0, start.character);
  // A selection that leaves out the indentation of its first line still means that line as it stands.
  const from = before.trim() === '' ? start.with({ character: 0 }) : start;
  const text = start.isEqual(end) ? '' : document.getText(new vscode.Range(from, end));
  return { text, startLine: start.line };
}

function moveOn(editor: vscode.TextEditor, line: number): void {
  const { document } = editor;
  const target = document.lineAt(Math.min(line, document.lineCount - 1));
  const position =
    line < document.lineCount
      ? new vscode.Position(target.lineNumber, target.firstNonWhitespaceCharacterIndex)
      : target.range.end;
  editor.selection = new vscode.Selection(position, position);
  editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
