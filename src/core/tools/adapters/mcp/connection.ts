import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { ClientRequest } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { Emitter } from '../../../common/events.ts';
import type { Json } from '../../../contract/execution.ts';
import { type ListedTool, ListedToolsSchema } from './describe.ts';
import { isClosed, ServerEndedError } from './failures.ts';
import { type CallResult, CallResultSchema } from './results.ts';
import { type OpenTransport, openTransport, type TransportOptions } from './transports.ts';

type ClientModule = typeof import('./mcpClient.ts');

/** Milliseconds for a server over HTTP to show that it still knows us. */
const PING_MS = 5_000;
/** Pages of a list of tools; more is a server that never ends. */
const MAX_PAGES = 1_000;

/** How a server is connected to. */
export interface ConnectionOptions extends TransportOptions {
  /** Of this extension. */
  readonly version: string;
  /** Milliseconds until it has to be ready. */
  readonly startTimeoutMs: number;
  /** Aborted when the start is given up. */
  readonly signal: AbortSignal;
}

/** A call as it is sent. */
export interface CallOptions {
  /** As the server names it. */
  readonly name: string;
  readonly arguments: Readonly<Record<string, Json>>;
  readonly signal: AbortSignal;
  /** Milliseconds without an answer or progress. */
  readonly timeoutMs: number;
  readonly onProgress: (message: string) => void;
}

/** A server that has introduced itself. */
export class McpConnection {
  readonly #sdk: ClientModule;
  readonly #client: Client;
  readonly #opened: OpenTransport;
  readonly #toolsChanged = new Emitter<void>();
  readonly #ended = new Emitter<string>();
  #end: string | undefined;
  #closing: Promise<void> | undefined;
  #isChecking = false;

  /** The server says that its list of tools is another one now. */
  readonly onDidChangeTools = this.#toolsChanged.event;
  /** The connection is gone, why: to follow "the server". Once, also because of {@link close}. */
  readonly onDidEnd = this.#ended.event;

