import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Emitter, type Subscription } from '../../common/events.ts';
import { describeAddress } from './address.ts';
import type { RedisTarget } from './connection.ts';
import { RedisLink, RedisRefusal } from './link.ts';
import { isNotReadyYet, isRefusedPassword, unreachable } from './redisErrors.ts';

const CONNECT_MS = 5000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** What changes within this time is one change to whoever listens. */
const GATHER_MS = 50;

/** What keys begin with, by the kind of content that they keep. */
type Prefixes<Content extends string> = Readonly<Record<Content, readonly string[]>>;

/**
 * Hears of every change to the store, by whomever it is made: the server itself tells, on a connection of its own.
 * That is open while somebody listens. Whenever it was opened, all kinds are said to have changed: nobody knows what
 * was missed before.
 */
export class RedisWatcher<Content extends string> implements Subscription {
  readonly #target: RedisTarget;
  readonly #prefixes: readonly (readonly [Content, readonly string[]])[];
  readonly #log: (line: string) => void;
  readonly #changed = new Emitter<Content>();
  readonly #gathered = new Set<Content>();
  #gathering: NodeJS.Timeout | undefined;
  #listeners = 0;
  /** Ends the watch that is under way. */
  #watch: AbortController | undefined;
  #hears = false;
  #disposed = false;

  constructor(target: RedisTarget, prefixes: Prefixes<Content>, log: (line: string) => void) {
    this.#target = target;
    this.#prefixes = Object.entries(prefixes) as [Content, readonly string[]][];
    this.#log = log;
  }

  /** Whether a change would be heard of right now. */
  get hears(): boolean {
    return this.#hears;
  }

  event(listener: (changed: Content) => void): Subscription {
    const subscription = this.#changed.event(listener);
    this.#listeners += 1;
    if (this.#listeners === 1 && !this.#disposed) {
      this.#watch = new AbortController();
      void this.#run(this.#watch.signal);
    }
    let ended = false;
    return {
      dispose: () => {
        if (ended) return;
        ended = true;
        subscription.dispose();
        this.#listeners -= 1;
        if (this.#listeners === 0) this.#stop();
      },
    };
  }

  dispose(): void {
    this.#disposed = true;
    this.#changed.dispose();
    this.#stop();
  }

  #stop(): void {
    this.#watch?.abort();
    this.#watch = undefined;
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#gathered.clear();
  }

  /** Connects, and again whenever the connection is lost. */
  async #run(signal: AbortSignal): Promise<void> {
    // Asked for once; afterwards it is what others have been told.
    let password = this.#target.credentials.password();
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        await this.#listen(await password, signal, () => {
          pauseMs = FIRST_PAUSE_MS;
        });
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof RedisRefusal && !isNotReadyYet(error) && !isRefusedPassword(error)) {
          const { message } = unreachable(error, describeAddress(this.#target.address));
          this.#log(`storage: changes are not heard of, views are to be refreshed by hand: ${message}`);
          return;
        }
      }
      await pause(pauseMs, signal);
      password =
        this.#target.credentials.known ?? Promise.reject(new Error('The password is not known yet.'));
      // It is waited for above, where that matters.
      password.catch(() => undefined);
    }
  }

  /** Until the connection is lost. */
  async #listen(password: string | undefined, signal: AbortSignal, onOpen: () => void): Promise<void> {
    const { address } = this.#target;
    const onInvalidate = (key: string | undefined) => this.#onKey(key);
    const link = await RedisLink.open({ address, password, timeoutMs: CONNECT_MS, onInvalidate, signal });
    try {
      // The client asks for the keys that it has read itself; what is wanted are those of the store.
      await link.send(['CLIENT', 'TRACKING', 'OFF']);
      const prefixes = this.#prefixes.flatMap(([, some]) => some.flatMap((prefix) => ['PREFIX', prefix]));
      await link.send(['CLIENT', 'TRACKING', 'ON', 'BCAST', ...prefixes]);
      onOpen();
      this.#hears = true;
      this.#onKey(undefined);
      if (!link.ended.aborted) await once(link.ended, 'abort');
    } finally {
      this.#hears = false;
      link.end();
    }
  }

  /** @param key undefined: any of them */
  #onKey(key: string | undefined): void {
    for (const [content, prefixes] of this.#prefixes) {
      if (key === undefined || prefixes.some((prefix) => key.startsWith(prefix))) this.#gathered.add(content);
    }
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      const all = [...this.#gathered];
      this.#gathered.clear();
      for (const each of all) this.#changed.fire(each);
    }, GATHER_MS).unref();
  }
}

/** Does not keep the process alive. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
}
