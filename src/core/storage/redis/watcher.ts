import { Emitter, type Subscription } from '../../common/events.ts';
import type { StoreContent } from '../../contract/storage.ts';
import { describeAddress } from './address.ts';
import type { RedisTarget } from './connection.ts';
import type { RedisKeys } from './keys.ts';
import { LinkLost, RedisLink } from './link.ts';
import { isNotReadyYet, unreachable } from './redisErrors.ts';

const CONNECT_MS = 5000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** What changes within this time is one change to whoever listens. */
const GATHER_MS = 50;
const BOTH: readonly StoreContent[] = ['artifacts', 'workflows'];

/**
 * Hears of every change to the store, by whomever it is made: the server itself tells, on a connection of its own.
 * That is open while somebody listens. Changes that were made while it was lost are taken to be everywhere.
 */
export class RedisWatcher implements Subscription {
  readonly #target: RedisTarget;
  readonly #keys: RedisKeys;
  readonly #log: (line: string) => void;
  readonly #changed = new Emitter<StoreContent>();
  readonly #gathered = new Set<StoreContent>();
  #listeners = 0;
  #link: RedisLink | undefined;
  #timer: NodeJS.Timeout | undefined;
  #gathering: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #missed = false;
  #disposed = false;

  constructor(target: RedisTarget, keys: RedisKeys, log: (line: string) => void) {
    this.#target = target;
    this.#keys = keys;
    this.#log = log;
  }

  event(listener: (changed: StoreContent) => void): Subscription {
    const subscription = this.#changed.event(listener);
    this.#listeners += 1;
    if (this.#listeners === 1) void this.#start();
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
    clearTimeout(this.#timer);
    clearTimeout(this.#gathering);
    this.#gathered.clear();
    this.#link?.end();
    this.#link = undefined;
  }

  get #wanted(): boolean {
    return this.#listeners > 0 && !this.#disposed;
  }

  async #start(): Promise<void> {
    const { address, credentials } = this.#target;
    const server = describeAddress(address);
    let link: RedisLink | undefined;
    try {
      const password = await credentials.password();
      if (!this.#wanted) return;
      link = await RedisLink.open({
        address,
        password,
        timeoutMs: CONNECT_MS,
        onInvalidate: (key) => this.#onKey(key),
        onEnd: () => this.#onEnd(link),
      });
      // The client asks for the keys that it has read itself; what is wanted are those of the store.
      await link.send(['CLIENT', 'TRACKING', 'OFF']);
      const { artifacts, workflows, skills } = this.#keys;
      const prefixes = [artifacts, workflows, skills].flatMap((prefix) => ['PREFIX', `${prefix}:`]);
      await link.send(['CLIENT', 'TRACKING', 'ON', 'BCAST', ...prefixes]);
      if (!this.#wanted) {
        link.end();
        return;
      }
      this.#link = link;
      this.#pauseMs = FIRST_PAUSE_MS;
      if (this.#missed) for (const content of BOTH) this.#gather(content);
      this.#missed = false;
    } catch (error) {
      link?.end();
      if (!this.#wanted) return;
      this.#missed = true;
      if (error instanceof LinkLost || isNotReadyYet(error)) {
        this.#again();
        return;
      }
      this.#log(
        `storage: changes by others are not heard of, views are to be refreshed by hand: ${unreachable(error, server).message}`,
      );
    }
  }

  #again(): void {
    this.#timer = setTimeout(() => void this.#start(), this.#pauseMs).unref();
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  #onEnd(link: RedisLink | undefined): void {
    if (link === undefined || link !== this.#link) return;
    this.#link = undefined;
    this.#missed = true;
    if (this.#wanted) this.#again();
  }

  #onKey(key: string | undefined): void {
    if (key === undefined) for (const content of BOTH) this.#gather(content);
    else this.#gather(key.startsWith(`${this.#keys.artifacts}:`) ? 'artifacts' : 'workflows');
  }

  #gather(content: StoreContent): void {
    this.#gathered.add(content);
    if (this.#gathered.size > 1 || this.#gathering !== undefined) return;
    this.#gathering = setTimeout(() => {
      this.#gathering = undefined;
      const all = [...this.#gathered];
      this.#gathered.clear();
      for (const each of all) this.#changed.fire(each);
    }, GATHER_MS).unref();
  }
}
