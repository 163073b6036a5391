import * as vscode from 'vscode';
import type { EditorRuns } from '../../commands/editorRuns.ts';
import type { ParameterForms } from '../../forms/parameterForms.ts';
import { callWith, formOf } from './calls.ts';
import { calledAs, type Target } from './toolRow.ts';

/** What runs calls of tools. */
export interface ToolRunner {
  readonly runs: EditorRuns;
  readonly forms: ParameterForms;
}

/**
 * Calls a tool in the workspace's session, as code of the editor is run; asks for its parameters before. Resolves when
 * it has ended or was not begun.
 */
export async function runTool({ runs, forms }: ToolRunner, target: Target): Promise<void> {
  const { tool, callable } = target;
  const called = calledAs(target);
  const values = callable.parameters.length === 0 ? [] : await forms.ask(`tool ${called}`, formOf(target));
  if (!values) return;
  // The form may have been open for a while.
  if (tool.uri) await saveIfOpen(tool.uri);
  await runs.run([
    { code: callWith(target, values), origin: { filename: `call of ${called}`, firstLine: 1 } },
  ]);
}

/** Saves a definition that is open with changes, so that what is called is what is seen. */
async function saveIfOpen(uri: vscode.Uri): Promise<void> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open?.isDirty && !(await open.save())) {
    throw new Error(`${vscode.workspace.asRelativePath(uri)} has changes that could not be saved.`);
  }
}
