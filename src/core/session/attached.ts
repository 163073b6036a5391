import { randomUUID } from 'node:crypto';
import { Emitter } from '../common/events.ts';
import { CodeModeError } from '../contract/errors.ts';
import type { ExecutionResult, RunEvent, RunOptions } from '../contract/execution.ts';
import type { CompletionResult, Inspection, Variable } from '../contract/introspection.ts';
import {
  connectTo,
  type Endpoint,
  type EndpointOptions,
  findByBaseFolder,
  findByWorkspaceFolder,
  withdraw,
} from './remote/endpoint.ts';
import { Peer } from './remote/peer.ts';
import { PROTOCOL_VERSION, ToClient, Told, ToServer } from './remote/wire.ts';
import type { Session, SessionInfo, SessionManager, SessionSpec } from './session.ts';

/** Whose sessions to attach to: those of a workspace folder (or one above it), or of a base folder. */
export type AttachOptions = EndpointOptions &
  ({ readonly workspaceFolder: string } | { readonly baseFolder: string });

/** How long the other side may take to accept and to answer the first call, in milliseconds. */
const CONNECT_MS = 5000;

/** Runs whose listeners are kept for what their background tasks may still print. */
const REMEMBERED_RUNS = 256;

/**
 * Attaches to the sessions that another process serves (`serveSessions`). Disposing of the manager detaches and
 * leaves the sessions as they are.
 *
 * @throws CodeModeError `not-found` where nobody serves them, `usage` where the connection is refused
 */
export async function attachSessionManager(options: AttachOptions): Promise<SessionManager> {
  const folder = 'workspaceFolder' in options ? options.workspaceFolder : options.baseFolder;
  const endpoint =
    'workspaceFolder' in options
      ? await findByWorkspaceFolder(options.workspaceFolder, options)
      : await findByBaseFolder(options.baseFolder, options);
  if (!endpoint) throw nobodyThere(`No VS Code window has a live session for "${folder}".`);
  const socket = await connectTo(endpoint.address, CONNECT_MS).catch(async (error: unknown) => {
    await forgetIfGone(endpoint, options, error);
    throw nobodyThere(
      `The VS Code window with the session for "${folder}" is gone or does not answer.`,
      error,
    );
  });
  const peer = new Peer(socket, () => lostWindow());
  const manager = new AttachedSessionManager(peer);
  const patience = setTimeout(() => peer.destroy(), CONNECT_MS);
  try {
    await manager.greet(endpoint.token);
    return manager;
  } catch (error) {
    peer.destroy();
    throw CodeModeError.is(error, 'closed')
      ? nobodyThere(`The VS Code window with the session for "${folder}" does not answer.`, error)
      : error;
  } finally {
    clearTimeout(patience);
  }
}

function nobodyThere(message: string, cause?: unknown): CodeModeError {
  return new CodeModeError('not-found', message, {
    hint: 'Open the folder in VS Code and run something there with Python Code Mode, or leave --attach out to run in a session of its own.',
    cause,
  });
}

function lostWindow(): CodeModeError {
  return new CodeModeError('closed', 'The connection to the VS Code window was lost.', {
    hint: 'The window was closed or reloaded. Open it again, then attach again.',
  });
}

/** Nothing listens at the address any more: the announcement is what a crash left behind. */
async function forgetIfGone(endpoint: Endpoint, options: EndpointOptions, error: unknown): Promise<void> {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ECONNREFUSED' || code === 'ENOENT') await withdraw(endpoint, options);
}

interface RunListeners {
  readonly onEvent: RunOptions['onEvent'];
  readonly onInput: RunOptions['onInput'];
}

/** The second form of the session manager: every call goes to the process that has the sessions. */
class AttachedSessionManager implements SessionManager {
  readonly #peer: Peer;
  readonly #sessions = new Map<string, AttachedSession>();
  readonly #runs = new Map<string, RunListeners>();
  readonly #changed = new Emitter<void>();
  readonly onDidChangeSessions = this.#changed.event;

