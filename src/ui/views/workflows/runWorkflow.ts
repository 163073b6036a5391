import * as vscode from 'vscode';
import type { EditorRuns } from '../../commands/editorRuns.ts';
import type { ParameterForms } from '../../forms/parameterForms.ts';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';
import { callWith, formOf } from './calls.ts';
import { openWorkflow, saveWorkflow } from './openWorkflow.ts';
import { problemOf } from './workflowRow.ts';

/** What runs workflows. */
export interface WorkflowRunner {
  readonly store: WorkspaceStore;
  readonly runs: EditorRuns;
  readonly forms: ParameterForms;
}

/**
 * Runs a workflow in the workspace's session, as code of the editor is run; asks for its parameters before. Resolves
 * when it has ended or was not begun.
 */
export async function runWorkflow({ store, runs, forms }: WorkflowRunner, name: string): Promise<void> {
  await saveWorkflow(store, name);
  const workflow = await (await store.workflows()).get(name);
  if (!workflow) {
    void vscode.window.showInformationMessage(`The workflow "${name}" is not there any more.`);
    return;
  }
  const problem = workflow.problems.find(({ severity }) => severity === 'error');
  if (problem) {
    const text = `The workflow "${name}" cannot be run: ${problemOf(workflow)}`;
    const chosen = await vscode.window.showErrorMessage(text, 'Open Source');
    if (chosen) await openWorkflow(store, name, problem);
    return;
  }
  const { parameters } = workflow;
  const values = parameters.length === 0 ? [] : await forms.ask(`workflow ${name}`, formOf(workflow));
  if (!values) return;
  // The form may have been open for a while.
  await saveWorkflow(store, name);
  await runs.run([{ code: callWith(name, values), origin: { filename: `call of ${name}`, firstLine: 1 } }]);
}
