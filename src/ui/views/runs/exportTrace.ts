import * as vscode from 'vscode';
import type { Session } from '../../../core/session/session.ts';
import type { WorkspaceSessions } from '../../sessions/workspaceSessions.ts';
import { traceOf } from './trace.ts';

/** Writes what a session has run to a file that the person chooses. @param run the one that is wanted; undefined: all */
export async function exportTrace(session: Session, run?: string): Promise<void> {
  const name = `${session.info.title.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/gu, '') || 'session'}.trace.json`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    title: run === undefined ? 'Export the Trace of All Runs' : 'Export the Trace of the Run',
    filters: { JSON: ['json'] },
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
  });
  if (!target) return;
  const trace = await traceOf(session, run);
  await vscode.workspace.fs.writeFile(
    target,
    new TextEncoder().encode(`${JSON.stringify(trace, null, 2)}\n`),
  );
  const open = 'Open';
  const runs = trace.runs.length === 1 ? '1 run' : `${trace.runs.length} runs`;
  // Not waited for: the message may stay for long.
  void vscode.window
    .showInformationMessage(`The trace of ${runs} was exported.`, open)
    .then((chosen) => chosen && vscode.commands.executeCommand('vscode.open', target));
}

/** The session whose trace is wanted, where the person has to choose; undefined: there is none, or they left it. */
export async function pickSession(sessions: WorkspaceSessions): Promise<Session | undefined> {
  const live = (await sessions.list()).flatMap(({ id }) => sessions.byId(id) ?? []);
  if (live.length === 0)
    void vscode.window.showInformationMessage('There are no Python sessions, and so no runs.');
  if (live.length <= 1) return live[0];
  const items = live.map((session) => ({ label: session.info.title, session }));
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: 'The runs of which session?' });
  return chosen?.session;
}
