import { Emitter, type Event, type Subscription } from '../common/events.ts';
import type { CodeModeError } from '../contract/errors.ts';
import type { LocalSession } from './localSession.ts';
import type { Approver } from './runs/answers.ts';
import type { SecretSource } from './secrets.ts';
import type { SessionInfo, SessionManager, SessionSpec } from './session.ts';
import type { Toolboxes } from './toolboxes.ts';
import type { SessionTools } from './tools.ts';

/** What the sessions of this process are made with. */
export interface LocalSessionsOptions {
  /** Absolute path of the built `dist` folder. */
  readonly distFolder: string;
  /** For the log: one line each, never code, output or secrets. */
  readonly log: (line: string) => void;
  /** Who starts the runs that are started here, in words for people. */
  readonly clientName?: string;
  /** Gives what the sessions need, such as the password of their store; by default there is none. */
  readonly secret?: SecretSource;
  /** Allows calls to tools of the runs that are started here, or not; by default nobody does. */
  readonly approve?: Approver;
}

/** Makes the form of the SessionManager whose sessions live in this process. */
export function createSessionManager(options: LocalSessionsOptions): LocalSessionManager {
  return new LocalSessionManager(options);
}

/** The first form of the session manager: its sessions live in this process. */
export class LocalSessionManager implements SessionManager {
  readonly #options: LocalSessionsOptions;
  readonly #sessions = new Map<string, LocalSession>();
  readonly #changed = new Emitter<void>();
  readonly #opened = new Emitter<LocalSession>();
  readonly #toolsChanged = new Emitter<void>();
  #toolboxes: Promise<Toolboxes> | undefined;

  readonly tools = this.viewTools();
  readonly onDidChangeSessions = this.#changed.event;
  /** A session was made. */
  readonly onDidOpen: Event<LocalSession> = this.#opened.event;
  /** Never fired: what lives in this process is lost with it. */
  readonly onDidLose: Event<CodeModeError> = () => ({ dispose: () => undefined });

  constructor(options: LocalSessionsOptions) {
    this.#options = options;
  }

  async open(spec: SessionSpec): Promise<LocalSession> {
    // Executors and what they need are loaded with the first session: a host that has none is small.
    const { LocalSession, executorRegistry } = await import('./localSession.ts');
    const toolboxes = await this.#loadToolboxes();
    for (let live = this.#sessions.get(spec.id); live; live = this.#sessions.get(spec.id)) {
      if (!live.closing) return live;
      // Its successor begins once it is gone; somebody else may have opened it by then.
      await live.closing;
    }
    const session = new LocalSession(spec, executorRegistry.get(spec.executor), toolboxes, this.#options);
    this.#sessions.set(spec.id, session);
    session.onDidChange(() => this.#changed.fire());
    session.onDidClose(() => {
      if (this.#sessions.get(spec.id) === session) this.#sessions.delete(spec.id);
      this.#changed.fire();
    });
    this.#opened.fire(session);
    this.#changed.fire();
    return session;
  }

  get(id: string): LocalSession | undefined {
    return this.#sessions.get(id);
  }

  /** Those that are open at this moment. */
  get sessions(): readonly LocalSession[] {
    return [...this.#sessions.values()];
  }

  async list(): Promise<readonly SessionInfo[]> {
    return this.sessions.map((session) => session.info);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.sessions.map((session) => session.close()));
    await (await this.#toolboxes)?.[Symbol.asyncDispose]();
    for (const emitter of [this.#changed, this.#opened, this.#toolsChanged]) emitter.dispose();
  }

  /** The tools for one of those who show them; what it opens is let go when it is disposed. */
  viewTools(): SessionTools & Subscription {
    let view: Promise<SessionTools & Subscription> | undefined;
    const load = () => {
      view ??= this.#loadToolboxes().then((toolboxes) => toolboxes.view());
      return view;
    };
    return {
      onDidChange: this.#toolsChanged.event,
      // Where nothing was loaded, there is none.
      statuses: async (spec) => (this.#toolboxes ? (await load()).statuses(spec) : []),
      describe: async (...args) => (await load()).describe(...args),
      restart: async (...args) => (await load()).restart(...args),
      stop: async (...args) => (await load()).stop(...args),
      log: async (...args) => (await load()).log(...args),
      forgetSecrets: async () => (this.#toolboxes ? (await load()).forgetSecrets() : undefined),
      provide: async (tools) => (await load()).provide(tools),
      dispose: () => void view?.then((loaded) => loaded.dispose()),
    };
  }

  /** Loaded with the first session, as the executors are. */
  #loadToolboxes(): Promise<Toolboxes> {
    this.#toolboxes ??= import('./toolboxes.ts').then(({ Toolboxes }) => {
      const toolboxes = new Toolboxes(this.#options);
      toolboxes.onDidChange(() => this.#toolsChanged.fire());
      return toolboxes;
    });
    return this.#toolboxes;
  }
}
