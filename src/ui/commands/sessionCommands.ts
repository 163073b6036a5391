import * as vscode from 'vscode';
import type { Session } from '../../core/session/session.ts';
import { showError } from '../messages.ts';
import { activeSession } from '../sessions/activeSession.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';
import type { EditorRuns } from './editorRuns.ts';

/** Milliseconds that code may take to end after an interrupt before a restart is offered. */
const INTERRUPT_PATIENCE_MS = 4000;

/** Registers Interrupt, Reset and Restart for the session in front of the person. */
export function registerSessionCommands(
  sessions: WorkspaceSessions,
  runs: EditorRuns,
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
  const dropWaiting = (session: Session) => {
    if (session === sessions.current()) runs.dropWaiting();
  };
  return vscode.Disposable.from(
    command('codeMode.interrupt', async (session) => {
      dropWaiting(session);
      await interrupt(session, () =>
        offerRestart(sessions, session).catch((error) => void showError(error, log)),
      );
    }),
    command('codeMode.reset', async (session) => {
      if (!(await confirmLoss(session, 'Clear all variables', 'Reset'))) return;
      dropWaiting(session);
      await session.reset();
    }),
    command('codeMode.restart', async (session) => {
      if (!(await confirmLoss(session, 'Restart Python', 'Restart'))) return;
      dropWaiting(session);
      await sessions.restart(session);
    }),
  );
}

/** @param onDeaf - called where the code goes on for a while */
async function interrupt(session: Session, onDeaf: () => Promise<void>): Promise<void> {
  const ended = new Promise<boolean>((resolve) => {
    const run = session.onDidRun(() => done(true));
    const timer = setTimeout(() => done(false), INTERRUPT_PATIENCE_MS).unref();
    const done = (value: boolean) => {
      clearTimeout(timer);
      run.dispose();
      resolve(value);
    };
  });
  if (!(await session.interrupt())) {
    vscode.window.setStatusBarMessage('Python runs nothing that could be interrupted.', 3000);
    return;
  }
  // The command has done its work: what follows is for code that doesn't listen.
  void ended.then((hasEnded) => (hasEnded ? undefined : onDeaf()));
}

async function offerRestart(sessions: WorkspaceSessions, session: Session): Promise<void> {
  if (session.info.state !== 'busy') return;
  const restart = 'Restart Python';
  const chosen = await vscode.window.showWarningMessage(
    'The code does not react to the interrupt. A restart ends it, and its variables are lost.',
    restart,
  );
  if (chosen === restart) await sessions.restart(session);
}

/** Asks before variables are lost; where there are none, nobody is asked. */
async function confirmLoss(session: Session, question: string, button: string): Promise<boolean> {
  const { state } = session.info;
  if (state === 'stopped' || state === 'dead') return true;
  if (state === 'idle' && (await session.variables()).length === 0) return true;
  const detail =
    state === 'busy'
      ? 'Code is running: it is ended, and the variables are lost.'
      : 'The variables are lost. What was kept as artifacts and workflows stays.';
  const chosen = await vscode.window.showWarningMessage(
    `${question} of "${session.info.title}"?`,
    { modal: true, detail },
    button,
  );
  return chosen === button;
}
