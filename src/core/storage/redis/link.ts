import type { RedisAddress } from './address.ts';

type ClientModule = typeof import('./redisClient.ts');

/** A command's words; text is sent as UTF-8. */
export type Command = readonly (string | Buffer)[];
/** What Redis answers; its strings come as bytes, but for states such as `OK`. */
export type Reply = Buffer | string | number | null | readonly Reply[];

/** An answer that is an error: `WRONGTYPE Operation against a key …`. */
export class RedisRefusal extends Error {
  /** The first word, such as `WRONGTYPE`. */
  readonly code: string;

  /** @param answer as the server gave it; where it repeats the command, that is left out: a password may be in it */
  constructor(answer: string) {
    const message = answer.replace(/, with args beginning with:.*/s, '');
    super(message);
    this.code = /^-?([A-Z]+)\b/.exec(message)?.[1] ?? 'ERR';
  }
}

/** The connection ended while something was under way: whether the server did it is not known. */
export class LinkLost extends Error {
  /** Whether the server was silent for too long; otherwise the connection broke. */
  readonly silent: boolean;
  /** Whether the connection was there, and was ended by the other side. */
  readonly wasOpen: boolean;

  constructor(silent: boolean, cause: unknown) {
    super(silent ? 'the server does not answer' : reason(cause), { cause });
    this.silent = silent;
    this.wasOpen = /ECONNRESET|EPIPE|closed unexpectedly/.test(this.message);
  }
}

/** What a {@link RedisLink} is opened with. */
export interface RedisLinkOptions {
  readonly address: RedisAddress;
  readonly password: string | undefined;
  /** Milliseconds in which it must be open. */
  readonly timeoutMs: number;
  /** Ends it when it is aborted. */
  readonly signal: AbortSignal;
  /** For a link that listens: called with each key that was changed, or undefined for all of them. */
  readonly onInvalidate?: (key: string | undefined) => void;
}

/** The server is to answer something within this time, longer where much is on its way. */
const SILENCE_MS = 10_000;
/** The slowest network that is put up with. */
const BYTES_PER_MS = 50;

/**
 * One open connection. It is never mended: once it is lost, whoever uses it opens another. It keeps the process
 * alive only while something is under way.
 */
export class RedisLink {
  readonly #module: ClientModule;
  readonly #client: ReturnType<typeof makeClient>;
  #pending = 0;
  #bytes = 0;
  #watchdog: NodeJS.Timeout | undefined;
  #lastAnswer = 0;
  #silent = false;
  /** Why the server takes none, where it does not. */
  #noTransactions: unknown;
  readonly #ended = new AbortController();

  private constructor(module: ClientModule, options: RedisLinkOptions) {
    this.#module = module;
    this.#client = makeClient(module, options);
    const { signal } = options;
    const abort = () => this.end();
    signal.addEventListener('abort', abort, { once: true });
    const ended = () => {
      signal.removeEventListener('abort', abort);
      clearTimeout(this.#watchdog);
      this.#ended.abort();
    };
    // An error is told to those whose commands it ends; without a listener it would end the process.
    this.#client.on('error', () => undefined);
    this.#client.on('end', ended);
    this.#client.on('terminated', () => {
      ended();
      // What is under way hears of the reason first.
      setImmediate(() => this.#client.destroy());
    });
    const { onInvalidate } = options;
    if (onInvalidate) {
      this.#client.on('invalidate', (key: Buffer | string | null) => onInvalidate(key?.toString()));
    }
  }

