import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Subscription } from '../../common/events.ts';
import { CodeModeError } from '../../contract/errors.ts';
import type { LocalSession } from '../localSession.ts';
import type { Answerer, Approver } from '../runs/answers.ts';
import type { SessionRun } from '../runs/sessionRun.ts';
import type { SecretRequest } from '../secrets.ts';
import type { SessionInfo, SessionSpec } from '../session.ts';
import type { SessionTools } from '../tools.ts';
import { News } from './news.ts';
import { Peer } from './peer.ts';
import { RunStream } from './runStream.ts';
import { serveContainer } from './serveContainer.ts';
import { serveDependencies } from './serveDependencies.ts';
import {
  type ClientDescription,
  PROTOCOL_VERSION,
  parseClient,
  ToClient,
  Told,
  ToldServer,
  ToServer,
} from './wire.ts';

/** What a client may see of the server. */
export interface ServedClientHost {
  readonly token: string;
  readonly version: string;
  readonly log: (line: string) => void;
  /** The token was right: from now on it is told everything. */
  readonly onGreeted: (client: ServedClient) => void;
  readonly onKeepAlive: (seconds: number) => void;
  /** Whether it ended for having no session. */
  readonly endIfUnused: (client: ServedClient) => Promise<boolean>;
  readonly infos: () => readonly SessionInfo[];
  readonly infoOf: (session: LocalSession) => SessionInfo;
  /** @throws ClosedError */
  readonly session: (id: string) => LocalSession;
  /** Tells everybody at once what the session does now. */
  readonly tellStatus: (session: string) => void;
  readonly open: (spec: SessionSpec, client: ServedClient) => Promise<LocalSession>;
  readonly openWorkspace: (
    workspaceFolder: string,
    spec: SessionSpec,
    client: ServedClient,
  ) => Promise<LocalSession>;
  /** The tools for this client alone; to be disposed with it. */
  readonly viewTools: () => SessionTools & Subscription;
  /** Who else answers the questions of a session. */
  readonly othersFor: (session: string) => Iterable<Answerer>;
  /** Who allows its calls to tools, or not: `first` is asked first if it does. */
  readonly approversFor: (session: string, first: ServedClient) => Iterable<Approver>;
  /** One who allows calls to tools has gone, and is expected back. */
  readonly onApproverLeaves: () => void;
}

/** A stranger has this long to show the token, in milliseconds. */
const HELLO_MS = 5000;
/** The largest message of a stranger, and of a client: what it sends is code and answers. In bytes. */
const MAX_HELLO_BYTES = 64 * 1024;
const MAX_REQUEST_BYTES = 100_000_000;
/** Runs of one client that are still followed for what their background tasks print. */
const MAX_STREAMS = 256;

/** The server's side of one client. What the client started goes on when it disconnects. */
export class ServedClient {
  /** What all clients are told. */
  readonly news: News;
  readonly #peer: Peer;
  readonly #host: ServedClientHost;
  readonly #streams = new Map<string, RunStream>();
  /** Questions of runs that it started or follows, while it is there. */
  readonly #answers = new Map<SessionRun, Subscription>();
  readonly #answererFor = new Map<string, Answerer>();
  #description: ClientDescription | undefined;
  #hasLeft = false;

  constructor(socket: Socket, host: ServedClientHost) {
    this.#host = host;
    this.#peer = new Peer(socket, () => new CodeModeError('closed', 'The client has disconnected.'));
    this.news = new News(this.#peer, () => host.infos());
    this.#peer.acceptUpTo(MAX_HELLO_BYTES);
    this.#handleCalls();
    const patience = setTimeout(() => this.#description ?? this.destroy(), HELLO_MS);
    patience.unref();
    void this.#peer.closed.then(() => {
      clearTimeout(patience);
      this.#leave();
    });
    this.#peer.listen();
  }

  get closed(): Promise<void> {
    return this.#peer.closed;
  }

  /** Who it says it is; undefined until it has shown the token. */
  get description(): ClientDescription | undefined {
    return this.#description;
  }

  destroy(): void {
    this.#peer.destroy();
  }

  /** Asks it to open the workspace's session by its own settings. */
  async openWorkspace(): Promise<void> {
    await this.#peer.call(ToClient.openWorkspace, {});
  }

