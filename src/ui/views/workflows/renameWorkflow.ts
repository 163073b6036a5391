import * as vscode from 'vscode';
import type { WorkflowUsage } from '../../../core/workflows/libraryUsages.ts';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';
import { askName } from './askName.ts';
import { saveWorkflow } from './openWorkflow.ts';

const CHANGE = 'Rename and Change Them';
const LEAVE = 'Rename Only';

/** Gives a workflow another name and, if that is wanted, writes it where workflows use it: one edit, one undo. */
export async function renameWorkflow(store: WorkspaceStore, name: string): Promise<void> {
  const newName = await askName(store, { title: `Rename ${name}`, value: name });
  if (newName === undefined || newName === name) return;
  await saveOpenWorkflows(store);
  const usages = await (await store.workflows()).usages(name);
  const answer = usages.length === 0 ? LEAVE : await askWhatToChange(name, usages);
  if (answer === undefined) return;
  await applyRename(store, { name, newName, usages: answer === CHANGE ? usages : [] });
}

/** What is found is found in what is saved. */
async function saveOpenWorkflows(store: WorkspaceStore): Promise<void> {
  for (const { name } of await (await store.workflows()).list()) {
    if (
      vscode.workspace.textDocuments.some(({ isDirty, uri }) => isDirty && uri.path.endsWith(`/${name}.py`))
    ) {
      await saveWorkflow(store, name);
    }
  }
}

async function askWhatToChange(name: string, usages: readonly WorkflowUsage[]): Promise<string | undefined> {
  const workflows = [...new Set(usages.map(({ workflow }) => workflow))];
  const places = usages.length === 1 ? '1 place' : `${usages.length} places`;
  const shown = workflows.slice(0, 5).join(', ') + (workflows.length > 5 ? ', …' : '');
  return vscode.window.showInformationMessage(
    `Workflows use "${name}" at ${places}: ${shown}.`,
    { modal: true, detail: 'Without the change these calls find nothing under the old name.' },
    CHANGE,
    LEAVE,
  );
}

async function applyRename(
  store: WorkspaceStore,
  { name, newName, usages }: { name: string; newName: string; usages: readonly WorkflowUsage[] },
): Promise<void> {
  const from = await store.uriOf('workflows', name);
  const to = vscode.Uri.joinPath(from, '..', `${newName}.py`);
  const edit = new vscode.WorkspaceEdit();
  const changed = new Map<string, vscode.Uri>();
  for (const { workflow, start, end } of usages) {
    const uri = await store.uriOf('workflows', workflow);
    const document = await vscode.workspace.openTextDocument(uri);
    const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
    const written = document.getText(range);
    if (!written.includes(name)) throw new Error(`"${workflow}" has just changed: rename "${name}" again.`);
    edit.replace(uri, range, written.replace(name, newName));
    changed.set(uri.toString(), workflow === name ? to : uri);
  }
  edit.renameFile(from, to);
  if (!(await vscode.workspace.applyEdit(edit))) throw new Error(`"${name}" could not be renamed.`);
  for (const uri of changed.values()) await (await vscode.workspace.openTextDocument(uri)).save();
  store.tellChange('workflows');
}
