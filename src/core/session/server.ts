import { createServer, type Server, type Socket } from 'node:net';
import type { z } from 'zod';
import { Emitter, type Subscription } from '../common/events.ts';
import { canonical } from '../common/files/canonical.ts';
import { ClosedError } from '../contract/errors.ts';
import type { LocalSessionManager } from './local.ts';
import type { LocalSession } from './localSession.ts';
import { newAddress, newToken } from './remote/address.ts';
import {
  type Announcement,
  type AnnouncementOptions,
  publish,
  update,
  withdraw,
} from './remote/announcement.ts';
import { ToldOfContainer } from './remote/containerMessages.ts';
import type { NotificationDefinition } from './remote/definitions.ts';
import { ToldOfDependencies } from './remote/dependencyMessages.ts';
import { ServedClient, type ServedClientHost } from './remote/servedClient.ts';
import { PROTOCOL_VERSION, Told } from './remote/wire.ts';
import type { SecretRequest } from './secrets.ts';
import { type SessionInfo, type SessionSpec, workspaceSessionId } from './session.ts';
import type { SessionTools } from './tools.ts';

/** How the sessions of a process are served to others on this machine. */
export interface ServeOptions extends AnnouncementOptions {
  /** Absolute path of the base folder, which clients look for. */
  readonly baseFolder: string;
  /** Of the extension. */
  readonly version: string;
  readonly log: (line: string) => void;
  /** A client says for how many seconds the sessions shall live on when nobody is attached. */
  readonly onKeepAlive?: (seconds: number) => void;
  /** Another version wants to take this one's place, which has no session. */
  readonly onUnwanted?: () => void;
}

/** Sessions that are being served. */
export interface ServedSessions {
  /** How many have attached. */
  readonly clientCount: number;
  /** {@link clientCount} has changed. */
  onDidChangeClients(listener: () => void): Subscription;
  /** Asks those who have attached for a secret; undefined where nobody gives it. */
  secret(request: SecretRequest): Promise<string | undefined>;
  /** Tells all clients a line for their log. */
  tellLog(line: string): void;
  /** Lets nobody in any more: the announcement and the socket are removed. Who has attached stays. */
  retire(): Promise<void>;
  /** As {@link retire}, and clients are disconnected. The sessions live on. */
  dispose(): Promise<void>;
}

/**
 * Serves a session manager on a local socket, so that other processes of the same user can attach to it
 * (`attachSessionManager`).
 *
 * @returns undefined where another process serves the same base folder already
 * @throws CodeModeError `file`, or the system's error, where there is no place for the socket or its announcement
 */
export async function serveSessions(
  manager: LocalSessionManager,
  options: ServeOptions,
): Promise<ServedSessions | undefined> {
  const address = await newAddress();
  const served = new SessionServer(manager, options, {
    baseFolder: await canonical(options.baseFolder),
    workspaceFolders: [],
    protocol: PROTOCOL_VERSION,
    version: options.version,
    address,
    token: newToken(),
    pid: process.pid,
  });
  // Announced once it listens, so that whoever finds it is answered.
  await served.listen();
  try {
    if (await served.announce()) return served;
  } catch (error) {
    await served.dispose();
    throw error;
  }
  await served.dispose();
  return undefined;
}

class SessionServer implements ServedSessions, ServedClientHost {
  readonly #manager: LocalSessionManager;
  readonly #options: ServeOptions;
  readonly #server: Server;
  readonly #connected = new Set<ServedClient>();
  /** Those that have shown the token, oldest first. */
  readonly #clients = new Set<ServedClient>();
  /** Those who want another version in this one's place. */
  readonly #wantEnd = new WeakSet<ServedClient>();
  /** Who has opened a session. */
  readonly #openedBy = new Map<string, Set<ServedClient>>();
  readonly #bulletins = new Map<string, Bulletin>();
  readonly #clientsChanged = new Emitter<void>();
  readonly #subscriptions: Subscription[] = [];
  #announcement: Announcement;
  /** Set once nobody is let in any more; resolves when everybody has gone. */
  #closed: Promise<void> | undefined;

  readonly onDidChangeClients = this.#clientsChanged.event;

  constructor(manager: LocalSessionManager, options: ServeOptions, announcement: Announcement) {
    this.#manager = manager;
    this.#options = options;
    this.#announcement = announcement;
    this.#server = createServer((socket) => this.#accept(socket));
    for (const session of manager.sessions) this.#watch(session);
    this.#subscriptions.push(manager.onDidOpen((session) => this.#watch(session)));
  }

  get token(): string {
    return this.#announcement.token;
  }

