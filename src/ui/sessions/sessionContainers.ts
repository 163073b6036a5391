import * as vscode from 'vscode';
import type { Subscription } from '../../core/common/events.ts';
import type { ContainerControl, ContainerReport } from '../../core/contract/container.ts';
import type { Session } from '../../core/session/session.ts';
import { Reload } from '../reload.ts';
import type { WorkspaceSessions } from './workspaceSessions.ts';

/** The container of a session, with what is known of it. */
export interface FollowedContainer {
  readonly session: Session;
  readonly control: ContainerControl;
  /** The newest; undefined: none has come yet. */
  readonly report: ContainerReport | undefined;
}

/** The containers of the sessions of this window, followed as long as these live. */
export class SessionContainers implements vscode.Disposable {
  readonly #sessions: WorkspaceSessions;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #followed = new Map<Session, Followed>();
  readonly #subscription: vscode.Disposable;

  /** There is another container, or less of them, or something is to be said of one. */
  readonly onDidChange = this.#changed.event;

  constructor(sessions: WorkspaceSessions, log: vscode.LogOutputChannel) {
    this.#sessions = sessions;
    this.#log = log;
    this.#subscription = sessions.onDidChange(() => this.#look());
  }

  /** In the order in which the sessions were opened. */
  get all(): readonly FollowedContainer[] {
    return [...this.#followed.values()];
  }

  /** That of a session; undefined: its Python runs in none. */
  of(session: Session): FollowedContainer | undefined {
    return this.#followed.get(session);
  }

  dispose(): void {
    for (const followed of this.#followed.values()) followed.dispose();
    vscode.Disposable.from(this.#subscription, this.#changed).dispose();
  }

  /** What the sessions do changes often, what they have seldom. */
  #look(): void {
    const open = new Set(this.#sessions.open);
    let isOther = false;
    for (const [session, followed] of this.#followed) {
      if (open.has(session)) continue;
      followed.dispose();
      this.#followed.delete(session);
      isOther = true;
    }
    for (const session of open) {
      const { container } = session;
      if (!container || this.#followed.has(session)) continue;
      const onChange = () => this.#changed.fire();
      const onError = (error: unknown) => this.#log.warn(`The container of a session: ${String(error)}`);
      this.#followed.set(session, new Followed({ session, control: container, onChange, onError }));
      isOther = true;
    }
    if (isOther) this.#changed.fire();
  }
}

interface FollowedOptions {
  readonly session: Session;
  readonly control: ContainerControl;
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
}

class Followed implements FollowedContainer {
  readonly session: Session;
  readonly control: ContainerControl;
  readonly #options: FollowedOptions;
  readonly #subscription: Subscription;
  readonly #reload = new Reload(() => this.#load());
  #report: ContainerReport | undefined;
  #isDisposed = false;

  constructor(options: FollowedOptions) {
    this.#options = options;
    this.session = options.session;
    this.control = options.control;
    this.#subscription = options.control.onDidChange(() => void this.#reload.run());
    void this.#reload.run();
  }

  get report(): ContainerReport | undefined {
    return this.#report;
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#subscription.dispose();
  }

  async #load(): Promise<void> {
    try {
      this.#report = await this.control.report();
      if (!this.#isDisposed) this.#options.onChange();
    } catch (error) {
      // One that has ended meanwhile has nothing to say.
      if (!this.#isDisposed) this.#options.onError(error);
    }
  }
}
