import { Emitter } from '../../../common/events.ts';
import { unlessAborted } from '../../../common/unlessAborted.ts';
import { ClosedError, CodeModeError, ToolFailedError } from '../../../contract/errors.ts';
import type { ToolHealth, ToolState } from '../../../contract/tools.ts';
import { READY } from '../../health.ts';
import type { ToolDescription, ToolServer, ToolServices } from '../../tool.ts';
import { McpConnection } from './connection.ts';
import { Crashes } from './crashes.ts';
import { describeTools } from './describe.ts';
import { describeEndpoint, type Endpoint, fillEndpoint } from './endpoint.ts';
import { complaintsOf, type FailureContext, ServerEndedError, startFailure } from './failures.ts';
import { ServerLog } from './serverLog.ts';

/** Milliseconds until a server has to be ready: npx and uvx may download it first. */
const START_TIMEOUT_MS = 120_000;
/** Milliseconds between two lines of the log that say that a server is still starting. */
const PATIENCE_MS = 10_000;
/** Lines of standard error that explain a failure. */
const MAX_COMPLAINTS = 6;

/** What a server is. */
export interface ServerOptions {
  /** Of its tool. */
  readonly name: string;
  /** Of its tool's definition. */
  readonly digest: string;
  /** Not filled. */
  readonly endpoint: Endpoint;
  readonly services: ToolServices;
  readonly startTimeoutMs?: number;
}

/** A start, and what came of it. */
interface Start {
  readonly connection: Promise<McpConnection>;
  readonly giveUp: AbortController;
}

/** One MCP server: started when it is first needed, started again when it was lost. */
export class McpServer implements ToolServer, AsyncDisposable {
  readonly #name: string;
  readonly #digest: string;
  readonly #endpoint: Endpoint;
  readonly #services: ToolServices;
  readonly #startTimeoutMs: number;
  readonly #changed = new Emitter<void>();
  readonly #log = new ServerLog();
  readonly #crashes = new Crashes();
  /** What it said last on standard error since its start. */
  #complaints: string[] = [];
  #start: Start | undefined;
  /** What was stopped is gone then. */
  #ending: Promise<unknown> = Promise.resolve();
  #description: ToolDescription | undefined;
  #health = READY;
  #isDisposed = false;

  /** Its health or its tools have changed. */
  readonly onDidChange = this.#changed.event;
  /** For the errors that are made of its failures. */
  readonly failures: FailureContext;

