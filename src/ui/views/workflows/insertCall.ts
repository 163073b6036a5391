import * as vscode from 'vscode';
import type { WorkflowSummary } from '../../../core/workflows/library.ts';
import { insertCode } from '../insertCode.ts';
import { callSnippet, callWithBlanks } from './calls.ts';

/** Writes the call of a workflow where the person writes: at the cursor, else in a new cell of the notebook. */
export async function insertCall(workflow: WorkflowSummary): Promise<void> {
  await insertCode({
    snippet: new vscode.SnippetString(callSnippet(workflow)),
    text: callWithBlanks(workflow),
    what: `the call of "${workflow.name}"`,
  });
}

/** Puts the call of a workflow on the clipboard. */
export async function copyCall(workflow: WorkflowSummary): Promise<void> {
  await vscode.env.clipboard.writeText(callWithBlanks(workflow));
}
