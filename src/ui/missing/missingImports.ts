import path from 'node:path';
import * as vscode from 'vscode';
import type { ExecutionResult } from '../../core/contract/execution.ts';
import type { MissingModule } from '../../core/deps/missingModule.ts';
import type { Session } from '../../core/session/session.ts';
import { type TrackedLines, trackLines } from '../editor/lineTracker.ts';
import { failingLine } from '../editor/pythonText.ts';
import { importPlace } from './importPlace.ts';

/** An import that failed. */
export interface FailedImport {
  readonly missing: MissingModule;
  /** {@link missing} in words. */
  readonly message: string;
  readonly session: Session;
  /** Runs the code again that it failed in. */
  readonly runAgain: () => Thenable<unknown>;
}

/** An import that failed in a document that still says it. */
export interface PlacedImport extends FailedImport {
  readonly id: string;
  readonly document: vscode.TextDocument;
  /** Of the module's name, or of the line that failed. */
  readonly range: vscode.Range;
}

/** Code that has run. */
export interface RanCode {
  readonly session: Session;
  readonly result: ExecutionResult;
  /** Runs the same code again, in the same place, which is so many lines further down by now. */
  readonly runAgain: (movedBy: number) => Thenable<unknown>;
}

/** Code of a document that has run. */
export interface RanLines extends RanCode {
  readonly document: vscode.TextDocument;
  /** The lines (0-based, last one included) that the code is. */
  readonly startLine: number;
  readonly endLine: number;
  /** By which tracebacks name it, with the number that they give its first line. */
  readonly origin: { readonly filename: string; readonly firstLine: number };
  /** Whether it is a cell: what runs again is then what it says by that time. */
  readonly isCell: boolean;
}

interface Entry {
  found: PlacedImport;
  /** What has to stay as it is. */
  lines: TrackedLines;
  movedBy: number;
}

/** The imports that failed in the documents of this window, for as long as nothing has changed about them. */
export class MissingImports implements vscode.Disposable {
  #entries: Entry[] = [];
  #count = 0;
  readonly #changed = new vscode.EventEmitter<readonly vscode.Uri[]>();
  readonly #disposables = [
    this.#changed,
    vscode.workspace.onDidChangeTextDocument((event) => this.#onEdit(event)),
    vscode.workspace.onDidCloseTextDocument((document) => this.#drop((one) => one.document === document)),
  ];

  /** Those of documents have changed. */
  readonly onDidChange = this.#changed.event;

  /** One by its id; undefined: it is known no more. */
  get(id: string): PlacedImport | undefined {
    return this.#entries.find(({ found }) => found.id === id)?.found;
  }

  /** Those of a document. */
  of(uri: vscode.Uri): readonly PlacedImport[] {
    const found = this.#entries.map((entry) => entry.found);
    return found.filter(({ document }) => document.uri.toString() === uri.toString());
  }

  /** Takes the result of code in: what was known of its lines is settled. @returns the import that failed now, if one did */
  async note(ran: RanLines): Promise<PlacedImport | undefined> {
    const { document, startLine, endLine } = ran;
    this.#drop(({ document: other, range: { start } }) => {
      return other === document && start.line >= startLine && start.line <= endLine;
    });
    const { version } = document;
    const failed = await explainFailure(ran, document);
    // Edited in the meantime: the code is another.
    if (!failed || document.isClosed || document.version !== version) return undefined;
    const range = rangeOf(ran, failed.missing.module);
    const [first, last] = ran.isCell ? [range.start.line, range.end.line] : [startLine, endLine];
    const entry: Entry = {
      found: {
        ...failed,
        id: String(++this.#count),
        document,
        range,
        runAgain: () => ran.runAgain(entry.movedBy),
      },
      lines: { startLine: first, endLine: last, endLength: document.lineAt(last).text.length },
      movedBy: 0,
    };
    this.#entries.push(entry);
    this.#changed.fire([document.uri]);
    return entry.found;
  }

  /** A package is there now: no import of the session fails for want of it. */
  settle(session: Session, name: string): void {
    this.#drop(({ missing, session: its }) => {
      return its === session && missing.kind === 'package' && missing.package === name;
    });
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
    this.#entries = [];
  }

  #onEdit({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const known = this.#entries.filter(({ found }) => found.document === document);
    if (known.length === 0 || contentChanges.length === 0) return;
    const edited = new Set(
      known.filter((entry) =>
        contentChanges.some((change) => {
          const lines = trackLines(entry.lines, change);
          if (!lines) return true;
          moveBy(entry, lines.startLine - entry.lines.startLine);
          entry.lines = lines;
          return false;
        }),
      ),
    );
    this.#entries = this.#entries.filter((entry) => !edited.has(entry));
    this.#changed.fire([document.uri]);
  }

  #drop(isGone: (one: PlacedImport) => boolean): void {
    const gone = this.#entries.filter(({ found }) => isGone(found));
    if (gone.length === 0) return;
    this.#entries = this.#entries.filter((entry) => !gone.includes(entry));
    this.#changed.fire(gone.map(({ found }) => found.document.uri));
  }
}

/** Why the code failed, where that was an import. @param document - whose code it is */
export async function explainFailure(
  { result, session, runAgain }: RanCode,
  document: vscode.TextDocument | undefined,
): Promise<FailedImport | undefined> {
  if (result.error?.missingModule === undefined) return undefined;
  const { describeMissingModule, explainMissingModule } = await import('../sessions/core.ts');
  const missing = await explainMissingModule(result.error, ownFolders(document));
  if (!missing) return undefined;
  return { missing, message: describeMissingModule(missing), session, runAgain: () => runAgain(0) };
}

/** Where the person's own modules may be: beside the document, and in the workspace's folders. */
function ownFolders(document: vscode.TextDocument | undefined): string[] {
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri);
  return [
    ...(document?.uri.scheme === 'file' ? [path.dirname(document.uri.fsPath)] : []),
    ...folders.filter(({ scheme }) => scheme === 'file').map(({ fsPath }) => fsPath),
  ];
}

function rangeOf({ document, startLine, endLine, origin, result }: RanLines, module: string): vscode.Range {
  const lines = document.getText().split(/\r\n|\n|\r/u);
  const place = importPlace(lines, module, { startLine, endLine });
  if (place) return new vscode.Range(place.line, place.startCharacter, place.line, place.endCharacter);
  const raised = failingLine(result.error?.traceback ?? '', origin.filename);
  const line = raised === undefined ? endLine : raised - origin.firstLine + startLine;
  const shown = document.lineAt(line >= startLine && line <= endLine ? line : endLine);
  return shown.range.with(shown.range.start.with({ character: shown.firstNonWhitespaceCharacterIndex }));
}

function moveBy(entry: Entry, lines: number): void {
  if (lines === 0) return;
  const { start, end } = entry.found.range;
  entry.found = { ...entry.found, range: new vscode.Range(start.translate(lines), end.translate(lines)) };
  entry.movedBy += lines;
}