  constructor({ name, digest, endpoint, services, startTimeoutMs = START_TIMEOUT_MS }: ServerOptions) {
    this.#name = name;
    this.#digest = digest;
    this.#endpoint = endpoint;
    this.#services = services;
    this.#startTimeoutMs = startTimeoutMs;
    this.failures = { tool: name, endpoint, mask: services.mask, complaints: () => this.#complaints };
  }

  get health(): ToolHealth {
    return this.#health;
  }

  /** As it has listed its tools since this object was made; undefined: it has not been started yet. */
  get description(): ToolDescription | undefined {
    return this.#description;
  }

  /**
   * The server, started where it does not run; all who wait share one start, which goes on when one gives up.
   * @throws CodeModeError
   */
  async connection(signal?: AbortSignal): Promise<McpConnection> {
    if (this.#isDisposed) throw new ClosedError(`The tool ${this.#name}`);
    signal?.throwIfAborted();
    this.#start ??= this.#begin();
    return await unlessAborted(this.#start.connection, signal);
  }

  async restart(): Promise<void> {
    await this.stop();
    this.#crashes.forget();
    await this.connection();
  }

  async stop(): Promise<void> {
    const start = this.#start;
    this.#start = undefined;
    if (start) this.#ending = Promise.all([this.#ending, this.#endOf(start)]);
    await this.#ending;
  }

  log(): string {
    return this.#log.text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.stop();
    this.#changed.dispose();
  }

  async #endOf({ giveUp, connection }: Start): Promise<void> {
    giveUp.abort(new ToolFailedError(`The MCP server of the tool ${this.#name} was stopped.`));
    await (await connection.catch(() => undefined))?.close();
    this.#say('stopped');
    if (!this.#start) this.#setHealth('ready', '');
  }

  #begin(): Start {
    const pauseMs = this.#crashes.pauseMs();
    if (pauseMs > 0) {
      throw new ToolFailedError(
        `The MCP server of the tool ${this.#name} has crashed ${this.#crashes.count} times, and is not started for the next ${Math.ceil(pauseMs / 1000)} s.${complaintsOf(this.failures)}`,
        { hint: 'Its log says more. Restart the server in the Tools view to start it at once.' },
      );
    }
    const giveUp = new AbortController();
    const start: Start = { giveUp, connection: this.#open(giveUp.signal) };
    const forget = () => {
      if (this.#start === start) this.#start = undefined;
    };
    start.connection.then((connection) => connection.onDidEnd(forget), forget);
    return start;
  }

  async #open(signal: AbortSignal): Promise<McpConnection> {
    const what = describeEndpoint(this.#endpoint);
    const isProgram = this.#endpoint.kind === 'stdio';
    const limit = `${this.#startTimeoutMs / 1000} s`;
    this.#complaints = [];
    this.#say(isProgram ? `starting ${what}` : `connecting to ${what}`);
    this.#setHealth(
      'starting',
      isProgram ? `${what}; a first start may download it, and has ${limit}` : `Connecting to ${what}`,
    );
    const begun = performance.now();
    const seconds = () => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
    const progress = setInterval(() => this.#say(`still starting after ${seconds()}`), PATIENCE_MS);
    try {
      const connection = await this.#connect(signal);
      this.#say(`${connection.serverName || 'the server'} is ready after ${seconds()}`);
      this.#setHealth('running', connection.serverName);
      return connection;
    } catch (error) {
      const failure = startFailure(error, this.failures);
      this.#say(failure.message);
      // Who stops it says what it is then.
      if (!signal.aborted) this.#setHealth('failed', this.#services.mask(CodeModeError.describe(failure)));
      throw failure;
    } finally {
      clearInterval(progress);
    }
  }

  async #connect(signal: AbortSignal): Promise<McpConnection> {
    const { fill, workingFolder, proxy, version } = this.#services;
    const endpoint = await fillEndpoint(this.#endpoint, fill);
    const startTimeoutMs = this.#startTimeoutMs;
    const onLine = (line: string) => this.#complain(line);
    const begun = performance.now();
    const lost = () => {
      if (endpoint.kind === 'stdio' && !signal.aborted) this.#crashes.note(performance.now() - begun);
    };
    let connection: McpConnection | undefined;
    try {
      const options = { endpoint, workingFolder, proxy, version, signal, startTimeoutMs, onLine };
      connection = await McpConnection.open(options);
      await this.#list(connection, signal);
    } catch (error) {
      await connection?.close();
      if (error instanceof ServerEndedError) lost();
      throw error;
    }
    connection.onDidEnd((end) => {
      lost();
      if (!signal.aborted) this.#fail(end);
    });
    this.#followTools(connection, signal);
    return connection;
  }

  #followTools(connection: McpConnection, signal: AbortSignal): void {
    let listing = Promise.resolve();
    connection.onDidChangeTools(() => {
      // One after the other, so that the newest list is the last.
      listing = listing
        .then(() => this.#list(connection, signal))
        .catch((error: unknown) => {
          if (connection.end === undefined)
            this.#say(`its new list of tools could not be read: ${String(error)}`);
        });
    });
  }

  async #list(connection: McpConnection, signal: AbortSignal): Promise<void> {
    const description = describeTools(await connection.listTools(signal, this.#startTimeoutMs));
    this.#description = description;
    this.#services.descriptions.set(this.#digest, description);
    this.#say(`has ${description.callables.length} tools`);
    this.#changed.fire();
  }

  /** The server is gone, and nobody wanted that. */
  #fail(end: string): void {
    const failure = `The server ${end}.${complaintsOf(this.failures)}`;
    this.#say(failure);
    this.#setHealth('failed', `${failure}\nThe next call starts it again.`);
  }

  #complain(line: string): void {
    this.#complaints = [...this.#complaints, line].slice(-MAX_COMPLAINTS);
    this.#say(`| ${line}`);
  }

  #say(text: string): void {
    for (const line of this.#services.mask(text).split('\n')) {
      this.#log.add(line);
      this.#services.log(`MCP server of ${this.#name}: ${line}`);
    }
  }

  #setHealth(state: ToolState, detail: string): void {
    this.#health = { state, detail };
    this.#changed.fire();
  }
}
