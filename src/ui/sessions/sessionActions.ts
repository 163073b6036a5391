import * as vscode from 'vscode';
import type { Session } from '../../core/session/session.ts';
import { withLineProgress } from '../lineProgress.ts';
import { showError } from '../messages.ts';
import { canLose, describeLoss } from './loss.ts';
import type { WorkspaceSessions } from './workspaceSessions.ts';

/** What {@link SessionActions} works with. */
export interface SessionActionsOptions {
  readonly sessions: WorkspaceSessions;
  /** The editor's pieces of code that wait for their turn in the workspace's session. */
  readonly runs: { readonly waiting: number; dropWaiting(): void };
  readonly log: vscode.LogOutputChannel;
}

/** Milliseconds that code may take to end after an interrupt before a restart is offered. */
const INTERRUPT_PATIENCE_MS = 4000;

/** What a person can do to a session, wherever it is asked for: each asks before variables are lost. */
export class SessionActions {
  readonly #options: SessionActionsOptions;

  constructor(options: SessionActionsOptions) {
    this.#options = options;
  }

  /** Stops what runs; where the code does not listen, a restart is offered. */
  async interrupt(session: Session): Promise<void> {
    this.#dropWaiting(session);
    const ended = untilRunEnds(session, INTERRUPT_PATIENCE_MS);
    if (!(await session.interrupt())) {
      vscode.window.setStatusBarMessage('Python runs nothing that could be interrupted.', 3000);
      return;
    }
    // The command has done its work: what follows is for code that doesn't listen.
    void ended
      .then((hasEnded) => (hasEnded ? undefined : this.#offerRestart(session)))
      .catch((error) => void showError(error, this.#options.log));
  }

  /** Clears the variables. */
  async reset(session: Session): Promise<void> {
    if (!(await this.#confirmLoss(session, 'Clear all variables', 'Reset'))) return;
    this.#dropWaiting(session);
    await session.reset();
  }

  /** Starts Python afresh. */
  async restart(session: Session): Promise<void> {
    if (!(await this.#confirmLoss(session, 'Restart Python', 'Restart'))) return;
    this.#dropWaiting(session);
    await this.#options.sessions.restart(session);
  }

  /** Ends the session. */
  async shutDown(session: Session): Promise<void> {
    if (!(await this.#confirmLoss(session, 'Shut down Python', 'Shut Down'))) return;
    this.#dropWaiting(session);
    await session.close();
  }

  /** Ends the container of a session with the Python in it; one that is still being prepared is given up. */
  async stopContainer(session: Session): Promise<void> {
    if (session.info.state === 'starting') return session.cancelStart();
    if (!(await this.#confirmLoss(session, 'Stop the container', 'Stop'))) return;
    this.#dropWaiting(session);
    await session.container?.stop();
  }

  /** Makes the container of a session anew, from its image on, with progress that can be cancelled. */
  async rebuildContainer(session: Session): Promise<void> {
    if (!(await this.#confirmLoss(session, 'Rebuild the container', 'Rebuild'))) return;
    this.#dropWaiting(session);
    const { sessions, log } = this.#options;
    await withLineProgress(`Rebuilding the container of "${session.info.title}"`, log, (options) =>
      sessions.rebuildContainer(session, options),
    );
  }

  /** Ends all sessions of the base folder, those of other windows as well. */
  async shutDownAll(): Promise<void> {
    const { sessions, runs } = this.#options;
    const infos = await sessions.list();
    if (infos.length === 0) {
      void vscode.window.showInformationMessage('There are no Python sessions.');
      return;
    }
    const live = infos.filter(canLose);
    if (live.length > 0) {
      const names = live.map(({ title }) => `"${title}"`).join(', ');
      const button = 'Shut Down All';
      const detail = describeLoss(live, runs.waiting);
      const question = `Shut down Python of ${names}?`;
      if (!(await ask(question, detail, button))) return;
    }
    runs.dropWaiting();
    await sessions.shutDownAll();
  }

  async #offerRestart(session: Session): Promise<void> {
    if (session.info.state !== 'busy') return;
    const restart = 'Restart Python';
    const chosen = await vscode.window.showWarningMessage(
      'The code does not react to the interrupt. A restart ends it, and its variables are lost.',
      restart,
    );
    if (chosen === restart) await this.#options.sessions.restart(session);
  }

  /** Where there is nothing to lose, nobody is asked. */
  async #confirmLoss(session: Session, question: string, button: string): Promise<boolean> {
    if (!canLose(session.info)) return true;
    if (session.info.state === 'idle' && !(await mayHaveVariables(session))) return true;
    const waiting = this.#isWorkspaces(session) ? this.#options.runs.waiting : 0;
    return ask(`${question} of "${session.info.title}"?`, describeLoss([session.info], waiting), button);
  }

  #dropWaiting(session: Session): void {
    if (this.#isWorkspaces(session)) this.#options.runs.dropWaiting();
  }

  #isWorkspaces(session: Session): boolean {
    return session === this.#options.sessions.current();
  }
}

async function ask(question: string, detail: string, button: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, button)) === button;
}

/** A session that can't answer must still be able to be ended. */
async function mayHaveVariables(session: Session): Promise<boolean> {
  return session.variables().then(
    (variables) => variables.length > 0,
    () => true,
  );
}

/** Whether a run ends within so many milliseconds. */
function untilRunEnds(session: Session, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const run = session.onDidRun(({ endedAt }) => {
      if (endedAt !== null) done(true);
    });
    const timer = setTimeout(() => done(false), ms).unref();
    const done = (value: boolean) => {
      clearTimeout(timer);
      run.dispose();
      resolve(value);
    };
  });
}
