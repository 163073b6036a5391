import type * as vscode from 'vscode';
import type { CodeOrigin } from '../../core/contract/execution.ts';

/** Code that a person asked to run. */
export interface Code {
  readonly code: string;
  readonly origin: CodeOrigin;
}

/** A piece of a document's code that a person asked to run. */
export interface CodePiece extends Code {
  readonly document: vscode.TextDocument;
  /** The lines of the document (0-based, last one included) that the code is. */
  readonly startLine: number;
  readonly endLine: number;
}

/** How a document is named in tracebacks: a path that can be opened, or a label. */
export function filenameOf(document: vscode.TextDocument): string {
  return document.uri.scheme === 'file' ? document.uri.fsPath : document.fileName;
}
