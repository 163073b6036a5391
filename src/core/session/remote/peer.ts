import type { Socket } from 'node:net';
import {
  type CancellationToken,
  CancellationTokenSource,
  createMessageConnection,
  type MessageConnection,
  ResponseError,
} from 'vscode-jsonrpc/node';
import type { z } from 'zod';
import { CodeModeError } from '../../contract/errors.ts';
import type { NotificationDefinition, RequestDefinition } from './definitions.ts';
import { SocketMessageReader, SocketMessageWriter } from './messageStreams.ts';
import { WireErrorSchema } from './wire.ts';

/** In the range that JSON-RPC leaves to applications. */
const CODE_MODE_ERROR = 1;

/** What a peer says when the connection goes away under a call. */
export type LostConnection = () => CodeModeError;

/** That the caller of a call wants it to end. */
export class Cancellation {
  readonly #token: CancellationToken;

  constructor(token: CancellationToken) {
    this.#token = token;
  }

  /** Calls the listener once it is wanted, at once if it is already. */
  onRequest(listener: () => void): void {
    if (this.#token.isCancellationRequested) listener();
    else this.#token.onCancellationRequested(listener);
  }

  /** Aborted once it is wanted. */
  get signal(): AbortSignal {
    const controller = new AbortController();
    this.onRequest(() => controller.abort());
    return controller.signal;
  }
}

/** One end of the connection: calls in both directions, every message checked against its schema. */
export class Peer {
  readonly #connection: MessageConnection;
  readonly #reader: SocketMessageReader;
  readonly #socket: Socket;
  readonly #lost: LostConnection;
  readonly #closed: Promise<void>;

  constructor(socket: Socket, lost: LostConnection) {
    this.#socket = socket;
    this.#lost = lost;
    this.#reader = new SocketMessageReader(socket);
    this.#connection = createMessageConnection(this.#reader, new SocketMessageWriter(socket));
    // Without a listener an error of the socket would end the process; its close is what counts here.
    socket.on('error', () => undefined);
    this.#connection.onError(() => socket.destroy());
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
    // Disposing is what rejects the calls that wait for an answer.
    void this.#closed.then(() => this.#connection.dispose());
  }

  /** Resolves when the connection is gone, whoever ended it. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Bytes that were told and that the other side has not begun to read. */
  get waitingBytes(): number {
    return this.#socket.writableLength;
  }

  /** Resolves once nothing waits any more, after {@link waitingBytes} were many; or the connection is gone. */
  drained(): Promise<void> {
    return Promise.race([this.#closed, new Promise<void>((resolve) => this.#socket.once('drain', resolve))]);
  }

  /** Ends the connection where a message of the other side is larger than this, in bytes. */
  acceptUpTo(bytes: number): void {
    this.#reader.maxContentBytes = bytes;
  }

  /** Starts receiving; handlers are registered before. */
  listen(): void {
    this.#connection.listen();
  }

  /** Makes a call. Aborting `signal` asks the other side to cancel it; its answer is awaited all the same. */
  async call<Params extends z.ZodType, Result extends z.ZodType>(
    definition: RequestDefinition<Params, Result>,
    params: z.input<Params>,
    signal?: AbortSignal,
  ): Promise<z.output<Result>> {
    if (this.#socket.destroyed) throw this.#lost();
    try {
      const answer = signal
        ? await this.#callUntil(signal, definition.method, params)
        : await this.#connection.sendRequest(definition.method, params);
      return check(definition.result, answer, definition.method);
    } catch (error) {
      throw this.#revive(error);
    }
  }

  /** Makes a call that can be cancelled. */
  async #callUntil(signal: AbortSignal, method: string, params: unknown): Promise<unknown> {
    const source = new CancellationTokenSource();
    const cancel = () => source.cancel();
    try {
      const pending = this.#connection.sendRequest(method, params, source.token);
      // Cancelling before the request is written would only be forgotten.
      if (signal.aborted) cancel();
      signal.addEventListener('abort', cancel, { once: true });
      return await pending;
    } finally {
      signal.removeEventListener('abort', cancel);
      source.dispose();
    }
  }

  /** Answers a call. Cancelling is the caller's wish, not what happens when the caller goes away. */
  handle<Params extends z.ZodType, Result extends z.ZodType>(
    definition: RequestDefinition<Params, Result>,
    handler: (params: z.output<Params>, cancellation: Cancellation) => Promise<z.input<Result>>,
  ): void {
    this.#connection.onRequest(definition.method, async (params: unknown, token) => {
      try {
        return await handler(check(definition.params, params, definition.method), new Cancellation(token));
      } catch (error) {
        return toResponseError(error);
      }
    });
  }

  /** Tells the other side; resolves when it is written, or when there is nobody any more to tell. */
  async tell<Params extends z.ZodType>(
    definition: NotificationDefinition<Params>,
    params: z.input<Params>,
  ): Promise<void> {
    if (this.#socket.destroyed) return;
    // A failure to write ends in `closed`, which is where it is dealt with.
    await this.#connection.sendNotification(definition.method, params).catch(() => undefined);
  }

  hear<Params extends z.ZodType>(
    definition: NotificationDefinition<Params>,
    listener: (params: z.output<Params>) => void,
  ): void {
    this.#connection.onNotification(definition.method, (params: unknown) => {
      listener(check(definition.params, params, definition.method));
    });
  }

  /** Ends the connection at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #revive(error: unknown): CodeModeError {
    if (CodeModeError.is(error)) return error;
    if (error instanceof ResponseError && error.code === CODE_MODE_ERROR) {
      const wire = WireErrorSchema.safeParse(error.data);
      if (wire.success) {
        const { code, message, hint } = wire.data;
        return new CodeModeError(code, message, hint === undefined ? {} : { hint });
      }
    }
    if (this.#socket.destroyed) return this.#lost();
    return new CodeModeError('protocol', `The session's process failed: ${CodeModeError.describe(error)}`, {
      hint: 'Restart the session; if that does not help, reload the VS Code window.',
      cause: error,
    });
  }
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown, method: string): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new CodeModeError(
    'protocol',
    `A message of the session's connection can't be read ("${method}": ${issue?.path.join('.') || 'it'}: ${issue?.message}).`,
    { hint: 'Use the same version of Python Code Mode on both sides.', cause: parsed.error },
  );
}

function toResponseError(error: unknown): ResponseError<z.input<typeof WireErrorSchema>> {
  const code = CodeModeError.is(error) ? error.code : 'protocol';
  const message = error instanceof Error ? error.message : String(error);
  const hint = CodeModeError.is(error) ? error.hint : undefined;
  return new ResponseError(CODE_MODE_ERROR, message, {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
  });
}