  /** @throws RedisRefusal, or what the system says */
  static async open(options: RedisLinkOptions): Promise<RedisLink> {
    const module = await import('./redisClient.ts');
    if (options.signal.aborted) throw new LinkLost(false, undefined);
    const link = new RedisLink(module, options);
    let timer: NodeJS.Timeout | undefined;
    try {
      const tooLate = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new LinkLost(true, undefined)), options.timeoutMs);
      });
      await Promise.race([link.#client.connect(), tooLate]);
      link.#client.unref();
      return link;
    } catch (error) {
      link.end();
      throw link.#translated(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Aborted when it has ended, for whatever reason. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /**
   * Whether the server takes commands, and transactions: where it refuses to begin one, what follows would be done one by one.
   * @throws RedisRefusal, LinkLost
   */
  async check(): Promise<void> {
    const answers = await Promise.allSettled(
      // A server that wants a password says so at the first command only.
      [['PING'], ['MULTI'], ['DISCARD']].map((command) => this.send(command)),
    );
    const [ping, multi] = answers.map((answer) => (answer.status === 'rejected' ? answer.reason : undefined));
    if (ping !== undefined && !isForbidden(ping)) throw ping;
    if (multi !== undefined && !isForbidden(multi)) throw multi;
    this.#noTransactions = multi;
  }

  /** @throws RedisRefusal, LinkLost */
  async send(command: Command): Promise<Reply> {
    return await this.#tracked(sizeOf(command), () => this.#sendForBytes(command));
  }

  /** As {@link send}; strings of the answer come as text. */
  async sendForText(command: Command): Promise<unknown> {
    return await this.#tracked(sizeOf(command), () => this.#client.sendCommand<unknown>(command));
  }

  /**
   * All of the commands or, where the connection is lost on the way, none.
   * @returns undefined where a key that was watched has changed: nothing was done then
   * @throws RedisRefusal of the first that was refused; the others were done if they could be queued
   */
  async transaction(commands: readonly Command[]): Promise<readonly Reply[] | undefined> {
    if (this.#noTransactions !== undefined) throw this.#noTransactions;
    const bytes = commands.reduce((sum, command) => sum + sizeOf(command), 0);
    return await this.#tracked(bytes, async () => {
      // In one go, so that nothing comes between them; the client's own transactions answer no bytes.
      const sent = [['MULTI'], ...commands, ['EXEC']].map((command) => this.#sendForBytes(command));
      const answers = await Promise.allSettled(sent);
      const refused = answers.find((answer) => answer.status === 'rejected');
      if (refused) throw refused.reason;
      const replies = await sent[sent.length - 1];
      if (!Array.isArray(replies)) return undefined;
      const failed: unknown = replies.find((reply: unknown) => reply instanceof this.#module.ErrorReply);
      if (failed !== undefined) throw failed;
      return replies;
    });
  }

  /**
   * One after the other without a wait between them; others may come in between. Where the memory of the server is full it
   * takes no transactions at all, not even of reads.
   * @param expectedBytes about how long the answer is, where it is long
   */
  async inTurn(commands: readonly Command[], expectedBytes = 0): Promise<readonly Reply[]> {
    const bytes = commands.reduce((sum, command) => sum + sizeOf(command), expectedBytes);
    return await this.#tracked(bytes, () =>
      Promise.all(commands.map((command) => this.#sendForBytes(command))),
    );
  }

  /** A {@link transaction} that makes room: where the memory is full, the commands are done {@link inTurn}. */
  async freeingTransaction(commands: readonly Command[]): Promise<readonly Reply[] | undefined> {
    try {
      return await this.transaction(commands);
    } catch (error) {
      if (error instanceof RedisRefusal && error.code === 'OOM') return await this.inTurn(commands);
      throw error;
    }
  }

  /** Ends it at once; what is under way fails. */
  end(): void {
    this.#client.destroy();
  }

  #sendForBytes(command: Command): Promise<Reply> {
    const typeMapping = { [this.#module.RESP_TYPES.BLOB_STRING]: Buffer };
    return this.#client.sendCommand<Reply>(command, { typeMapping });
  }

  async #tracked<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (this.ended.aborted) throw new LinkLost(false, undefined);
    this.#pending += 1;
    this.#bytes += bytes;
    if (this.#pending === 1) {
      this.#client.ref();
      this.#lastAnswer = performance.now();
      this.#guard(SILENCE_MS);
    }
    try {
      return await work();
    } catch (error) {
      throw this.#translated(error);
    } finally {
      this.#pending -= 1;
      this.#bytes -= bytes;
      this.#lastAnswer = performance.now();
      if (this.#pending === 0) {
        clearTimeout(this.#watchdog);
        this.#client.unref();
      }
    }
  }

  #guard(afterMs: number): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      const left = this.#lastAnswer + SILENCE_MS + this.#bytes / BYTES_PER_MS - performance.now();
      if (left > 0) {
        this.#guard(left);
        return;
      }
      this.#silent = true;
      this.end();
    }, afterMs);
  }

  #translated(error: unknown): unknown {
    if (error instanceof LinkLost) return error;
    if (error instanceof this.#module.ErrorReply) return new RedisRefusal(error.message);
    return new LinkLost(this.#silent, error);
  }
}

function makeClient(module: ClientModule, { address, password, timeoutMs, onInvalidate }: RedisLinkOptions) {
  const { socket, database, username } = address;
  const common = { connectTimeout: timeoutMs, reconnectStrategy: false as const };
  return module.createClient({
    // Only who is told of changes needs the third version of the protocol; the second is what every server speaks.
    RESP: onInvalidate ? 3 : 2,
    socket: { ...common, ...socket },
    database,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    disableOfflineQueue: true,
    emitInvalidate: onInvalidate !== undefined,
    maintNotifications: 'disabled',
    // The client's own limit is a timer for each command, and ends when the command is sent.
    commandOptions: { timeout: 0 },
  });
}

function isForbidden(error: unknown): boolean {
  return error instanceof RedisRefusal && error.code === 'NOPERM';
}

function sizeOf(command: Command): number {
  let size = 0;
  for (const word of command) size += word.length;
  return size;
}

function reason(cause: unknown): string {
  return cause instanceof Error && cause.message !== '' ? cause.message : 'the connection was lost';
}

/** An answer that is text; null for any other. */
export function textOf(reply: Reply | undefined): string | null {
  return Buffer.isBuffer(reply) ? reply.toString() : typeof reply === 'string' ? reply : null;
}
