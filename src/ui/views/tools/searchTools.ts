import * as vscode from 'vscode';
import type { WorkspaceTool, WorkspaceTools } from '../../store/workspaceTools.ts';
import { describeCallable, describeTool, signatureOf, type Target, targetsOf } from './toolRow.ts';

/** What is done with something that was found. */
export interface FoundActions {
  /** Opens the definition. */
  open(tool: WorkspaceTool): Promise<void>;
  /** Asks which callable is meant, and for its parameters, and calls it. */
  tryTool(tool: WorkspaceTool): Promise<void>;
  tryCallable(target: Target): Promise<void>;
  insertCall(target: Target): Promise<void>;
}

interface FoundItem extends vscode.QuickPickItem {
  readonly tool: WorkspaceTool;
  /** Undefined: the tool itself is meant. */
  readonly target: Target | undefined;
}

const OPEN: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('go-to-file'),
  tooltip: 'Open Definition',
};
const INSERT: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('insert'),
  tooltip: 'Insert Call at Cursor',
};

/**
 * Searches tools and what of them can be called. Enter tries what is chosen, or opens the definition of what is broken.
 * Resolves when something was chosen or nothing is wanted.
 */
export async function searchTools(tools: WorkspaceTools, actions: FoundActions): Promise<void> {
  const pick = vscode.window.createQuickPick<FoundItem>();
  pick.title = 'Search Tools';
  pick.placeholder = 'Name, description or parameters; Enter tries it';
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.busy = true;
  try {
    const chosen = new Promise<(() => Promise<void>) | undefined>((resolve, reject) => {
      pick.onDidAccept(() => {
        const [item] = pick.activeItems;
        if (item) resolve(() => accept(item, actions));
      });
      pick.onDidTriggerItemButton(({ button, item: { tool, target } }) => {
        resolve(() => (button === INSERT && target ? actions.insertCall(target) : actions.open(tool)));
      });
      pick.onDidHide(() => resolve(undefined));
      tools.list().then((found) => {
        pick.items = found.flatMap(itemsOf);
        pick.busy = false;
      }, reject);
    });
    pick.show();
    const act = await chosen;
    pick.hide();
    await act?.();
  } finally {
    pick.dispose();
  }
}

function accept({ tool, target }: FoundItem, actions: FoundActions): Promise<void> {
  if (target) return actions.tryCallable(target);
  return describeTool(tool).problem === undefined ? actions.tryTool(tool) : actions.open(tool);
}

/** A line for the tool, and one for each thing that can be called. */
function itemsOf(tool: WorkspaceTool): FoundItem[] {
  const { label, description, icon } = describeTool(tool);
  const open = tool.type === 'extension' ? [] : [OPEN];
  return [
    { label: `$(${icon}) ${label}`, description, tool, target: undefined, buttons: open },
    ...targetsOf(tool).map((target) => {
      const row = describeCallable(target);
      return {
        label: `$(${row.icon}) ${signatureOf(target)}`,
        description: row.description,
        tool,
        target,
        buttons: [...open, INSERT],
      };
    }),
  ];
}
