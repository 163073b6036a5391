import * as vscode from 'vscode';
import type { ExecutionResult } from '../../core/contract/execution.ts';
import { valueTextOf } from '../sessions/windowSession.ts';
import type { CodePiece } from './codePiece.ts';
import { type TrackedLines, trackLines } from './lineTracker.ts';
import { errorText, failingLine, lastLine, oneLine, pythonText } from './pythonText.ts';

/** What stands beside a piece of code. */
export interface InlineValue {
  readonly kind: 'value' | 'output' | 'error';
  /** One line, bounded. */
  readonly text: string;
  /** The line (0-based) that it stands beside. */
  readonly line: number;
  /** For the hover: the whole of it, and what was printed; bounded. */
  readonly details: readonly { readonly title: string; readonly text: string }[];
}

interface Entry {
  lines: TrackedLines;
  /** The line beside which the value stands, relative to the first one. */
  offset: number;
  value: InlineValue | undefined;
  /** Its run has not ended. */
  pending: boolean;
}

const MAX_CHARACTERS = 100;
const MAX_HOVER_CHARACTERS = 3000;
const MAX_HOVER_LINES = 40;

/**
 * Shows what runs from the editor gave: the value of the last line beside it, or the exception beside the line
 * that raised it. A value goes away when its lines are edited or when the session's variables do.
 */
export class InlineValues implements vscode.Disposable {
  readonly #entries = new Map<string, Entry[]>();
  readonly #types = new Map<InlineValue['kind'], vscode.TextEditorDecorationType>();
  readonly #disposables: vscode.Disposable[];

  constructor() {
    this.#disposables = [
      vscode.workspace.onDidChangeTextDocument((event) => this.#onEdit(event)),
      vscode.workspace.onDidCloseTextDocument((document) => this.#entries.delete(document.uri.toString())),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#drawAll()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('codeMode.editor.inlineValues')) this.#drawAll();
      }),
    ];
  }

  /**
   * Makes way for the value of a piece that starts to run: what stood beside its lines is gone.
   *
   * @returns takes the result; an edit of the lines in between makes it do nothing
   */
  begin(piece: CodePiece): (result: ExecutionResult) => void {
    const { document, startLine, endLine } = piece;
    const key = document.uri.toString();
    const entry: Entry = {
      lines: { startLine, endLine, endLength: lengthOf(document, endLine) },
      offset: endLine - startLine,
      value: undefined,
      pending: true,
    };
    const others = (this.#entries.get(key) ?? []).filter(
      ({ lines }) => lines.endLine < startLine || lines.startLine > endLine,
    );
    this.#entries.set(key, [...others, entry]);
    this.#draw(key);
    return (result) => {
      entry.pending = false;
      if (!this.#entries.get(key)?.includes(entry)) return;
      const shift = entry.lines.startLine - startLine;
      const value = inlineValueOf(piece, result);
      entry.value = value;
      if (value) entry.offset = value.line + shift - entry.lines.startLine;
      this.#draw(key);
    };
  }

  /** What stands beside the lines of a document now. */
  valuesOf(document: vscode.TextDocument): readonly InlineValue[] {
    return (this.#entries.get(document.uri.toString()) ?? []).flatMap(({ value, lines, offset }) =>
      value ? [{ ...value, line: lines.startLine + offset }] : [],
    );
  }

  /** How many values an editor shows: none where the setting hides them. */
  shownIn(editor: vscode.TextEditor): number {
    return isEnabled(editor.document) ? this.valuesOf(editor.document).length : 0;
  }

  /** Takes every value away; what still runs may show its own when it ends. */
  clear(): void {
    for (const [key, entries] of this.#entries) {
      const pending = entries.filter((entry) => entry.pending);
      if (pending.length > 0) this.#entries.set(key, pending);
      else this.#entries.delete(key);
    }
    this.#drawAll();
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables, ...this.#types.values()).dispose();
    this.#entries.clear();
  }

  #onEdit({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const key = document.uri.toString();
    const entries = this.#entries.get(key);
    if (!entries || contentChanges.length === 0) return;
    const kept = entries.filter((entry) => {
      for (const change of contentChanges) {
        const lines = trackLines(entry.lines, change);
        if (!lines) return false;
        entry.lines = lines;
      }
      return true;
    });
    if (kept.length > 0) this.#entries.set(key, kept);
    else this.#entries.delete(key);
    // The editor moves decorations by itself: only what went has to be drawn.
    if (kept.length < entries.length) this.#draw(key);
  }

  #drawAll(): void {
    const visible = vscode.window.visibleTextEditors.map(({ document }) => document.uri.toString());
    for (const key of new Set([...this.#entries.keys(), ...visible])) this.#draw(key);
  }

  #draw(key: string): void {
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document.uri.toString() !== key) continue;
      const shown = isEnabled(editor.document) ? this.valuesOf(editor.document) : [];
      for (const kind of ['value', 'output', 'error'] as const) {
        const values = shown.filter((value) => value.kind === kind && value.line < editor.document.lineCount);
        if (values.length === 0 && !this.#types.has(kind)) continue;
        editor.setDecorations(
          this.#typeOf(kind),
          values.map((value) => ({
            range: editor.document.lineAt(value.line).range,
            hoverMessage: hoverOf(value),
            renderOptions: { after: { contentText: value.text } },
          })),
        );
      }
    }
  }

  #typeOf(kind: InlineValue['kind']): vscode.TextEditorDecorationType {
    let type = this.#types.get(kind);
    if (!type) {
      const color = kind === 'error' ? 'editorError.foreground' : 'editorInlayHint.foreground';
      type = vscode.window.createTextEditorDecorationType({
        after: {
          color: new vscode.ThemeColor(color),
          margin: '0 0 0 2em',
          fontStyle: kind === 'output' ? 'italic' : 'normal',
        },
        // Text typed at the end of the line stays outside, so that the value keeps its place.
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      });
      this.#types.set(kind, type);
    }
    return type;
  }
}

