import * as vscode from 'vscode';
import type { Session } from '../../core/session/session.ts';
import { showError } from '../messages.ts';
import { activeSession } from '../sessions/activeSession.ts';
import type { SessionActions } from '../sessions/sessionActions.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';

/** Registers Interrupt, Reset and Restart for the session in front of the person. */
export function registerSessionCommands(
  sessions: WorkspaceSessions,
  actions: SessionActions,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const command = (id: string, act: (session: Session) => Promise<void>) =>
    vscode.commands.registerCommand(id, async (argument: unknown) => {
      const session = activeSession(sessions, argument);
      if (!session) {
        void vscode.window.showInformationMessage('Python is not running here yet. Run code to start it.');
        return;
      }
      try {
        await act(session);
      } catch (error) {
        void showError(error, log);
      }
    });
  return vscode.Disposable.from(
    command('codeMode.interrupt', (session) => actions.interrupt(session)),
    command('codeMode.reset', (session) => actions.reset(session)),
    command('codeMode.restart', (session) => actions.restart(session)),
  );
}
