import * as vscode from 'vscode';
import type { PythonExtensions } from '../interpreter/pythonExtensions.ts';
import { showError } from '../messages.ts';
import type { Secrets } from '../secrets.ts';
import type { SessionActions } from '../sessions/sessionActions.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';
import type { WorkspaceStore } from '../store/workspaceStore.ts';
import type { EditorRuns } from './editorRuns.ts';
import { registerNotebookSession } from './notebookSession.ts';
import { registerRunCells } from './runCells.ts';
import { registerRunFile } from './runFile.ts';
import { registerRunSelection } from './runSelection.ts';
import { registerSelectExecutor } from './selectExecutor.ts';
import { registerSelectInterpreter } from './selectInterpreter.ts';
import { registerSessionCommands } from './sessionCommands.ts';
import { registerStorageSecrets } from './storageSecrets.ts';
import { registerStoreCommands } from './storeCommands.ts';

/** What the commands work with. */
export interface CommandServices {
  readonly sessions: WorkspaceSessions;
  readonly store: WorkspaceStore;
  readonly secrets: Secrets;
  readonly runs: EditorRuns;
  readonly actions: SessionActions;
  readonly interactiveWindow: { show(): Promise<void> };
  readonly pythonExtensions: PythonExtensions;
  readonly log: vscode.LogOutputChannel;
}

/** Registers the commands of the palette and the menus, apart from those of the status item and the notebooks. */
export function registerCommands({
  sessions,
  store,
  secrets,
  runs,
  actions,
  interactiveWindow,
  pythonExtensions,
  log,
}: CommandServices): vscode.Disposable {
  return vscode.Disposable.from(
    registerRunSelection(runs),
    registerRunFile(runs),
    registerRunCells(runs),
    registerSessionCommands(sessions, actions, log),
    registerSelectExecutor(sessions, log),
    registerSelectInterpreter({ sessions, pythonExtensions, log }),
    registerNotebookSession(sessions, log),
    registerStorageSecrets(secrets, store, log),
    registerStoreCommands(secrets, log),
    vscode.commands.registerCommand('codeMode.showLog', () => log.show()),
    vscode.commands.registerCommand('codeMode.openInteractiveWindow', () =>
      interactiveWindow.show().catch((error) => void showError(error, log)),
    ),
  );
}
