import * as vscode from 'vscode';
import type { Session } from '../../../core/session/session.ts';
import type { FollowedContainer } from '../../sessions/sessionContainers.ts';
import { shortId } from './containerRow.ts';

/** Opens a terminal whose shell runs in the container. Where none runs, it says so. */
export async function openShell({ control, session }: FollowedContainer): Promise<void> {
  const { container } = await control.report();
  if (!container) {
    tellItDoesNotRun(session);
    return;
  }
  const { file, args } = container.shell;
  const terminal = vscode.window.createTerminal({
    name: `Container ${shortId(container.id)}`,
    iconPath: new vscode.ThemeIcon('vm'),
    shellPath: file,
    shellArgs: [...args],
    // After a reload the container may be another one.
    isTransient: true,
  });
  terminal.show();
}

/** Says that there is no container to do something with, and how there will be one. */
export function tellItDoesNotRun({ info }: Session): void {
  void vscode.window.showInformationMessage(
    `The container of "${info.title}" does not run. Run code to start it.`,
  );
}
