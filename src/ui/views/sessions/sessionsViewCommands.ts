import * as vscode from 'vscode';
import type { Session } from '../../../core/session/session.ts';
import { showError } from '../../messages.ts';
import type { SessionActions } from '../../sessions/sessionActions.ts';
import type { WorkspaceSessions } from '../../sessions/workspaceSessions.ts';
import { type Node, sessionOf } from './nodes.ts';
import { openSession } from './openSession.ts';

/** What the view's commands work with. */
export interface SessionsViewCommandServices {
  readonly sessions: WorkspaceSessions;
  readonly actions: SessionActions;
  readonly log: vscode.LogOutputChannel;
  /** The selected line, which a key means. */
  readonly selected: () => Node | undefined;
  /** Looks for sessions that live already. */
  readonly begin: () => Promise<void>;
}

/** Registers what can be done with the lines of the view. */
export function registerSessionsViewCommands({
  sessions,
  actions,
  log,
  selected,
  begin,
}: SessionsViewCommandServices): vscode.Disposable {
  const command = (name: string, act: (node: Node | undefined) => Promise<void>) =>
    vscode.commands.registerCommand(`codeMode.sessions.${name}`, async (node: Node | undefined) => {
      try {
        await act(node ?? selected());
      } catch (error) {
        void showError(error, log);
      }
    });
  const onSession = (name: string, act: (session: Session) => Promise<void>) =>
    command(name, async (node) => {
      if (!node) return;
      const session = sessions.byId(sessionOf(node).id);
      if (session) await act(session);
      else void vscode.window.showInformationMessage('This session has ended.');
    });
  return vscode.Disposable.from(
    onSession('interrupt', (session) => actions.interrupt(session)),
    onSession('restart', (session) => actions.restart(session)),
    onSession('shutDown', (session) => actions.shutDown(session)),
    onSession('open', (session) => openSession(session.info)),
    command('shutDownAll', async () => {
      await begin();
      await actions.shutDownAll();
    }),
  );
}