/** What to show beside a piece of code; undefined where it gave nothing to show. */
export function inlineValueOf(piece: CodePiece, result: ExecutionResult): InlineValue | undefined {
  const printed = [
    { title: 'Printed', text: bounded(result.stdout) },
    { title: 'Standard error', text: bounded(result.stderr) },
  ].filter(({ text }) => text !== '');
  const failed = errorText(result);
  if (failed !== '') {
    const traceback = result.error?.traceback ?? '';
    const raised = failingLine(traceback, piece.origin.filename);
    // A line of the file is a line of the document only where the piece's first line is.
    const line = raised === undefined ? piece.endLine : raised - piece.origin.firstLine + piece.startLine;
    return {
      kind: 'error',
      text: oneLine(failed, MAX_CHARACTERS),
      line: line >= piece.startLine && line <= piece.endLine ? line : piece.endLine,
      details: [{ title: 'Error', text: bounded(traceback || failed) }, ...printed],
    };
  }
  if (result.value !== null) {
    const text =
      valueTextOf(result) ?? (result.valueIsRepr ? String(result.value) : pythonText(result.value));
    return {
      kind: 'value',
      text: oneLine(text, MAX_CHARACTERS),
      line: piece.endLine,
      details: [{ title: 'Value', text: bounded(text) }, ...printed],
    };
  }
  if (printed.length === 0) return undefined;
  return {
    kind: 'output',
    text: oneLine(lastLine(result.stdout) || lastLine(result.stderr), MAX_CHARACTERS),
    line: piece.endLine,
    details: printed,
  };
}

function hoverOf({ details }: InlineValue): vscode.MarkdownString {
  const hover = new vscode.MarkdownString();
  for (const { title, text } of details) {
    hover.appendMarkdown(`**${title}**\n`);
    hover.appendCodeblock(text, title === 'Value' ? 'python' : 'text');
  }
  return hover;
}

function bounded(text: string): string {
  const lines = text.slice(0, MAX_HOVER_CHARACTERS).split('\n');
  const kept = lines.slice(0, MAX_HOVER_LINES).join('\n');
  return kept.length < text.trimEnd().length ? `${kept.trimEnd()}\n…` : kept.trimEnd();
}

function isEnabled(document: vscode.TextDocument): boolean {
  return vscode.workspace.getConfiguration('codeMode', document).get('editor.inlineValues') !== false;
}

function lengthOf(document: vscode.TextDocument, line: number): number {
  return line < document.lineCount ? document.lineAt(line).text.length : 0;
}
