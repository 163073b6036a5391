import { setTimeout as delay } from 'node:timers/promises';
import type { Credentials } from '../../common/credentials.ts';
import { unlessAborted } from '../../common/unlessAborted.ts';
import { ClosedError } from '../../contract/errors.ts';
import { describeAddress, type RedisAddress } from './address.ts';
import { LinkLost, RedisLink } from './link.ts';
import { isNotReadyYet, isRefusedPassword, redisError, unreachable } from './redisErrors.ts';

/** The server that the connections of a store lead to. */
export class RedisTarget {
  readonly address: RedisAddress;
  readonly credentials: Credentials;
  /** Whether it answered when it was connected to last. */
  wasThere = false;

  constructor(address: RedisAddress, credentials: Credentials) {
    this.address = address;
    this.credentials = credentials;
  }
}

/** How long a call waits for a server that was there before. */
const RECONNECT_MS = 5000;
const PAUSE_MS = 100;
/** How often a call is made where the connection is lost each time. */
const ATTEMPTS = 3;

/**
 * The way to a server: connects at the first call, and anew where the connection was lost. A server that was
 * there before is waited for some seconds; one that never was is not.
 */
export class RedisConnection implements AsyncDisposable {
  readonly #target: RedisTarget;
  #link: RedisLink | undefined;
  #connecting: Promise<RedisLink> | undefined;
  readonly #closing = new AbortController();

  constructor(target: RedisTarget) {
    this.#target = target;
  }

  /** The server, as it is named to a person. */
  get server(): string {
    return describeAddress(this.#target.address);
  }

  /** What is open now, for what is not worth connecting for. */
  get link(): RedisLink | undefined {
    return this.#link?.ended.aborted ? undefined : this.#link;
  }

  /**
   * Does `work`, and again where the connection was lost in the middle: it must be such that it can be repeated,
   * and is told that it is.
   * @param what what could not be done, for the error: `The artifact "a.txt" could not be saved`
   */
  async run<T>(what: string, work: (link: RedisLink, repeated: boolean) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work(await this.#connected(), attempt > 1);
      } catch (error) {
        if (this.#closing.signal.aborted) throw new ClosedError('The store');
        // A server that is silent has had its time.
        const again = error instanceof LinkLost && !error.silent && attempt < ATTEMPTS;
        if (!again) throw redisError(error, what, this.server);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
  }

  async #connected(): Promise<RedisLink> {
    const { signal } = this.#closing;
    if (signal.aborted) throw new ClosedError('The store');
    if (this.link) return this.link;
    // Somebody may be asked for a password meanwhile, and not answer.
    this.#connecting ??= unlessAborted(this.#connect(), signal, () => new ClosedError('The store')).finally(
      () => {
        this.#connecting = undefined;
      },
    );
    return await this.#connecting;
  }

  async #connect(): Promise<RedisLink> {
    try {
      const link = await this.#open();
      this.#target.wasThere = true;
      this.#link = link;
      return link;
    } catch (error) {
      this.#target.wasThere = false;
      throw unreachable(error, this.server);
    }
  }

  async #open(): Promise<RedisLink> {
    const { credentials } = this.#target;
    let password = await credentials.password();
    let asked = false;
    const deadline = performance.now() + RECONNECT_MS;
    for (;;) {
      try {
        return await this.#attempt(password);
      } catch (error) {
        if (isRefusedPassword(error) && !asked) {
          asked = true;
          password = await credentials.renew(password);
          continue;
        }
        const wait =
          isNotReadyYet(error) || (error instanceof LinkLost && (error.wasOpen || this.#target.wasThere));
        if (!wait || performance.now() > deadline) throw error;
        await delay(PAUSE_MS, undefined, { signal: this.#closing.signal });
      }
    }
  }

  async #attempt(password: string | undefined): Promise<RedisLink> {
    const { address } = this.#target;
    const { signal } = this.#closing;
    const link = await RedisLink.open({ address, password, timeoutMs: RECONNECT_MS, signal });
    try {
      await link.check();
      return link;
    } catch (error) {
      link.end();
      throw error;
    }
  }
}
