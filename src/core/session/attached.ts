import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Emitter } from '../common/events.ts';
import { CodeModeError } from '../contract/errors.ts';
import type { ExecutionResult, InputRequest, RunEvent, ToolCall } from '../contract/execution.ts';
import type { CompletionResult, Inspection, Variable } from '../contract/introspection.ts';
import type { ApprovalAnswer } from '../contract/tools.ts';
import type { ToolArgument } from '../tools/tool.ts';
import { connectTo } from './remote/address.ts';
import { type Announcement, type AnnouncementOptions, withdraw } from './remote/announcement.ts';
import { AttachedContainer } from './remote/attachedContainer.ts';
import { AttachedDependencies } from './remote/attachedDependencies.ts';
import { ChangeListeners } from './remote/attachedPart.ts';
import { ToldOfContainer } from './remote/containerMessages.ts';
import { ToldOfDependencies } from './remote/dependencyMessages.ts';
import { Peer } from './remote/peer.ts';
import { hasStatus, PROTOCOL_VERSION, ToClient, Told, ToldServer, ToServer } from './remote/wire.ts';
import type { SecretSource } from './secrets.ts';
import type {
  ApprovalQuestion,
  FollowOptions,
  RunInfo,
  RunToolCall,
  Session,
  SessionInfo,
  SessionLabel,
  SessionManager,
  SessionRunOptions,
  SessionSpec,
  SessionStatus,
} from './session.ts';
import type { ProvidedTool, SessionTools } from './tools.ts';

/** Who attaches. */
export interface ClientOptions {
  /** In words for people, such as `VS Code (analysis)`; at most 200 characters. */
  readonly clientName: string;
  /** Of the extension or the command line. */
  readonly version: string;
  /** Whether it can be expected back soon when it goes, as a window that is reloaded. */
  readonly comesBack?: boolean;
  /** Absolute path of the folder whose code the client works on. */
  readonly workspaceFolder?: string;
  /** Seconds for which the host shall go on when nobody is attached; by default as it was told before. */
  readonly keepAliveS?: number;
  /** Answers what code asks that others have started, where they can't. */
  readonly onInput?: (request: InputRequest, signal: AbortSignal) => Promise<string>;
  /** Gives secrets that sessions need. */
  readonly onSecret?: SecretSource;
  /** Asks a person to allow calls to tools of any run. */
  readonly onApproval?: (question: ApprovalQuestion, signal: AbortSignal) => Promise<ApprovalAnswer>;
  /** Opens the workspace's session by the client's own settings, for others who want it. */
  readonly openWorkspaceSession?: () => Promise<unknown>;
  /** Takes the lines of the host's log. */
  readonly log?: (line: string) => void;
}

/** How long the other side may take to accept and to answer the first call, in milliseconds. */
const CONNECT_MS = 5000;
/** After how long one that has hung up is tried again, in milliseconds. */
const RETRY_MS = 20;

/** Runs whose listeners are kept for what their background tasks may still print. */
const REMEMBERED_STREAMS = 256;

/**
 * Attaches to the sessions that another process serves (`serveSessions`). Disposing of the manager detaches and
 * leaves the sessions as they are.
 *
 * @returns undefined where nobody listens there any more; what was left behind is tidied up
 * @throws CodeModeError `other-version`, `usage` (the connection is refused), `host-lost` (it does not answer)
 */
export async function attachTo(
  announcement: Announcement,
  client: ClientOptions,
  options: AnnouncementOptions = {},
): Promise<AttachedSessionManager | undefined> {
  const giveUpAt = performance.now() + CONNECT_MS;
  for (;;) {
    const socket = await connectTo(announcement.address, CONNECT_MS).catch(async (error: unknown) => {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ECONNREFUSED' && code !== 'ENOENT') throw doesNotAnswer(announcement, error);
      await withdraw(announcement, options);
      return undefined;
    });
    if (!socket) return undefined;
    if (announcement.protocol !== PROTOCOL_VERSION) {
      socket.destroy();
      throw otherVersion(announcement.version);
    }
    const manager = new AttachedSessionManager(socket, client);
    const patience = setTimeout(() => manager.giveUp(), giveUpAt - performance.now());
    try {
      await manager.greet(announcement.token);
      return manager;
    } catch (error) {
      manager.giveUp();
      if (!CodeModeError.is(error, 'host-lost')) throw error;
      if (performance.now() + RETRY_MS > giveUpAt) throw doesNotAnswer(announcement, error);
    } finally {
      clearTimeout(patience);
    }
    // It hangs up where it is ending: soon nobody listens any more.
    await delay(RETRY_MS);
  }
}

