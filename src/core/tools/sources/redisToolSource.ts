import { setTimeout as delay } from 'node:timers/promises';
import { type AskPassword, Credentials } from '../../common/credentials.ts';
import { Emitter, type Subscription } from '../../common/events.ts';
import { CodeModeError } from '../../contract/errors.ts';
import { parseRedisUrl } from '../../storage/redis/address.ts';
import { RedisConnection, RedisTarget } from '../../storage/redis/connection.ts';
import { readTexts } from '../../storage/redis/texts.ts';
import { RedisWatcher } from '../../storage/redis/watcher.ts';
import type { SourceEntry, ToolSource } from './toolSource.ts';

/** Milliseconds after which Redis is asked again where it does not tell of changes by itself. */
const LOOK_MS = 1000;
/** Milliseconds for which a server that could not be asked is left alone. */
const PAUSE_MS = 5000;
/** Milliseconds after which others get what there is: somebody may be asked for a password. */
const PATIENCE_MS = 5000;

/** Where a {@link RedisToolSource} is. */
export interface RedisToolSourceOptions {
  readonly url: string;
  /** What every key begins with: tools are in the hash `{prefix}:__tools__`. */
  readonly prefix: string;
  readonly password: AskPassword;
  /** One line. */
  readonly log: (line: string) => void;
}

/** The tools of a Redis store: a field of a hash for each, its value the configuration as JSON or YAML. */
export class RedisToolSource implements ToolSource {
  readonly #key: string;
  readonly #connection: RedisConnection;
  readonly #watcher: RedisWatcher<'tools'>;
  readonly #log: (line: string) => void;
  readonly #changed = new Emitter<void>();
  #watching: Subscription | undefined;
  #entries: readonly SourceEntry[] = [];
  #isStale = true;
  /** When what is known is too old, by `performance.now()`. */
  #goodUntil = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;
  /** Whether it answered when it was asked last, and ever. */
  #isAnswering = false;
  #hasAnswered = false;
  #isGiven = false;
  #lastProblem = '';
  #isDisposed = false;

  readonly onDidChange = this.#changed.event;

  /** @throws UsageError for an address that can't be one */
  constructor({ url, prefix, password, log }: RedisToolSourceOptions) {
    this.#key = `${prefix}:__tools__`;
    const address = parseRedisUrl(url);
    const target = new RedisTarget(address, new Credentials(address.password, password));
    this.#connection = new RedisConnection(target);
    this.#watcher = new RedisWatcher(target, { tools: [this.#key] }, log);
    this.#log = log;
  }

  async list(): Promise<readonly SourceEntry[]> {
    if (this.#isDisposed || (this.#isFresh() && !this.#asking)) return this.#entries;
    this.#watching ??= this.#watcher.event(() => void this.#onChange());
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    const patience = new AbortController();
    await Promise.race([
      this.#asking,
      delay(PATIENCE_MS, undefined, { signal: patience.signal, ref: false }).catch(() => undefined),
    ]);
    patience.abort();
    this.#isGiven = true;
    return this.#entries;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#watching?.dispose();
    this.#watcher.dispose();
    this.#changed.dispose();
    await this.#connection[Symbol.asyncDispose]();
    await this.#asking;
  }

  #isFresh(): boolean {
    const isTold = this.#isAnswering && this.#watcher.hears;
    return !this.#isStale && (isTold || performance.now() < this.#goodUntil);
  }

  async #onChange(): Promise<void> {
    this.#isStale = true;
    // It may have begun before the change.
    await this.#asking;
    await this.list();
  }

  async #ask(): Promise<void> {
    // What changes from now on is to be asked for again.
    this.#isStale = false;
    try {
      const command = ['HGETALL', this.#key];
      const texts = await readTexts(this.#connection, 'The tools in Redis could not be listed', command);
      this.#isAnswering = true;
      this.#hasAnswered = true;
      this.#lastProblem = '';
      this.#goodUntil = performance.now() + LOOK_MS;
      this.#take(entriesOf(texts));
    } catch (error) {
      this.#isAnswering = false;
      this.#goodUntil = performance.now() + PAUSE_MS;
      if (this.#isDisposed) return;
      const problem = CodeModeError.describe(error);
      if (problem !== this.#lastProblem) this.#log(`tools: ${problem}`);
      this.#lastProblem = problem;
      // What was there before still counts: the server may be back soon.
      if (!this.#hasAnswered) this.#take([{ entry: this.#key, problem }]);
    }
  }

  #take(entries: readonly SourceEntry[]): void {
    const before = new Map(this.#entries.map((one) => [one.entry, one]));
    const kept = entries.map((one) => {
      const same = before.get(one.entry);
      return same && JSON.stringify(same) === JSON.stringify(one) ? same : one;
    });
    const isSame =
      kept.length === this.#entries.length && kept.every((one, index) => one === this.#entries[index]);
    if (isSame) return;
    this.#entries = kept;
    if (this.#isGiven) this.#changed.fire();
  }
}

/** @param texts - fields and values by turns */
function entriesOf(texts: readonly string[]): SourceEntry[] {
  const entries: SourceEntry[] = [];
  for (let index = 0; index + 1 < texts.length; index += 2) {
    entries.push({ entry: texts[index]!, text: texts[index + 1]! });
  }
  return entries.sort((a, b) => (a.entry < b.entry ? -1 : 1));
}
