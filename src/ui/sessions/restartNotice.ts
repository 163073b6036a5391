import * as vscode from 'vscode';
import type { Session } from '../../core/session/session.ts';

/** What {@link RestartNotice} works with. */
export interface RestartNoticeOptions {
  /** The sessions whose Python was started with other settings than those of now. */
  readonly outdated: () => Promise<readonly Session[]>;
  /** Starts a session's Python afresh, with the settings of now. */
  readonly restart: (session: Session) => Promise<void>;
  /** Takes what went wrong on the way. */
  readonly onError: (error: unknown) => void;
}

/** Milliseconds without a change after which it is told: settings are often changed in several steps. */
const QUIET_MS = 500;

/** Tells the person, once for each session, that its Python goes on with settings that have changed since. */
export class RestartNotice implements vscode.Disposable {
  readonly #options: RestartNoticeOptions;
  #told = new WeakSet<Session>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RestartNoticeOptions) {
    this.#options = options;
  }

  /** Settings may have changed. */
  check(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell().catch(this.#options.onError), QUIET_MS);
  }

  /** Settings were changed by a command: whoever asks for that is told again. */
  remind(): void {
    this.#told = new WeakSet();
    this.check();
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  async #tell(): Promise<void> {
    const sessions = (await this.#options.outdated()).filter((session) => !this.#told.has(session));
    if (sessions.length === 0) return;
    for (const session of sessions) this.#told.add(session);
    const names = sessions.map(({ info }) => `"${info.title}"`).join(', ');
    const restart = 'Restart Python';
    const chosen = await vscode.window.showInformationMessage(
      `Python settings of ${names} have changed. They apply when Python is restarted, which clears its variables.`,
      restart,
    );
    if (chosen !== restart) return;
    // By now some may have been restarted or closed.
    for (const session of await this.#options.outdated()) await this.#options.restart(session);
  }
}
