import type { Event } from '../../common/events.ts';
import type { ConfiguredDependency } from '../../contract/dependencies.ts';
import { RedisConnection, type RedisTarget } from '../../storage/redis/connection.ts';
import { readTexts } from '../../storage/redis/texts.ts';
import { RedisTransactions } from '../../storage/redis/transactions.ts';
import { RedisWatcher } from '../../storage/redis/watcher.ts';
import { parsePackageSpec } from '../packageSpec.ts';
import type { DependencyStore } from './dependencyStore.ts';

/** Packages as the set `{prefix}:deps`. */
export class RedisDependencyStore implements DependencyStore {
  readonly #key: string;
  readonly #connections: readonly RedisConnection[];
  readonly #connection: RedisConnection;
  readonly #transactions: RedisTransactions;
  readonly #watcher: RedisWatcher<'deps'>;

  readonly files: readonly string[] = [];
  /** By whomever: the server tells, on a connection that is open while somebody listens. */
  readonly onDidChange: Event<void>;

  constructor(target: RedisTarget, prefix: string, log: (line: string) => void) {
    this.#key = `${prefix}:deps`;
    this.#connection = new RedisConnection(target);
    const exclusive = new RedisConnection(target);
    this.#connections = [this.#connection, exclusive];
    this.#transactions = new RedisTransactions(exclusive);
    this.#watcher = new RedisWatcher(target, { deps: [this.#key] }, log);
    this.onDidChange = (listener) => this.#watcher.event(() => listener());
  }

  async list(): Promise<readonly ConfiguredDependency[]> {
    const what = 'The packages could not be listed';
    const members = await readTexts(this.#connection, what, ['SMEMBERS', this.#key]);
    return members
      .sort()
      .map((spec) => ({ name: nameOf(spec), spec, source: 'redis', file: null, line: null }));
  }

  async requirementsFile(): Promise<undefined> {}

  async save(spec: string): Promise<void> {
    const { name, text } = parsePackageSpec(spec);
    await this.#change(`The package "${text}" could not be saved`, name, text);
  }

  async delete(name: string): Promise<boolean> {
    return await this.#change(`The package "${name}" could not be removed`, name, undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watcher.dispose();
    await Promise.all(this.#connections.map((connection) => connection[Symbol.asyncDispose]()));
  }

  /**
   * @param text - to be there in place of all that is of the package; undefined: nothing
   * @returns whether something of the package was there
   */
  async #change(what: string, name: string, text: string | undefined): Promise<boolean> {
    return await this.#transactions.run(what, [this.#key], async (link) => {
      const reply = await link.send(['SMEMBERS', this.#key]);
      const members = Array.isArray(reply) ? reply.map(String) : [];
      const there = members.filter((member) => nameOf(member) === name);
      const replaced = there.filter((member) => member !== text);
      return {
        commands: [
          ...(text === undefined || there.includes(text) ? [] : [['SADD', this.#key, text] as const]),
          ...(replaced.length === 0 ? [] : [['SREM', this.#key, ...replaced] as const]),
        ],
        result: there.length > 0,
        frees: text === undefined,
      };
    });
  }
}

/** Normalised; what is no package is called as it is written. */
function nameOf(member: string): string {
  try {
    return parsePackageSpec(member).name;
  } catch {
    return member;
  }
}