function doesNotAnswer({ pid }: Announcement, cause: unknown): CodeModeError {
  return new CodeModeError('host-lost', `The session host (process ${pid}) does not answer.`, {
    hint: 'Try again. If it stays like this, end that process; its Python sessions end with it.',
    cause,
  });
}

function otherVersion(version: string): CodeModeError {
  return new CodeModeError(
    'other-version',
    `The live Python sessions belong to version ${version} of Python Code Mode, which this one can't speak with.`,
    { hint: 'Use the same version everywhere, or shut those sessions down.' },
  );
}

function lostHost(): CodeModeError {
  return new CodeModeError('host-lost', 'The session host has ended: variables are gone.', {
    hint: 'Run code again to start a new one. The log says what was seen of the end.',
  });
}

/** What calls that are under way end with where the client itself has detached. */
function letGo(): CodeModeError {
  return new CodeModeError('cancelled', 'The connection to the session was given up. The session lives on.');
}

interface StreamListeners {
  readonly onEvent: ((event: RunEvent) => void) | undefined;
  readonly onInput: FollowOptions['onInput'];
  /** A result's texts that come in pieces. */
  readonly texts: Map<'stdout' | 'stderr', string[]>;
}

/** What is heard of runs, by the streams' ids. */
class Streams {
  readonly #listeners = new Map<string, StreamListeners>();

