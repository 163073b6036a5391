import * as vscode from 'vscode';
import { showError } from '../../messages.ts';
import { activeSession } from '../../sessions/activeSession.ts';
import type { SessionActions } from '../../sessions/sessionActions.ts';
import type { FollowedContainer, SessionContainers } from '../../sessions/sessionContainers.ts';
import type { WorkspaceSessions } from '../../sessions/workspaceSessions.ts';
import type { FollowedLogs } from '../followedLogs.ts';
import { containerOf, type Node } from './nodes.ts';
import { openShell, tellItDoesNotRun } from './openShell.ts';

/** What the commands work with. */
export interface ContainerCommandServices {
  readonly sessions: WorkspaceSessions;
  readonly containers: SessionContainers;
  readonly actions: SessionActions;
  readonly logs: FollowedLogs;
  readonly log: vscode.LogOutputChannel;
}

/** Registers what can be done with containers: that of a line of the view, else that of the session in front of the person. */
export function registerContainerCommands(services: ContainerCommandServices): vscode.Disposable {
  const { sessions, containers, actions, logs, log } = services;
  const command = (name: string, act: (node: Node | undefined) => Promise<void>) =>
    vscode.commands.registerCommand(`codeMode.container.${name}`, async (node: Node | undefined) => {
      try {
        await act(node);
      } catch (error) {
        void showError(error, log);
      }
    });
  const meant = (node: Node | undefined) => {
    if (node) return containerOf(node).followed;
    const session = activeSession(sessions) ?? sessions.current();
    return session && containers.of(session);
  };
  const onContainer = (name: string, act: (container: FollowedContainer) => Promise<void>) =>
    command(name, async (node) => {
      const container = meant(node);
      if (container) await act(container);
      else void vscode.window.showInformationMessage('Python does not run in a container here.');
    });
  return vscode.Disposable.from(
    onContainer('openShell', openShell),
    onContainer('showLog', ({ session }) => logs.show(session.id, `Container of ${session.info.title}`)),
    onContainer('stop', async ({ session, control }) => {
      const { container, preparing } = await control.report();
      const isThere = container !== null || preparing !== null || session.info.state === 'starting';
      if (isThere) await actions.stopContainer(session);
      else tellItDoesNotRun(session);
    }),
    onContainer('rebuild', ({ session }) => actions.rebuildContainer(session)),
    command('copy', async (node) => {
      const text = node && 'of' in node ? node.row.copied : undefined;
      if (text !== undefined) await vscode.env.clipboard.writeText(text);
    }),
  );
}