  private constructor(sdk: ClientModule, { workingFolder, version, onLine, ...options }: ConnectionOptions) {
    this.#sdk = sdk;
    this.#opened = openTransport(sdk, { workingFolder, onLine, ...options });
    this.#client = new sdk.Client(
      { name: 'python-code-mode', title: 'Python Code Mode', version },
      { capabilities: workingFolder === undefined ? {} : { roots: {} } },
    );
    if (workingFolder !== undefined) {
      const root = { uri: pathToFileURL(workingFolder).href, name: path.basename(workingFolder) };
      this.#client.setRequestHandler(sdk.ListRootsRequestSchema, () => ({ roots: [root] }));
    }
    this.#client.setNotificationHandler(sdk.ToolListChangedNotificationSchema, () =>
      this.#toolsChanged.fire(),
    );
    this.#client.setNotificationHandler(sdk.LoggingMessageNotificationSchema, ({ params }) => {
      const { level, data } = params;
      onLine(`(${level}) ${typeof data === 'string' ? data : JSON.stringify(data)}`);
    });
    this.#client.onclose = () => this.#lost(this.#opened.end());
    this.#client.onerror = ({ message }) => {
      if (this.#end !== undefined) return;
      onLine(`(in the connection) ${message}`);
      if (options.endpoint.kind !== 'stdio') void this.#check(options.endpoint.kind);
    };
  }

  /**
   * Starts or reaches the server, and waits until it is ready.
   * @throws ServerEndedError, or what else went wrong, as the system or the protocol has it; nothing is left of it then
   */
  static async open(options: ConnectionOptions): Promise<McpConnection> {
    const connection = new McpConnection(await import('./mcpClient.ts'), options);
    try {
      await connection.#connect(options);
      return connection;
    } catch (error) {
      const explained = connection.#explain(error);
      await connection.close();
      throw explained;
    }
  }

  /** What the server says it is: its name and version. */
  get serverName(): string {
    const { name = '', version = '' } = this.#client.getServerVersion() ?? {};
    return [name, version].filter(Boolean).join(' ');
  }

  /** As {@link onDidEnd} has said it; undefined: the connection is there. */
  get end(): string | undefined {
    return this.#end;
  }

  /**
   * All tools of the server, page by page.
   * @throws ServerEndedError, or what else went wrong, as the protocol has it
   */
  async listTools(signal: AbortSignal, timeoutMs: number): Promise<readonly ListedTool[]> {
    const tools: ListedTool[] = [];
    if (!this.#client.getServerCapabilities()?.tools) return tools;
    let params: { cursor?: string } = {};
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const request = { method: 'tools/list' as const, params };
      const options = { signal, timeout: timeoutMs };
      const listed = await this.#ask(ListedToolsSchema, request, options);
      tools.push(...listed.tools);
      if (!listed.nextCursor) break;
      params = { cursor: listed.nextCursor };
    }
    return tools;
  }

  /**
   * An error that the tool itself answers is a result.
   * @throws ServerEndedError, or what else went wrong, as the protocol has it
   */
  async call({ name, signal, timeoutMs, onProgress, ...call }: CallOptions): Promise<CallResult> {
    signal.throwIfAborted();
    // A signal of its own, since the client listens to it for ever, and a run makes many calls.
    const abort = new AbortController();
    const cancel = () => abort.abort(signal.reason);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const request = { method: 'tools/call' as const, params: { name, arguments: { ...call.arguments } } };
      return await this.#ask(CallResultSchema, request, {
        signal: abort.signal,
        timeout: timeoutMs,
        resetTimeoutOnProgress: true,
        onprogress: ({ progress, total, message }) => {
          const share = total === undefined ? `${progress}` : `${progress} of ${total}`;
          onProgress(message ? `${message} (${share})` : share);
        },
      });
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  /** Ends it, and the server if it is a program of ours. Waits until it is gone. @param end what calls under way hear */
  close(end = 'was stopped'): Promise<void> {
    this.#end ??= end;
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Asks the server, and checks what it answers. */
  async #ask<T>(schema: z.ZodType<T>, request: ClientRequest, options: RequestOptions): Promise<T> {
    const answer = await this.#client
      .request(request, this.#sdk.ResultSchema, options)
      .catch((error: unknown) => Promise.reject(this.#explain(error)));
    const { success, data, error } = schema.safeParse(answer);
    if (success) return data;
    throw new Error(`the answer of the server is not as the protocol has it: ${z.prettifyError(error)}`);
  }

  #explain(error: unknown): unknown {
    const end = this.#end;
    return end !== undefined && isClosed(error) ? new ServerEndedError(end, { cause: error }) : error;
  }

  async #close(): Promise<void> {
    await this.#opened.goodbye();
    await this.#client.close();
    await this.#opened.release();
    this.#lost();
  }

  /** The client's own timeout counts from when the program runs, and does not end what hangs before. */
  async #connect({ signal, startTimeoutMs }: ConnectionOptions): Promise<void> {
    signal.throwIfAborted();
    let patience: NodeJS.Timeout | undefined;
    let giveUp = (): void => undefined;
    const givenUp = new Promise<never>((_, reject) => {
      const late = new Error(`it was not ready within ${startTimeoutMs / 1000} s`);
      patience = setTimeout(() => reject(late), startTimeoutMs);
      giveUp = () => reject(signal.reason);
      signal.addEventListener('abort', giveUp, { once: true });
    });
    const connecting = this.#client.connect(this.#opened.transport, { timeout: startTimeoutMs * 2 });
    try {
      await Promise.race([connecting, givenUp]);
    } finally {
      connecting.catch(() => undefined);
      clearTimeout(patience);
      signal.removeEventListener('abort', giveUp);
    }
  }

  /**
   * Something went wrong over HTTP: is the server still there? An event stream that breaks is of no use even if it is:
   * the next one is a new session.
   */
  async #check(kind: 'sse' | 'streamable_http'): Promise<void> {
    const isReady = this.#client.getServerVersion() !== undefined;
    if (!isReady || this.#isChecking || this.#end !== undefined) return;
    this.#isChecking = true;
    const isThere =
      kind === 'streamable_http' &&
      (await this.#client.ping({ timeout: PING_MS }).then(
        () => true,
        () => false,
      ));
    this.#isChecking = false;
    if (!isThere) await this.close('can no longer be reached');
  }

  #lost(end = 'was stopped'): void {
    this.#end ??= end;
    this.#ended.fire(this.#end);
    this.#ended.dispose();
  }
}
