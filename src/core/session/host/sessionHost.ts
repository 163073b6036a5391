import type { Subscription } from '../../common/events.ts';
import { createSessionManager, type LocalSessionManager } from '../local.ts';
import type { AnnouncementOptions } from '../remote/announcement.ts';
import { type ServedSessions, serveSessions } from '../server.ts';

/** What a host is made with. */
export interface SessionHostOptions extends AnnouncementOptions {
  /** Absolute path of the base folder whose sessions it has. */
  readonly baseFolder: string;
  /** Absolute path of the built `dist` folder. */
  readonly distFolder: string;
  /** Of the extension. */
  readonly version: string;
  readonly log: (line: string) => void;
  /** It has nothing to do any more: to be disposed, and its process to end. */
  readonly onUnused: (reason: string) => void;
}

/** How long the one who started the host has to attach, in milliseconds. */
const FIRST_CLIENT_MS = 60_000;
/** As the setting's default, in seconds, until a window says how long. */
const KEEP_ALIVE_S = 600;
/** The longest that a timer takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The sessions of one base folder in a process of their own, which windows, terminals and agents attach to. It ends once
 * nobody has been attached and nothing has run for as long as the windows say.
 */
export class SessionHost implements AsyncDisposable {
  readonly #options: SessionHostOptions;
  readonly #manager: LocalSessionManager;
  readonly #served: ServedSessions;
  readonly #subscriptions: Subscription[];
  #keepAliveS: number;
  #timer: NodeJS.Timeout | undefined;
  #isAwaited = true;

  private constructor(
    options: SessionHostOptions,
    manager: LocalSessionManager,
    served: ServedSessions,
    keepAliveS: number,
  ) {
    this.#options = options;
    this.#manager = manager;
    this.#served = served;
    this.#keepAliveS = keepAliveS;
    this.#subscriptions = [
      served.onDidChangeClients(() => {
        this.#isAwaited = false;
        this.#reconsider();
      }),
      manager.onDidChangeSessions(() => this.#reconsider()),
      manager.onDidOpen((session) => session.onDidRun(() => this.#reconsider())),
    ];
    this.#reconsider();
  }

  /** @returns undefined where another host serves the same base folder already. @throws as `serveSessions` */
  static async start(options: SessionHostOptions): Promise<SessionHost | undefined> {
    let host: SessionHost | undefined;
    let served: ServedSessions | undefined;
    // Who attaches at once may say so before there is a host.
    let keepAliveS = KEEP_ALIVE_S;
    const log = (line: string) => {
      options.log(line);
      served?.tellLog(line);
    };
    const manager = createSessionManager({
      distFolder: options.distFolder,
      log,
      secret: async (request) => served?.secret(request),
    });
    served = await serveSessions(manager, {
      ...options,
      log,
      onKeepAlive: (seconds) => {
        keepAliveS = seconds;
        host?.keepAlive(seconds);
      },
      onUnwanted: () => options.onUnused('another version takes its place'),
    });
    if (!served) {
      await manager[Symbol.asyncDispose]();
      return undefined;
    }
    host = new SessionHost(options, manager, served, keepAliveS);
    return host;
  }

  /** For how many seconds it shall go on when nobody is attached and nothing runs. */
  keepAlive(seconds: number): void {
    this.#keepAliveS = seconds;
    this.#reconsider();
  }

  /** Ends the sessions, then tells whoever is attached. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
    // Python may take a while to end: whoever comes meanwhile starts a new host.
    await this.#served.retire();
    await this.#manager[Symbol.asyncDispose]();
    await this.#served.dispose();
  }

  #reconsider(): void {
    const isUsed = this.#served.clientCount > 0 || this.#manager.sessions.some(({ isRunning }) => isRunning);
    if (isUsed) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      return;
    }
    // Counted from when it was used last, or is told another time.
    clearTimeout(this.#timer);
    const milliseconds = this.#isAwaited ? FIRST_CLIENT_MS : this.#keepAliveS * 1000;
    this.#timer = setTimeout(
      () => this.#options.onUnused(`nobody has been attached for ${Math.round(milliseconds / 1000)} s`),
      Math.min(milliseconds, MAX_TIMER_MS),
    );
  }
}
