import * as vscode from 'vscode';
import type { Session } from '../../core/session/session.ts';
import { showError } from '../messages.ts';
import type { SessionContainers } from './sessionContainers.ts';
import type { WorkspaceSessions } from './workspaceSessions.ts';

/** What {@link PreparationNotices} works with. */
export interface PreparationNoticesOptions {
  readonly sessions: WorkspaceSessions;
  readonly containers: SessionContainers;
  readonly log: vscode.LogOutputChannel;
}

/** Milliseconds that it takes before it is told: mostly the image is there. */
const SHOWN_AFTER_MS = 1_000;

/**
 * Tells what is done before a container can start, such as fetching its image, in a notification whose button gives the
 * start up.
 */
export class PreparationNotices implements vscode.Disposable {
  readonly #options: PreparationNoticesOptions;
  readonly #notices = new Map<Session, Notice>();
  readonly #subscriptions: vscode.Disposable;

  constructor(options: PreparationNoticesOptions) {
    this.#options = options;
    const { sessions, containers } = options;
    this.#subscriptions = vscode.Disposable.from(
      containers.onDidChange(() => this.#look()),
      sessions.onDidChange(() => this.#look()),
    );
  }

  dispose(): void {
    this.#subscriptions.dispose();
    for (const notice of this.#notices.values()) notice.dispose();
  }

  #look(): void {
    const { containers, log } = this.#options;
    const starting = new Map<Session, string>();
    for (const { session, report } of containers.all) {
      // What prepares one outside of a start, such as a command, tells it itself.
      const line = session.info.state === 'starting' ? report?.preparing : undefined;
      if (typeof line === 'string') starting.set(session, line);
    }
    for (const [session, notice] of this.#notices) {
      if (starting.has(session)) continue;
      notice.dispose();
      this.#notices.delete(session);
    }
    for (const [session, line] of starting) {
      const notice = this.#notices.get(session) ?? new Notice(session, log);
      this.#notices.set(session, notice);
      notice.tell(line);
    }
  }
}

/** The notification of one start; shown once it has taken a while. */
class Notice implements vscode.Disposable {
  readonly #session: Session;
  readonly #log: vscode.LogOutputChannel;
  readonly #timer: NodeJS.Timeout;
  #line = '';
  #progress: vscode.Progress<{ message: string }> | undefined;
  #end: (() => void) | undefined;

  constructor(session: Session, log: vscode.LogOutputChannel) {
    this.#session = session;
    this.#log = log;
    this.#timer = setTimeout(() => this.#show(), SHOWN_AFTER_MS);
  }

  tell(line: string): void {
    if (line === this.#line) return;
    this.#line = line;
    this.#progress?.report({ message: line });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#end?.();
  }

  #show(): void {
    const title = `Container of "${this.#session.info.title}"`;
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    void vscode.window.withProgress(options, (progress, token) => {
      this.#progress = progress;
      progress.report({ message: this.#line });
      token.onCancellationRequested(() => {
        this.#session.cancelStart().catch((error) => void showError(error, this.#log));
      });
      return new Promise<void>((resolve) => {
        this.#end = resolve;
      });
    });
  }
}