  get version(): string {
    return this.#options.version;
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  get log(): (line: string) => void {
    return this.#options.log;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#announcement.address, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  announce(): Promise<boolean> {
    return publish(this.#announcement, this.#options);
  }

  tellLog(line: string): void {
    this.#tellAll(Told.log, { line });
  }

  async retire(): Promise<void> {
    if (this.#closed) return;
    this.#closed = new Promise((resolve) => this.#server.close(() => resolve()));
    // Who has only just come looks for another.
    for (const client of this.#connected) if (!this.#clients.has(client)) client.destroy();
    await withdraw(this.#announcement, this.#options).catch((error: unknown) =>
      this.log(`The announcement can't be taken back: ${String(error)}`),
    );
  }

  async dispose(): Promise<void> {
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
    await this.retire();
    for (const client of this.#connected) client.destroy();
    await this.#closed;
    this.#clientsChanged.dispose();
  }

  // ---------------------------------------------------------------- what a client may see

  onGreeted(client: ServedClient): void {
    this.#clients.add(client);
    this.#clientsChanged.fire();
    // A question that waits for somebody may be one for it.
    for (const session of this.#manager.sessions) session.wakeQuestions();
  }

  onKeepAlive(seconds: number): void {
    this.#options.onKeepAlive?.(seconds);
  }

  async endIfUnused(client: ServedClient): Promise<boolean> {
    if (this.#manager.sessions.length > 0) return false;
    this.#wantEnd.add(client);
    // Whoever else is attached would be told that it is lost; a window that is reloaded is just going.
    if (this.#hasUsers) await this.#usersLeave();
    if (this.#manager.sessions.length > 0 || this.#hasUsers) {
      this.#wantEnd.delete(client);
      return false;
    }
    void this.retire();
    // Once the answer is on its way.
    setImmediate(() => this.#options.onUnwanted?.());
    return true;
  }

  infos(): readonly SessionInfo[] {
    return this.#manager.sessions.map((session) => this.infoOf(session));
  }

  infoOf(session: LocalSession): SessionInfo {
    const clients = [...(this.#openedBy.get(session.id) ?? [])];
    return { ...session.info, clients: clients.map(({ description }) => description?.name ?? '') };
  }

  session(id: string): LocalSession {
    const session = this.#manager.get(id);
    if (session) return session;
    throw new ClosedError('The session');
  }

  tellStatus(session: string): void {
    this.#bulletins.get(session)?.publish();
  }

  async open(spec: SessionSpec, client: ServedClient): Promise<LocalSession> {
    const session = await this.#manager.open(spec);
    const openedBy = this.#openedBy.get(session.id);
    if (openedBy && !openedBy.has(client)) {
      openedBy.add(client);
      this.#tellInfo(session);
    }
    if (spec.workspaceFolder !== undefined) await this.#announceFolder(spec.workspaceFolder);
    return session;
  }

  async openWorkspace(
    workspaceFolder: string,
    spec: SessionSpec,
    client: ServedClient,
  ): Promise<LocalSession> {
    const wanted = await canonical(workspaceFolder);
    const isWanted = async (folder: string | undefined) =>
      folder !== undefined && (await canonical(folder)) === wanted;
    const find = async () => {
      for (const session of this.#manager.sessions) {
        const folder = session.info.spec.workspaceFolder;
        const isWorkspaces = session.id === workspaceSessionId(folder);
        if (isWorkspaces && !session.closing && (await isWanted(folder))) return session;
      }
      return undefined;
    };
    let found = await find();
    for (const other of found ? [] : [...this.#clients].reverse()) {
      const { opensWorkspace, workspaceFolder: folder } = other.description ?? {};
      if (!opensWorkspace || !(await isWanted(folder))) continue;
      await other.openWorkspace();
      found = await find();
      if (found) break;
    }
    return this.open(found?.info.spec ?? spec, client);
  }

  async secret(request: SecretRequest): Promise<string | undefined> {
    // The newest first: there the person is most likely.
    for (const client of [...this.#clients].reverse()) {
      if (!client.description?.givesSecrets) continue;
      const given = await client.secret(request).catch(() => undefined);
      if (given !== undefined) return given;
    }
    return undefined;
  }

  viewTools(): SessionTools & Subscription {
    return this.#manager.viewTools();
  }

  *othersFor(sessionId: string) {
    for (const client of this.#nearestFirst(sessionId)) {
      if (client.description?.answersOthers) yield client.answererFor(sessionId);
    }
  }

  *approversFor(sessionId: string, first: ServedClient) {
    for (const client of new Set([first, ...this.#nearestFirst(sessionId)])) {
      if (client.description?.approvesTools && this.#clients.has(client)) yield client.approver;
    }
  }

  onApproverLeaves(): void {
    for (const session of this.#manager.sessions) session.expectApproverBack();
  }

  /** Those who have attached: who has opened the session before the others, and the newest, where the person is most likely. */
  #nearestFirst(sessionId: string): ServedClient[] {
    const openedBy = this.#openedBy.get(sessionId);
    const clients = [...this.#clients].reverse();
    return [
      ...clients.filter((client) => openedBy?.has(client)),
      ...clients.filter((client) => !openedBy?.has(client)),
    ];
  }

  // ---------------------------------------------------------------- what happens

  #accept(socket: Socket): void {
    if (this.#closed) {
      socket.destroy();
      return;
    }
    const client = new ServedClient(socket, this);
    this.#connected.add(client);
    void client.closed.then(() => {
      this.#connected.delete(client);
      if (!this.#clients.delete(client)) return;
      for (const [id, openedBy] of this.#openedBy) {
        const session = this.#manager.get(id);
        if (openedBy.delete(client) && session) this.#tellInfo(session);
      }
      this.#clientsChanged.fire();
    });
  }

  #watch(session: LocalSession): void {
    const { id } = session;
    this.#openedBy.set(id, new Set());
    let known = session.info;
    const bulletin = new Bulletin(() => {
      this.#tellAll(Told.status, { session: id, ...session.status });
    });
    this.#bulletins.set(id, bulletin);
    this.#tellInfo(session);
    // They end with the session.
    session.onDidChange((info) => {
      const isStatus = haveSameRest(info, known);
      known = info;
      if (isStatus) bulletin.publishSoon();
      else this.#tellInfo(session);
    });
    session.onDidRun((run) => bulletin.publishSoon(() => this.#tellAll(Told.ran, { session: id, run })));
    session.onDidCallTool(({ run, call }) =>
      bulletin.publishSoon(() => this.#tellAll(Told.calledTool, { session: id, run, call: call as never })),
    );
    session.dependencies.onDidChange(() => this.#tellAll(ToldOfDependencies.changed, { session: id }));
    session.container?.onDidChange(() => this.#tellAll(ToldOfContainer.changed, { session: id }));
    session.onDidEmit((event) => {
      for (const { news } of this.#clients) news.tellEmitted(id, event);
    });
    session.onDidClose(() => {
      bulletin.publish();
      this.#bulletins.delete(id);
      this.#openedBy.delete(id);
      for (const { news } of this.#clients) news.tellClosed(id);
    });
  }

  #tellInfo(session: LocalSession): void {
    this.#tellAll(Told.changed, this.infoOf(session) as never);
  }

  #tellAll<Params extends z.ZodType>(
    definition: NotificationDefinition<Params>,
    params: z.input<Params>,
  ): void {
    for (const { news } of this.#clients) news.tell(definition, params);
  }

  get #hasUsers(): boolean {
    return [...this.#clients].some((client) => !this.#wantEnd.has(client));
  }

  /** Resolves once nobody is attached who does not want the end, or after a moment. */
  async #usersLeave(): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        subscription.dispose();
        resolve();
      };
      const timer = setTimeout(done, LEAVE_MS);
      const subscription = this.#clientsChanged.event(() => {
        if (!this.#hasUsers) done();
      });
    });
  }

  async #announceFolder(folder: string): Promise<void> {
    const path = await canonical(folder);
    const { workspaceFolders } = this.#announcement;
    if (workspaceFolders.includes(path)) return;
    this.#announcement = { ...this.#announcement, workspaceFolders: [...workspaceFolders, path] };
    // The window works without it: only the command line does not find the folder's session.
    await update(this.#announcement, this.#options).catch((error: unknown) =>
      this.log(`The folder "${path}" can't be announced: ${String(error)}`),
    );
  }
}

/** Milliseconds for which those who are going are waited for. */
const LEAVE_MS = 500;
/** Milliseconds for which news of a session are gathered: who waits for a run hears of its end at once all the same. */
const GATHER_MS = 10;

/** What is told of a session's state, some changes at a time: short runs change it more often than anybody could see. */
class Bulletin {
  readonly #tellStatus: () => void;
  #news: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(tellStatus: () => void) {
    this.#tellStatus = tellStatus;
  }

  /** The status is told soon, and this with it. */
  publishSoon(news?: () => void): void {
    if (news) this.#news.push(news);
    this.#timer ??= setTimeout(() => this.publish(), GATHER_MS);
  }

  publish(): void {
    if (!this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const tell of this.#news.splice(0)) tell();
    this.#tellStatus();
  }
}

/** Whether two infos of a session differ in nothing but its status. */
function haveSameRest(one: SessionInfo, other: SessionInfo): boolean {
  return (
    one.title === other.title &&
    one.notebook === other.notebook &&
    one.interpreter === other.interpreter &&
    one.capabilityReport === other.capabilityReport &&
    one.spec === other.spec
  );
}
