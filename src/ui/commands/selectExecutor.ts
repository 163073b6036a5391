import * as vscode from 'vscode';
import type { ExecutorDescriptor } from '../../core/executors/registry.ts';
import { showError } from '../messages.ts';
import { loadExecutors } from '../sessions/executors.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';
import { writeSetting } from '../settings/writeSetting.ts';

interface ExecutorItem extends vscode.QuickPickItem {
  readonly executor: ExecutorDescriptor;
}

/** Registers "Select Executor": shows what each one isolates and writes the setting. */
export function registerSelectExecutor(
  sessions: WorkspaceSessions,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  return vscode.commands.registerCommand('codeMode.selectExecutor', async () => {
    if (!sessions.ensureTrusted()) return;
    try {
      const items = executorItems(await loadExecutors(), sessions.chosenExecutor);
      const chosen = await vscode.window.showQuickPick(items, {
        title: 'Where Python Runs',
        placeHolder: 'Select the executor of this workspace',
        matchOnDescription: true,
        matchOnDetail: true,
      });
      if (chosen) await choose(sessions, chosen.executor);
    } catch (error) {
      void showError(error, log);
    }
  });
}

/** The executors as a menu shows them, the chosen one first and marked. */
export function executorItems(executors: readonly ExecutorDescriptor[], chosen: string): ExecutorItem[] {
  return executors
    .map((executor) => ({
      label: executor.id === chosen ? `$(check) ${executor.label}` : executor.label,
      description: executor.isolation,
      detail: executor.description,
      executor,
    }))
    .sort((a, b) => Number(b.executor.id === chosen) - Number(a.executor.id === chosen));
}

async function choose(sessions: WorkspaceSessions, executor: ExecutorDescriptor): Promise<void> {
  if (await agreeToSwitch(sessions, executor)) await writeExecutor(sessions, executor);
}

/** Makes way for an executor; where live variables would be lost, the person is asked. @returns whether they agree */
export function agreeToSwitch(sessions: WorkspaceSessions, executor: ExecutorDescriptor): Promise<boolean> {
  return sessions.makeWayFor(executor, async (message) => {
    const answer = await vscode.window.showWarningMessage(message, { modal: true }, 'Switch');
    return answer === 'Switch';
  });
}

/** Writes the executor into the settings, unless it is there already. */
export async function writeExecutor(
  sessions: WorkspaceSessions,
  executor: ExecutorDescriptor,
): Promise<void> {
  if (executor.id !== sessions.chosenExecutor) await writeSetting('executor', executor.id);
}