  /** Asks it for a secret; undefined where it has none. */
  async secret(request: SecretRequest): Promise<string | undefined> {
    return (await this.#peer.call(ToClient.secret, request)) ?? undefined;
  }

  /** Answers what code of a session asks that others have started; the same function for the same session. */
  answererFor(session: string): Answerer {
    let answerer = this.#answererFor.get(session);
    if (!answerer) {
      answerer = (request, signal) =>
        this.#peer.call(ToClient.input, { stream: null, session, request }, signal);
      this.#answererFor.set(session, answerer);
    }
    return answerer;
  }

  /** Asks its person whether a tool may be called; the same function each time. */
  readonly approver: Approver = (question, signal) =>
    this.#peer.call(ToClient.approve, question as never, signal);

  #handleCalls(): void {
    const peer = this.#peer;
    const host = this.#host;
    const session = (id: string): LocalSession => {
      this.#requireGreeting();
      return host.session(id);
    };
    peer.handle(ToServer.hello, async ({ protocol, token, client }) => this.#hello(protocol, token, client));
    peer.handle(ToServer.endIfUnused, async () => {
      this.#requireGreeting();
      return host.endIfUnused(this);
    });
    peer.handle(ToServer.open, async (spec) => {
      this.#requireGreeting();
      return plain(host.infoOf(await host.open(spec, this)));
    });
    peer.handle(ToServer.openWorkspace, async ({ workspaceFolder, spec }) => {
      this.#requireGreeting();
      return plain(host.infoOf(await host.openWorkspace(workspaceFolder, spec, this)));
    });
    /** Who is answered knows what has changed. */
    const settled = async (id: string, act: (session: LocalSession) => Promise<void>): Promise<null> => {
      await act(session(id));
      host.tellStatus(id);
      return null;
    };
    peer.handle(ToServer.start, ({ session: id }) => settled(id, (found) => found.start()));
    peer.handle(ToServer.run, async (params, cancellation) => {
      const { session: id, stream, answersInput, ...request } = params;
      const run = session(id).prepare({
        ...request,
        id: stream,
        startedBy: this.#description?.name ?? '',
        others: () => host.othersFor(id),
        approvers: () => host.approversFor(id, this),
      });
      cancellation.onRequest(() => run.cancel());
      const ended = this.#hear(run, session(id), stream, answersInput);
      run.begin();
      return ended();
    });
    peer.handle(ToServer.follow, async ({ session: id, stream, answersInput, run: runId }, cancellation) => {
      const run = session(id).findRun(runId);
      const ended = this.#hear(run, session(id), stream, answersInput);
      const stopped = new Promise<never>((_, reject) => {
        cancellation.onRequest(() => {
          this.#stopStream(stream);
          this.#stopAnswering(run);
          reject(new CodeModeError('cancelled', 'The run is not followed any more.'));
        });
      });
      return Promise.race([ended(), stopped]);
    });
    peer.handle(ToServer.runs, async ({ session: id }) => [...(await session(id).runs())]);
    this.#handleTools();
    serveDependencies(peer, (id) => session(id).dependencies);
    serveContainer(peer, (id) => session(id).container);
    peer.handle(ToServer.cancelStart, ({ session: id }) => settled(id, (found) => found.cancelStart()));
    peer.handle(ToServer.toolCalls, async ({ session: id, run }) => plain(await session(id).toolCalls(run)));
    peer.handle(ToServer.cancel, async ({ session: id, run }) => session(id).cancel(run));
    peer.handle(ToServer.memory, async ({ session: id }) => (await session(id).memory()) ?? null);
    peer.handle(ToServer.relabel, async ({ session: id, title, notebook }) =>
      settled(id, (found) => found.relabel({ title, ...(notebook === null ? {} : { notebook }) })),
    );
    peer.handle(ToServer.interrupt, async ({ session: id }) => session(id).interrupt());
    peer.handle(ToServer.reset, ({ session: id }) => settled(id, (found) => found.reset()));
    peer.handle(ToServer.restart, ({ session: id }) => settled(id, (found) => found.restart()));
    peer.handle(ToServer.close, ({ session: id }) => settled(id, (found) => found.close()));
    peer.handle(ToServer.complete, async ({ session: id, code, cursor }) => {
      const { start, end, items } = await session(id).complete(code, cursor);
      return { start, end, items: [...items] };
    });
    peer.handle(ToServer.inspect, async ({ session: id, code, cursor }) => session(id).inspect(code, cursor));
    peer.handle(ToServer.variables, async ({ session: id }) => [...(await session(id).variables())]);
    peer.hear(ToldServer.keepAlive, ({ seconds }) => {
      if (this.#description) host.onKeepAlive(seconds);
    });
  }

  /** What its person sees of the tools, and the tools that it provides. */
  #handleTools(): void {
    const peer = this.#peer;
    const view = this.#host.viewTools();
    const tools = () => {
      this.#requireGreeting();
      return view;
    };
    const changes = view.onDidChange(() => {
      if (this.#description) this.news.tell(Told.toolsChanged, {});
    });
    void peer.closed.then(() => {
      changes.dispose();
      view.dispose();
    });
    peer.handle(ToServer.toolStatuses, async (spec) => plain(await tools().statuses(spec)));
    peer.handle(ToServer.describeTool, async ({ toolbox, name }) =>
      plain(await tools().describe(toolbox, name)),
    );
    peer.handle(ToServer.restartTool, async ({ toolbox, name }) => {
      await tools().restart(toolbox, name);
      return null;
    });
    peer.handle(ToServer.stopTool, async ({ toolbox, name }) => {
      await tools().stop(toolbox, name);
      return null;
    });
    peer.handle(ToServer.toolLog, ({ toolbox, name }) => tools().log(toolbox, name));
    peer.handle(ToServer.forgetSecrets, async () => {
      await tools().forgetSecrets();
      return null;
    });
    peer.handle(ToServer.provideTools, async ({ tools: provided }) => {
      const callable = provided.map((tool) => ({
        ...tool,
        call: (name: string, given: Readonly<Record<string, unknown>>, signal: AbortSignal) =>
          peer.call(ToClient.callTool, { tool: tool.name, callable: name, arguments: given }, signal),
      }));
      await tools().provide(callable);
      return null;
    });
  }

  async #hello(protocol: number, token: string, client: unknown): Promise<never> {
    const host = this.#host;
    if (!sameSecret(token, host.token)) {
      host.log('A client without the right token was refused.');
      throw new CodeModeError('usage', 'The session host refused the connection: the token is wrong.', {
        hint: 'Try again: the host may have been replaced in this moment.',
      });
    }
    if (protocol !== PROTOCOL_VERSION) {
      throw new CodeModeError(
        'other-version',
        `The session host runs version ${host.version} of Python Code Mode, which speaks another protocol.`,
        { hint: 'Use the same version of the command line and of the extension.' },
      );
    }
    this.#description = parseClient(client);
    this.#peer.acceptUpTo(MAX_REQUEST_BYTES);
    if (this.#description.keepAliveS !== undefined) host.onKeepAlive(this.#description.keepAliveS);
    host.onGreeted(this);
    return plain({ version: host.version, sessions: host.infos() });
  }

  /** Starts telling the client of a run. @returns what waits for the run's end and gives the client's answer */
  #hear(run: SessionRun, session: LocalSession, stream: string, answersInput: boolean): () => Promise<never> {
    const events = new RunStream(this.#peer, stream, run);
    this.#streams.set(stream, events);
    const [oldest] = this.#streams.keys();
    if (this.#streams.size > MAX_STREAMS && oldest !== undefined) this.#stopStream(oldest);
    if (answersInput) {
      const answerer: Answerer = async (request, signal) => {
        // What was printed before the question is seen before it.
        await events.flush();
        return this.#peer.call(ToClient.input, { stream, session: session.id, request }, signal);
      };
      this.#answers.set(run, run.answers.add(answerer));
    }
    return async () => {
      try {
        const answer = await events.end(await run.result);
        if (!this.#hasLeft) run.markDelivered();
        return plain({ ...answer, status: session.status });
      } finally {
        this.#stopAnswering(run);
      }
    };
  }

  #stopStream(id: string): void {
    this.#streams.get(id)?.dispose();
    this.#streams.delete(id);
  }

  #stopAnswering(run: SessionRun): void {
    this.#answers.get(run)?.dispose();
    this.#answers.delete(run);
  }

  #leave(): void {
    this.#hasLeft = true;
    // First, so that what it was asked waits for it.
    if (this.#description?.comesBack && this.#description.approvesTools) this.#host.onApproverLeaves();
    for (const stream of this.#streams.values()) stream.dispose();
    this.#streams.clear();
    for (const [run, answering] of this.#answers) {
      // First, so that a question that it leaves open waits for it.
      if (this.#description?.comesBack) run.answers.expectBack();
      answering.dispose();
    }
    this.#answers.clear();
  }

  #requireGreeting(): void {
    if (!this.#description) throw new CodeModeError('usage', 'The token has to be shown first.');
  }
}

/** What the contract gives is plain data already; its arrays are read-only where the schema's are not. */
function plain(data: object): never {
  return data as never;
}

/** Takes the same time whatever is compared. */
function sameSecret(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
