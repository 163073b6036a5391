import type { RedisConnection } from './connection.ts';
import type { RedisKeys } from './keys.ts';

/** How long the store waits for its keys to be dropped when it is closed. */
const DISPOSE_MS = 1000;

/**
 * The keys of what is not yet or no longer seen: what is being written, the version that is being read, what was removed a
 * moment ago. All of them expire, so that nothing is left of a process that was killed.
 */
export class TemporaryKeys implements AsyncDisposable {
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;
  readonly #made = new Set<string>();

  constructor(connection: RedisConnection, keys: RedisKeys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  /** A key that nobody else has; whoever makes it lets it expire. */
  make(): string {
    const key = this.#keys.temporary();
    this.#made.add(key);
    return key;
  }

  /** What was under the key has become something else. */
  forget(key: string): void {
    this.#made.delete(key);
  }

  async drop(key: string): Promise<void> {
    if (this.#made.delete(key)) await this.#unlink([key]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const made = [...this.#made];
    this.#made.clear();
    if (made.length === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, DISPOSE_MS);
    });
    await Promise.race([this.#unlink(made), enough]);
    clearTimeout(timer);
  }

  /** Where the server is away, they expire. */
  async #unlink(keys: readonly string[]): Promise<void> {
    await this.#connection.link?.send(['UNLINK', ...keys]).catch(() => undefined);
  }
}
