import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Subscription } from '../../common/events.ts';
import { CodeModeError } from '../../contract/errors.ts';
import type { RunEvent } from '../../contract/execution.ts';
import type { Session, SessionManager } from '../session.ts';
import { Peer } from './peer.ts';
import { PROTOCOL_VERSION, ToClient, Told, ToServer } from './wire.ts';

/** What a client of the server may do and see. */
export interface ClientOptions {
  readonly token: string;
  readonly log: (line: string) => void;
  readonly openWorkspaceSession?: () => Promise<Session>;
}

/** A stranger has this long to show the token, in milliseconds. */
const HELLO_MS = 5000;

/** Characters of output that may wait for a client that does not read, before it is let go. */
const MAX_UNSENT_CHARACTERS = 256 * 1024 * 1024;

/** The server's side of one client. What the client started goes on when it disconnects. */
export class ClientConnection {
  readonly #peer: Peer;
  readonly #manager: SessionManager;
  readonly #options: ClientOptions;
  readonly #subscriptions: Subscription[] = [];
  readonly #followed = new Map<string, Session>();
  #greeted = false;
  #unsentCharacters = 0;

  constructor(socket: Socket, manager: SessionManager, options: ClientOptions) {
    this.#manager = manager;
    this.#options = options;
    this.#peer = new Peer(socket, () => new CodeModeError('closed', 'The client has disconnected.'));
    this.#handleCalls();
    const patience = setTimeout(() => this.#greeted || this.destroy(), HELLO_MS);
    patience.unref();
    void this.#peer.closed.then(() => {
      clearTimeout(patience);
      for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
    });
    this.#peer.listen();
  }

  get closed(): Promise<void> {
    return this.#peer.closed;
  }

  destroy(): void {
    this.#peer.destroy();
  }

  #handleCalls(): void {
    const peer = this.#peer;
    peer.handle(ToServer.hello, (params) => this.#hello(params));
    peer.handle(ToServer.list, async () => this.#list());
    peer.handle(ToServer.open, async (spec) => {
      this.#requireGreeting();
      const session = await this.#open(spec);
      this.#follow(session);
      return plain(session.info);
    });
    peer.handle(ToServer.run, (params, signal) => this.#run(params, signal));
    peer.handle(ToServer.start, async ({ session }) => nothing(this.#session(session).start()));
    peer.handle(ToServer.interrupt, async ({ session }) => this.#session(session).interrupt());
    peer.handle(ToServer.reset, async ({ session }) => nothing(this.#session(session).reset()));
    peer.handle(ToServer.restart, async ({ session }) => nothing(this.#session(session).restart()));
    peer.handle(ToServer.close, async ({ session }) => nothing(this.#session(session).close()));
    peer.handle(ToServer.complete, async ({ session, code, cursor }) => {
      const { start, end, items } = await this.#session(session).complete(code, cursor);
      return { start, end, items: [...items] };
    });
    peer.handle(ToServer.inspect, async ({ session, code, cursor }) =>
      this.#session(session).inspect(code, cursor),
    );
    peer.handle(ToServer.variables, async ({ session }) => [...(await this.#session(session).variables())]);
  }

  async #hello({ protocol, token }: { protocol: number; token: string }): Promise<never> {
    if (protocol !== PROTOCOL_VERSION) {
      throw new CodeModeError('usage', 'The VS Code window runs another version of Python Code Mode.', {
        hint: 'Use the same version of the command line and of the extension; reload the window after an update.',
      });
    }
    if (!sameSecret(token, this.#options.token)) {
      this.#options.log('A client without the right token was refused.');
      throw new CodeModeError('usage', 'The VS Code window refused the connection: the token is wrong.', {
        hint: 'Reload the VS Code window, then try again.',
      });
    }
    this.#greeted = true;
    this.#subscriptions.push(
      this.#manager.onDidChangeSessions(() => {
        void this.#list().then((infos) => this.#peer.tell(Told.sessions, infos));
      }),
    );
    return this.#list();
  }

  async #list(): Promise<never> {
    this.#requireGreeting();
    return plain(await this.#manager.list());
  }

  async #open(spec: Parameters<SessionManager['open']>[0]): Promise<Session> {
    // The owner's own form of it first, live or not: it knows more than the manager's.
    if (spec.id === 'workspace' && this.#options.openWorkspaceSession) {
      return this.#options.openWorkspaceSession();
    }
    return this.#manager.get(spec.id) ?? this.#manager.open(spec);
  }

  #follow(session: Session): void {
    if (this.#followed.get(session.id) === session) return;
    this.#followed.set(session.id, session);
    this.#subscriptions.push(
      session.onDidChange((info) => void this.#peer.tell(Told.changed, plain(info))),
      session.onDidRun((result) => {
        void this.#peer.tell(Told.ran, { session: session.id, result: plain(result) });
      }),
      session.onDidEmit((event) => {
        void this.#peer.tell(Told.emitted, { session: session.id, event: plain(event) });
      }),
      session.onDidClose(() => {
        if (this.#followed.get(session.id) === session) this.#followed.delete(session.id);
        void this.#peer.tell(Told.closed, { session: session.id });
      }),
    );
  }

  async #run(params: RunParams, signal: AbortSignal) {
    const session = this.#session(params.session);
    const events = new EventBatch((batch, characters) => this.#sendEvents(params.run, batch, characters));
    const result = await session.run(params.code, {
      signal,
      ...(params.timeoutS === undefined ? {} : { timeoutS: params.timeoutS }),
      ...(params.origin === undefined ? {} : { origin: params.origin }),
      onEvent: (event) => events.add(event),
      ...(params.answersInput
        ? {
            onInput: (request, withdrawn) => {
              // What was printed before the question is seen before it.
              events.flush();
              return this.#peer.call(ToClient.input, { run: params.run, request }, withdrawn);
            },
          }
        : {}),
    });
    events.flush();
    return plain(result);
  }

  #sendEvents(run: string, events: readonly RunEvent[], characters: number): void {
    this.#unsentCharacters += characters;
    if (this.#unsentCharacters > MAX_UNSENT_CHARACTERS) {
      this.#options.log('A client that does not read its output was disconnected.');
      this.destroy();
      return;
    }
    void this.#peer.tell(Told.events, { run, events: plain(events) }).then(() => {
      this.#unsentCharacters -= characters;
    });
  }

  #session(id: string): Session {
    this.#requireGreeting();
    const session = this.#followed.get(id) ?? this.#manager.get(id);
    if (session) return session;
    throw new CodeModeError('closed', 'The session is closed.', {
      hint: 'Start a new session to run code again.',
    });
  }

  #requireGreeting(): void {
    if (!this.#greeted) throw new CodeModeError('usage', 'The token has to be shown first.');
  }
}

type RunParams = (typeof ToServer)['run']['params']['_output'];

/** Gathers the events of one turn of the event loop: a message for each of 100,000 lines would cost more than the lines. */
class EventBatch {
  readonly #send: (events: readonly RunEvent[], characters: number) => void;
  #events: RunEvent[] = [];
  #characters = 0;
  #scheduled: NodeJS.Immediate | undefined;

  constructor(send: (events: readonly RunEvent[], characters: number) => void) {
    this.#send = send;
  }

  add(event: RunEvent): void {
    this.#events.push(event);
    this.#characters += 'text' in event ? event.text.length : 1;
    this.#scheduled ??= setImmediate(() => this.flush());
  }

  flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    if (this.#events.length === 0) return;
    const [events, characters] = [this.#events, this.#characters];
    this.#events = [];
    this.#characters = 0;
    this.#send(events, characters);
  }
}

/** What the contract gives is plain data already; its arrays are read-only where the schema's are not. */
function plain(data: object): never {
  return data as never;
}

/** The answer to a call that has none. */
async function nothing(done: Promise<void>): Promise<null> {
  await done;
  return null;
}

/** Takes the same time whatever is compared. */
function sameSecret(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
