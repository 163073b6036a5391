import * as vscode from 'vscode';
import { insertCode } from '../insertCode.ts';
import { callSnippet, callWithBlanks } from './calls.ts';
import { calledAs, type Target } from './toolRow.ts';

/** Writes the call of a tool where the person writes: at the cursor, else in a new cell of the notebook. */
export async function insertCall(target: Target): Promise<void> {
  await insertCode({
    snippet: new vscode.SnippetString(callSnippet(target)),
    text: callWithBlanks(target),
    what: `the call of ${calledAs(target)}`,
  });
}

/** Puts the call of a tool on the clipboard. */
export async function copyCall(target: Target): Promise<void> {
  await vscode.env.clipboard.writeText(callWithBlanks(target));
}