  open(id: string, { onEvent, onInput }: FollowOptions): StreamListeners {
    const listeners = { onEvent, onInput, texts: new Map() };
    this.#listeners.set(id, listeners);
    const [oldest] = this.#listeners.keys();
    if (this.#listeners.size > REMEMBERED_STREAMS && oldest !== undefined) this.#listeners.delete(oldest);
    return listeners;
  }

  close(id: string): void {
    this.#listeners.delete(id);
  }

  get(id: string): StreamListeners | undefined {
    return this.#listeners.get(id);
  }

  deliver(id: string, events: readonly RunEvent[]): void {
    const onEvent = this.#listeners.get(id)?.onEvent;
    if (!onEvent) return;
    for (const event of events) {
      try {
        onEvent(event);
      } catch (error) {
        // The listener's fault must not cost the connection, and must not be lost either.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  addText(id: string, kind: 'stdout' | 'stderr', text: string): void {
    const texts = this.#listeners.get(id)?.texts;
    if (!texts) return;
    const pieces = texts.get(kind);
    if (pieces) pieces.push(text);
    else texts.set(kind, [text]);
  }
}

/** The second form of the session manager: every call goes to the process that has the sessions. */
export class AttachedSessionManager implements SessionManager {
  readonly #peer: Peer;
  readonly #client: ClientOptions;
  readonly #sessions = new Map<string, AttachedSession>();
  readonly #streams = new Streams();
  readonly #changeListeners: ChangeListeners;
  readonly #changed = new Emitter<void>();
  readonly #lost = new Emitter<CodeModeError>();
  readonly #toolsChanged = new Emitter<void>();
  #provided: readonly ProvidedTool[] = [];
  readonly onDidChangeSessions = this.#changed.event;
  readonly onDidLose = this.#lost.event;
  #hostVersion = '';
  #detached = false;

  constructor(socket: Socket, client: ClientOptions) {
    const peer = new Peer(socket, () => (this.#detached ? letGo() : lostHost()));
    this.#peer = peer;
    this.#client = client;
    this.#changeListeners = new ChangeListeners(peer);
    peer.hear(ToldOfDependencies.changed, ({ session }) =>
      this.#sessions.get(session)?.dependencies.changed.fire(),
    );
    peer.hear(ToldOfContainer.changed, ({ session }) =>
      this.#sessions.get(session)?.container?.changed.fire(),
    );
    peer.hear(Told.changed, (info) => void this.#ensure(info));
    peer.hear(Told.status, ({ session, ...status }) => {
      this.#sessions.get(session)?.receiveStatus(status);
      this.#changed.fire();
    });
    peer.hear(Told.ran, ({ session, run }) => this.#sessions.get(session)?.ran.fire(run));
    peer.hear(Told.calledTool, ({ session, ...called }) =>
      this.#sessions.get(session)?.calledTool.fire(called),
    );
    peer.hear(Told.emitted, ({ session, event }) => this.#sessions.get(session)?.emitted.fire(event));
    peer.hear(Told.closed, ({ session }) => this.#drop(session));
    peer.hear(Told.events, ({ stream, events }) => this.#streams.deliver(stream, events));
    peer.hear(Told.text, ({ stream, kind, text }) => this.#streams.addText(stream, kind, text));
    peer.hear(Told.log, ({ line }) => client.log?.(line));
    peer.handle(ToClient.input, async ({ stream, request }, { signal }) => {
      const onInput = stream === null ? client.onInput : this.#streams.get(stream)?.onInput;
      if (!onInput) throw new CodeModeError('cancelled', 'Nobody answers the questions of this run.');
      return onInput(request, signal);
    });
    peer.handle(ToClient.secret, async (request) => (await client.onSecret?.(request)) ?? null);
    peer.hear(Told.toolsChanged, () => this.#toolsChanged.fire());
    peer.handle(ToClient.callTool, async ({ tool, callable, arguments: given }, { signal }) => {
      const found = this.#provided.find(({ name }) => name === tool);
      if (!found) throw new CodeModeError('not-found', `The tool "${tool}" is not provided any more.`);
      // What JSON and the bytes in it can be, nothing else crosses.
      return (await found.call(callable, given as Readonly<Record<string, ToolArgument>>, signal)) as never;
    });
    peer.handle(ToClient.approve, async (question, { signal }) => {
      if (!client.onApproval) throw new CodeModeError('closed', 'Nobody approves here.');
      return client.onApproval(question, signal);
    });
    peer.handle(ToClient.openWorkspace, async () => {
      await client.openWorkspaceSession?.();
      return null;
    });
    void peer.closed.then(() => {
      for (const id of [...this.#sessions.keys()]) this.#drop(id);
      if (!this.#detached) this.#lost.fire(lostHost());
    });
    peer.listen();
  }

  readonly tools: SessionTools = {
    onDidChange: this.#toolsChanged.event,
    statuses: (spec) => this.#peer.call(ToServer.toolStatuses, spec),
    describe: (toolbox, name) => this.#peer.call(ToServer.describeTool, { toolbox, name }),
    restart: async (toolbox, name) => void (await this.#peer.call(ToServer.restartTool, { toolbox, name })),
    stop: async (toolbox, name) => void (await this.#peer.call(ToServer.stopTool, { toolbox, name })),
    log: (toolbox, name) => this.#peer.call(ToServer.toolLog, { toolbox, name }),
    forgetSecrets: async () => void (await this.#peer.call(ToServer.forgetSecrets, {})),
    provide: async (tools) => {
      const provided = [...tools];
      this.#provided = provided;
      await this.#peer.call(ToServer.provideTools, {
        tools: provided.map(({ call: _, ...tool }) => tool) as never,
      });
      return {
        dispose: () => {
          if (this.#provided !== provided || this.#detached) return;
          this.#provided = [];
          this.#peer.call(ToServer.provideTools, { tools: [] }).catch(() => undefined);
        },
      };
    },
  };

  /** Which version of the extension the host is. */
  get hostVersion(): string {
    return this.#hostVersion;
  }

  /** Shows the token; the first call. */
  async greet(token: string): Promise<void> {
    const { clientName, version, comesBack, workspaceFolder, keepAliveS, onInput } = this.#client;
    const { version: hostVersion, sessions } = await this.#peer.call(ToServer.hello, {
      protocol: PROTOCOL_VERSION,
      token,
      client: {
        name: clientName,
        version,
        answersOthers: onInput !== undefined,
        givesSecrets: this.#client.onSecret !== undefined,
        approvesTools: this.#client.onApproval !== undefined,
        opensWorkspace: this.#client.openWorkspaceSession !== undefined,
        comesBack: comesBack ?? false,
        ...(workspaceFolder === undefined ? {} : { workspaceFolder }),
        ...(keepAliveS === undefined ? {} : { keepAliveS }),
      },
    });
    this.#hostVersion = hostVersion;
    for (const info of sessions) this.#ensure(info);
  }

  /** Ends the host if it has no session and nobody else is attached, so that another version can take its place; else false. */
  async endIfUnused(): Promise<boolean> {
    const ends = await this.#peer.call(ToServer.endIfUnused, {});
    this.#detached ||= ends;
    return ends;
  }

  /** For how many seconds the host shall go on when nobody is attached. */
  keepAlive(seconds: number): void {
    void this.#peer.tell(ToldServer.keepAlive, { seconds });
  }

  /** Ends the connection at once. */
  giveUp(): void {
    this.#peer.destroy();
  }

  async open(spec: SessionSpec): Promise<Session> {
    return this.#ensure(await this.#peer.call(ToServer.open, spec));
  }

  /**
   * The session of a workspace folder, opened by a window of that folder where it is not live yet.
   * @param spec - what it is made from where no such window is attached
   */
  async openWorkspace(workspaceFolder: string, spec: SessionSpec): Promise<Session> {
    return this.#ensure(await this.#peer.call(ToServer.openWorkspace, { workspaceFolder, spec }));
  }

  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  async list(): Promise<readonly SessionInfo[]> {
    return [...this.#sessions.values()].map(({ info }) => info);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#detached = true;
    this.#peer.destroy();
    await this.#peer.closed;
    this.#changed.dispose();
    this.#toolsChanged.dispose();
    this.#lost.dispose();
  }

  #ensure(info: SessionInfo): AttachedSession {
    let session = this.#sessions.get(info.id);
    if (session) session.receive(info);
    else {
      session = new AttachedSession(this.#peer, info, this.#streams, this.#changeListeners);
      this.#sessions.set(info.id, session);
    }
    this.#changed.fire();
    return session;
  }

  #drop(id: string): void {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    session?.end();
    this.#changed.fire();
  }
}

class AttachedSession implements Session {
  readonly id: string;
  readonly ran = new Emitter<RunInfo>();
  readonly calledTool = new Emitter<RunToolCall>();
  readonly emitted = new Emitter<RunEvent>();
  readonly #peer: Peer;
  readonly #streams: Streams;
  readonly #changed = new Emitter<SessionInfo>();
  readonly #closed = new Emitter<void>();
  readonly onDidRun = this.ran.event;
  readonly onDidCallTool = this.calledTool.event;
  readonly onDidEmit = this.emitted.event;
  readonly onDidChange = this.#changed.event;
  readonly onDidClose = this.#closed.event;
  readonly dependencies: AttachedDependencies;
  readonly container: AttachedContainer | undefined;
  #info: SessionInfo;

  constructor(peer: Peer, info: SessionInfo, streams: Streams, changeListeners: ChangeListeners) {
    this.#peer = peer;
    this.#info = info;
    this.#streams = streams;
    this.id = info.id;
    this.dependencies = new AttachedDependencies(peer, info.id, changeListeners);
    this.container = info.hasContainer ? new AttachedContainer(peer, info.id, changeListeners) : undefined;
  }

  get info(): SessionInfo {
    return this.#info;
  }

  receive(info: SessionInfo): void {
    this.#info = info;
    this.#changed.fire(info);
  }

  receiveStatus(status: SessionStatus): void {
    if (!hasStatus(this.#info, status)) this.receive({ ...this.#info, ...status });
  }

  end(): void {
    this.#info = { ...this.#info, state: 'stopped', queued: 0 };
    this.#closed.fire();
    const emitters = [this.ran, this.calledTool, this.emitted, this.dependencies.changed];
    for (const emitter of [...emitters, this.#changed, this.#closed]) emitter.dispose();
    this.container?.changed.dispose();
  }

  async start(): Promise<void> {
    await this.#peer.call(ToServer.start, { session: this.id });
  }

  run(code: string, options: SessionRunOptions = {}): Promise<ExecutionResult> {
    const { timeoutS, origin, tag, initiator } = options;
    return this.#hear(options, (stream) =>
      this.#peer.call(
        ToServer.run,
        {
          ...stream,
          code,
          tag: tag ?? null,
          ...(initiator === undefined ? {} : { initiator }),
          ...(timeoutS === undefined ? {} : { timeoutS }),
          ...(origin === undefined ? {} : { origin }),
        },
        options.signal,
      ),
    );
  }

  follow(run: string, options: FollowOptions = {}): Promise<ExecutionResult> {
    return this.#hear(options, (stream) =>
      this.#peer.call(ToServer.follow, { ...stream, run }, options.signal),
    );
  }

  async runs(): Promise<readonly RunInfo[]> {
    return this.#peer.call(ToServer.runs, { session: this.id });
  }

  async toolCalls(run: string): Promise<readonly ToolCall[]> {
    return this.#peer.call(ToServer.toolCalls, { session: this.id, run });
  }

  async cancel(run: string): Promise<boolean> {
    return this.#peer.call(ToServer.cancel, { session: this.id, run });
  }

  async cancelStart(): Promise<void> {
    await this.#peer.call(ToServer.cancelStart, { session: this.id });
  }

  async interrupt(): Promise<boolean> {
    return this.#peer.call(ToServer.interrupt, { session: this.id });
  }

  async reset(): Promise<void> {
    await this.#peer.call(ToServer.reset, { session: this.id });
  }

  async restart(): Promise<void> {
    await this.#peer.call(ToServer.restart, { session: this.id });
  }

  async close(): Promise<void> {
    try {
      await this.#peer.call(ToServer.close, { session: this.id });
    } catch (error) {
      // Somebody else was faster.
      if (!CodeModeError.is(error, 'closed')) throw error;
    }
  }

  async complete(code: string, cursor: number): Promise<CompletionResult> {
    return this.#peer.call(ToServer.complete, { session: this.id, code, cursor });
  }

  async inspect(code: string, cursor: number): Promise<Inspection | null> {
    return this.#peer.call(ToServer.inspect, { session: this.id, code, cursor });
  }

  async variables(): Promise<readonly Variable[]> {
    return this.#peer.call(ToServer.variables, { session: this.id });
  }

  async memory(): Promise<number | undefined> {
    return (await this.#peer.call(ToServer.memory, { session: this.id })) ?? undefined;
  }

  async relabel({ title, notebook }: SessionLabel): Promise<void> {
    await this.#peer.call(ToServer.relabel, { session: this.id, title, notebook: notebook ?? null });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Makes the call that a stream of events belongs to, and puts together what comes in pieces. */
  async #hear(
    options: FollowOptions,
    call: (stream: {
      readonly session: string;
      readonly stream: string;
      readonly answersInput: boolean;
    }) => Promise<{
      readonly events: readonly RunEvent[];
      readonly result: ExecutionResult;
      readonly status: SessionStatus;
    }>,
  ): Promise<ExecutionResult> {
    const stream = randomUUID();
    const { texts } = this.#streams.open(stream, options);
    try {
      const { events, result, status } = await call({
        session: this.id,
        stream,
        answersInput: options.onInput !== undefined,
      });
      this.#streams.deliver(stream, events);
      this.receiveStatus(status);
      if (texts.size === 0) return result;
      const whole = Object.fromEntries([...texts].map(([kind, pieces]) => [kind, pieces.join('')]));
      texts.clear();
      return { ...result, ...whole };
    } catch (error) {
      this.#streams.close(stream);
      throw error;
    }
  }
}
