import * as vscode from 'vscode';
import { showError } from '../../messages.ts';
import type { WorkspaceSessions } from '../../sessions/workspaceSessions.ts';
import { callText } from './callText.ts';
import { exportTrace, pickSession } from './exportTrace.ts';
import { callOf, type Node, type RunNode, runOf } from './nodes.ts';
import type { RunOutputs } from './runOutputs.ts';

/** What the view's commands work with. */
export interface RunsViewCommandServices {
  readonly sessions: WorkspaceSessions;
  readonly outputs: RunOutputs;
  readonly log: vscode.LogOutputChannel;
  /** The selected line, which a key means. */
  readonly selected: () => Node | undefined;
  /** Shows more calls of a run. */
  readonly showMore: (run: RunNode) => void;
}

/** Registers what can be done with the lines of the view. */
export function registerRunsViewCommands(services: RunsViewCommandServices): vscode.Disposable {
  const { sessions, outputs, log, selected, showMore } = services;
  const command = (name: string, act: (node: Node | undefined) => unknown) =>
    vscode.commands.registerCommand(`codeMode.runs.${name}`, async (node: Node | undefined) => {
      try {
        await act(node);
      } catch (error) {
        void showError(error, log);
      }
    });
  const sessionOf = (run: RunNode) => {
    const session = sessions.byId(run.session.id);
    if (!session) void vscode.window.showInformationMessage('The session of this run has ended.');
    return session;
  };
  return vscode.Disposable.from(
    command('showOutput', async (node) => {
      const run = runOf(node ?? selected());
      const session = run && sessionOf(run);
      if (run && session) await outputs.show(session, run);
    }),
    command('cancel', async (node) => {
      const run = runOf(node ?? selected());
      const session = run && sessionOf(run);
      if (run && session && !(await session.cancel(run.info.id))) {
        void vscode.window.showInformationMessage('This run has ended already.');
      }
    }),
    command('copyArguments', async (node) => {
      const call = callOf(node ?? selected());
      if (call) await vscode.env.clipboard.writeText(JSON.stringify(call.call.arguments, null, 2));
    }),
    command('copyCall', async (node) => {
      const call = callOf(node ?? selected());
      if (call) await vscode.env.clipboard.writeText(callText(call.call));
    }),
    command('export', async (node) => {
      const line = node ?? selected();
      const run = runOf(line);
      const session = run ? sessionOf(run) : line?.kind === 'session' ? sessions.byId(line.id) : undefined;
      if (session) await exportTrace(session, run?.info.id);
    }),
    command('exportTrace', async () => {
      const session = await pickSession(sessions);
      if (session) await exportTrace(session);
    }),
    command('showMore', (node) => {
      const run = runOf(node);
      if (run) showMore(run);
    }),
  );
}
