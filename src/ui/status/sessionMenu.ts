import * as vscode from 'vscode';
import { ALL_SETTINGS } from '../messages.ts';
import { activeSession } from '../sessions/activeSession.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';
import type { SessionStatus } from './sessionStatus.ts';

interface MenuItem extends vscode.QuickPickItem {
  readonly command: string;
  readonly arguments?: readonly unknown[];
}

/** Registers the menu behind the status item: what can be done with the session in front of the person. */
export function registerSessionMenu(sessions: WorkspaceSessions, status: SessionStatus): vscode.Disposable {
  return vscode.commands.registerCommand('codeMode.showMenu', async () => {
    const { label, state } = status.summary;
    const chosen = await vscode.window.showQuickPick(menuItems(sessions), {
      title: label,
      placeHolder: `Python is ${state}`,
    });
    if (chosen?.command) await vscode.commands.executeCommand(chosen.command, ...(chosen.arguments ?? []));
  });
}

/** The entries of the menu that make sense right now. */
export function menuItems(sessions: WorkspaceSessions): MenuItem[] {
  if (!vscode.workspace.isTrusted) {
    return [
      { label: '$(workspace-trusted) Manage Workspace Trust', command: 'workbench.trust.manage' },
      ...always(),
    ];
  }
  const session = activeSession(sessions);
  const state = session?.info.state ?? 'stopped';
  const items: MenuItem[] = [];
  if (state === 'busy') {
    items.push({
      label: '$(debug-stop) Interrupt',
      description: 'Stop what runs, keep the variables',
      command: 'codeMode.interrupt',
    });
  }
  if (state === 'idle' || state === 'busy') {
    items.push({
      label: '$(clear-all) Reset',
      description: 'Clear the variables, keep artifacts and workflows',
      command: 'codeMode.reset',
    });
  }
  if (state !== 'stopped') {
    items.push({
      label: '$(debug-restart) Restart',
      description: 'End Python and start it afresh',
      command: 'codeMode.restart',
    });
  }
  if (session?.container) {
    items.push({
      label: '$(vm) Show the Container',
      description: 'What it uses; its shell and its log',
      command: 'codeMode.container.focus',
    });
  }
  items.push(
    {
      label: '$(arrow-swap) Switch Executor…',
      description: 'Choose where Python runs and what it is kept apart from',
      command: 'codeMode.selectExecutor',
    },
    {
      label: '$(versions) Select Python Interpreter…',
      description: 'Choose the Python of the executor Subprocess',
      command: 'codeMode.selectInterpreter',
    },
    { label: '$(terminal) Open the Interactive Window', command: 'codeMode.openInteractiveWindow' },
  );
  return [...items, ...always()];
}

function always(): MenuItem[] {
  return [
    { label: '', kind: vscode.QuickPickItemKind.Separator, command: '' },
    { label: '$(output) Show Log', command: 'codeMode.showLog' },
    {
      label: '$(settings-gear) Settings',
      command: 'workbench.action.openSettings',
      arguments: [ALL_SETTINGS],
    },
  ];
}
