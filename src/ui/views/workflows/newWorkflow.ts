import * as vscode from 'vscode';
import type { Session } from '../../../core/session/session.ts';
import { selectedPiece } from '../../commands/runSelection.ts';
import type { WorkspaceSessions } from '../../sessions/workspaceSessions.ts';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';
import { askName } from './askName.ts';
import { openWorkflow } from './openWorkflow.ts';

/** Code that a workflow is made from, and the session that knows its names. */
interface Origin {
  readonly code: string;
  readonly session: Session | undefined;
}

/** Makes a workflow to begin with, and opens it. */
export async function newWorkflow(store: WorkspaceStore): Promise<void> {
  const { workflowTemplate } = await import('../../sessions/core.ts');
  await create(store, (description) => workflowTemplate(description));
}

/** Makes a workflow from what is selected in the editor, and opens it. */
export async function newFromSelection(store: WorkspaceStore, sessions: WorkspaceSessions): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const selected = editor?.document.languageId === 'python' ? selectedPiece(editor) : undefined;
  if (!editor || !selected) {
    void vscode.window.showInformationMessage('Select the Python code that the workflow is to be made from.');
    return;
  }
  const notebook = vscode.workspace.notebookDocuments.find((candidate) =>
    candidate.getCells().some(({ document }) => document === editor.document),
  );
  const session = notebook ? sessions.currentFor(notebook) : sessions.current();
  await createFrom(store, { code: selected.code, session });
}

/** Makes a workflow from cells of the notebook, and opens it. */
export async function newFromCells(store: WorkspaceStore, sessions: WorkspaceSessions): Promise<void> {
  const editor = vscode.window.activeNotebookEditor;
  if (!editor) {
    void vscode.window.showInformationMessage('Open the notebook that the workflow is to be made from.');
    return;
  }
  const { notebook, selections } = editor;
  const all = codeOf(notebook.getCells());
  const selected = codeOf(selections.flatMap((range) => notebook.getCells(range)));
  if (all.length === 0) {
    void vscode.window.showInformationMessage('This notebook has no code yet.');
    return;
  }
  const chosen = await chooseCells(selected, all);
  if (!chosen) return;
  await createFrom(store, { code: chosen.join('\n\n'), session: sessions.currentFor(notebook) });
}

async function chooseCells(
  selected: readonly string[],
  all: readonly string[],
): Promise<readonly string[] | undefined> {
  if (selected.length === 0 || selected.length === all.length) return all;
  const items = [
    { label: selected.length === 1 ? 'Selected Cell' : `${selected.length} Selected Cells`, cells: selected },
    { label: `All ${all.length} Code Cells`, cells: all },
  ];
  const title = 'New Workflow from Cells';
  return (await vscode.window.showQuickPick(items, { title, placeHolder: 'Which cells?' }))?.cells;
}

function codeOf(cells: readonly vscode.NotebookCell[]): string[] {
  return cells
    .filter(({ kind, document }) => kind === vscode.NotebookCellKind.Code && document.languageId === 'python')
    .map(({ document }) => document.getText().trimEnd())
    .filter((code) => code.trim() !== '');
}

async function createFrom(store: WorkspaceStore, { code, session }: Origin): Promise<void> {
  const { workflowFromCode } = await import('../../sessions/core.ts');
  // What a busy Python would tell is not waited for.
  const variables = session?.info.state === 'idle' ? await session.variables().catch(() => []) : [];
  const types = new Map(variables.map(({ name, type }) => [name, type]));
  await create(store, (description) => workflowFromCode({ code, description, types }));
}

/** Asks for a name and a description, saves what is made of them, and opens it. */
async function create(store: WorkspaceStore, make: (description: string) => string): Promise<void> {
  const name = await askName(store, { title: 'New Workflow (1/2): Name' });
  if (name === undefined) return;
  const description = await vscode.window.showInputBox({
    title: `New Workflow (2/2): What ${name} Does`,
    prompt: 'One line; it is what a search finds the workflow by. Enter alone leaves it out.',
  });
  if (description === undefined) return;
  await (await store.workflows()).save(name, make(description));
  store.tellChange('workflows');
  const editor = await openWorkflow(store, name);
  const start = editor.document.getText().search(/^async def run/mu);
  const line = editor.document.positionAt(Math.max(0, start)).line;
  editor.selection = new vscode.Selection(line, 0, line, 0);
}
