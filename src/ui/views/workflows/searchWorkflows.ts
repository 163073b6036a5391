import * as vscode from 'vscode';
import type { WorkflowSummary } from '../../../core/workflows/library.ts';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';
import { problemOf, signatureOf } from './workflowRow.ts';

/** What is done with a workflow that was found. */
export interface FoundActions {
  run(name: string): Promise<void>;
  open(name: string): Promise<void>;
  insertCall(workflow: WorkflowSummary): Promise<void>;
}

interface FoundItem extends vscode.QuickPickItem {
  readonly workflow: WorkflowSummary;
}

/** As many as anybody looks through. */
const LIMIT = 50;
const OPEN: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('go-to-file'),
  tooltip: 'Open Source',
};
const INSERT: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('insert'),
  tooltip: 'Insert Call at Cursor',
};

/**
 * Searches the workflows while something is typed. Enter runs the one that is chosen, or opens it where it is broken.
 * Resolves when something was chosen or nothing is wanted.
 */
export async function searchWorkflows(store: WorkspaceStore, actions: FoundActions): Promise<void> {
  const library = await store.workflows();
  const pick = vscode.window.createQuickPick<FoundItem>();
  pick.title = 'Search Workflows';
  pick.placeholder = 'What it does, its name or its parameters; Enter runs it';
  let asked = 0;
  const show = async (query: string) => {
    asked += 1;
    const mine = asked;
    pick.busy = true;
    const found = query.trim() === '' ? await library.list() : await library.search(query, LIMIT);
    // What was typed meanwhile has its own answer.
    if (mine !== asked) return;
    pick.busy = false;
    pick.items = found.slice(0, LIMIT).map(itemOf);
  };
  let fail: (error: unknown) => void = () => undefined;
  const chosen = new Promise<(() => Promise<void>) | undefined>((resolve, reject) => {
    fail = reject;
    pick.onDidChangeValue((query) => show(query).catch(reject));
    pick.onDidAccept(() => {
      const [item] = pick.activeItems;
      if (!item) return;
      const { name } = item.workflow;
      resolve(() => (problemOf(item.workflow) === undefined ? actions.run(name) : actions.open(name)));
    });
    pick.onDidTriggerItemButton(({ button, item: { workflow } }) => {
      resolve(() => (button === OPEN ? actions.open(workflow.name) : actions.insertCall(workflow)));
    });
    pick.onDidHide(() => resolve(undefined));
  });
  try {
    pick.show();
    show('').catch((error: unknown) => fail(error));
    const act = await chosen;
    pick.hide();
    await act?.();
  } finally {
    pick.dispose();
  }
}

function itemOf(workflow: WorkflowSummary): FoundItem {
  const problem = problemOf(workflow);
  return {
    workflow,
    label: `$(${problem === undefined ? 'symbol-function' : 'error'}) ${signatureOf(workflow)}`,
    detail: problem ?? workflow.description,
    // The library has ranked them: what is typed need not stand in the label.
    alwaysShow: true,
    buttons: [OPEN, INSERT],
  };
}