  constructor(peer: Peer) {
    this.#peer = peer;
    peer.hear(Told.sessions, (infos) => this.#receive(infos));
    peer.hear(Told.changed, (info) => this.#sessions.get(info.id)?.receive(info));
    peer.hear(Told.ran, ({ session, result }) => this.#sessions.get(session)?.ran.fire(result));
    peer.hear(Told.emitted, ({ session, event }) => this.#sessions.get(session)?.emitted.fire(event));
    peer.hear(Told.closed, ({ session }) => this.#drop(session));
    peer.hear(Told.events, ({ run, events }) => this.#deliver(run, events));
    peer.handle(ToClient.input, async ({ run, request }, signal) => {
      const onInput = this.#runs.get(run)?.onInput;
      if (!onInput) throw new CodeModeError('cancelled', 'Nobody answers the questions of this run.');
      return onInput(request, signal);
    });
    void peer.closed.then(() => {
      for (const id of [...this.#sessions.keys()]) this.#drop(id);
    });
    peer.listen();
  }

  async greet(token: string): Promise<void> {
    this.#receive(await this.#peer.call(ToServer.hello, { protocol: PROTOCOL_VERSION, token }));
  }

  async open(spec: SessionSpec): Promise<Session> {
    return this.#ensure(await this.#peer.call(ToServer.open, spec));
  }

  get(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  async list(): Promise<readonly SessionInfo[]> {
    return this.#peer.call(ToServer.list, {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#peer.destroy();
    await this.#peer.closed;
    this.#changed.dispose();
  }

  #receive(infos: readonly SessionInfo[]): void {
    const live = new Set(infos.map((info) => info.id));
    for (const id of [...this.#sessions.keys()]) if (!live.has(id)) this.#drop(id);
    for (const info of infos) this.#ensure(info);
    this.#changed.fire();
  }

  #ensure(info: SessionInfo): AttachedSession {
    const known = this.#sessions.get(info.id);
    if (known) {
      known.receive(info);
      return known;
    }
    const session = new AttachedSession(this.#peer, info, this.#remember);
    this.#sessions.set(info.id, session);
    return session;
  }

  readonly #remember = (run: string, listeners: RunListeners): void => {
    this.#runs.set(run, listeners);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > REMEMBERED_RUNS && oldest !== undefined) this.#runs.delete(oldest);
  };

  #drop(id: string): void {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    session?.end();
  }

  #deliver(run: string, events: readonly RunEvent[]): void {
    const onEvent = this.#runs.get(run)?.onEvent;
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
}

class AttachedSession implements Session {
  readonly id: string;
  readonly ran = new Emitter<ExecutionResult>();
  readonly emitted = new Emitter<RunEvent>();
  readonly #peer: Peer;
  readonly #remember: (run: string, listeners: RunListeners) => void;
  readonly #changed = new Emitter<SessionInfo>();
  readonly #closed = new Emitter<void>();
  readonly onDidRun = this.ran.event;
  readonly onDidEmit = this.emitted.event;
  readonly onDidChange = this.#changed.event;
  readonly onDidClose = this.#closed.event;
  #info: SessionInfo;

  constructor(peer: Peer, info: SessionInfo, remember: (run: string, listeners: RunListeners) => void) {
    this.#peer = peer;
    this.#info = info;
    this.#remember = remember;
    this.id = info.id;
  }

  get info(): SessionInfo {
    return this.#info;
  }

  receive(info: SessionInfo): void {
    if (JSON.stringify(info) === JSON.stringify(this.#info)) return;
    this.#info = info;
    this.#changed.fire(info);
  }

  end(): void {
    this.#closed.fire();
    for (const emitter of [this.ran, this.emitted, this.#changed, this.#closed]) emitter.dispose();
  }

  async start(): Promise<void> {
    await this.#peer.call(ToServer.start, { session: this.id });
  }

  async run(code: string, options: RunOptions = {}): Promise<ExecutionResult> {
    const run = randomUUID();
    this.#remember(run, { onEvent: options.onEvent, onInput: options.onInput });
    return this.#peer.call(
      ToServer.run,
      {
        session: this.id,
        run,
        code,
        ...(options.timeoutS === undefined ? {} : { timeoutS: options.timeoutS }),
        ...(options.origin === undefined ? {} : { origin: options.origin }),
        answersInput: options.onInput !== undefined,
      },
      options.signal,
    );
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
    await this.#peer.call(ToServer.close, { session: this.id });
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

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
