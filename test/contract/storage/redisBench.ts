import { RedisStorage, type RedisStorageOptions } from '../../../src/core/storage/redis/redisStorage.ts';
import { hasRedis, RedisServer } from '../../support/redisServer.ts';

/** A server that tests may do anything to: emptied before each of them. */
export class RedisBench {
  readonly lines: string[] = [];
  readonly #settings: readonly string[];
  readonly #stores: RedisStorage[] = [];
  #server: RedisServer | undefined;

  /** @param settings as of {@link RedisServer.start} */
  constructor(...settings: string[]) {
    this.#settings = settings;
  }

  get server(): RedisServer {
    if (this.#server === undefined) throw new Error('There is no server yet.');
    return this.#server;
  }

  /** To be called within a `describe`. */
  install(): void {
    const { lines } = this;
    before(async function () {
      if (!hasRedis()) this.skip();
    });
    before(async () => {
      this.#server = await RedisServer.start(...this.#settings);
    });
    beforeEach(() => {
      lines.splice(0);
    });
    afterEach(async () => {
      for (const store of this.#stores.splice(0)) await store[Symbol.asyncDispose]();
      await this.server.send('FLUSHALL');
    });
    after(() => this.#server?.[Symbol.asyncDispose]());
  }

  /** A store under the prefix `p`, closed after the test. */
  open(options: Partial<RedisStorageOptions> = {}): RedisStorage {
    const log = (line: string) => void this.lines.push(line);
    const store = new RedisStorage({ url: this.server.url, prefix: 'p', log, ...options });
    this.#stores.push(store);
    return store;
  }

  /** All keys, sorted. */
  async keys(): Promise<string[]> {
    const keys = await this.server.send('KEYS', '*');
    return Array.isArray(keys) ? keys.map(String).sort() : [];
  }
}
