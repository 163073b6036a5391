import { parsePackageSpec } from '../../deps/packageSpec.ts';
import type { RedisConnection } from '../redis/connection.ts';
import { readTexts } from '../redis/texts.ts';
import { storedDependency } from './dependencies.ts';
import type { DependencyStore, StoredDependency } from './transferStore.ts';

/** Packages as the set `{prefix}:deps`. */
export class RedisDependencyStore implements DependencyStore {
  readonly #connection: RedisConnection;
  readonly #key: string;

  constructor(connection: RedisConnection, prefix: string) {
    this.#connection = connection;
    this.#key = `${prefix}:deps`;
  }

  async list(): Promise<ReadonlyMap<string, StoredDependency>> {
    return new Map((await this.#members('The packages could not be listed')).map(storedDependency));
  }

  async save(spec: string): Promise<void> {
    const { name, text } = parsePackageSpec(spec);
    const what = `The package "${text}" could not be saved`;
    const replaced = this.#named(name, await this.#members(what)).filter((member) => member !== text);
    await this.#connection.run(what, (link) =>
      link.transaction([
        ['SADD', this.#key, text],
        ...replaced.map((member) => ['SREM', this.#key, member] as const),
      ]),
    );
  }

  async delete(name: string): Promise<void> {
    const what = `The package "${name}" could not be removed`;
    const members = this.#named(name, await this.#members(what));
    if (members.length === 0) return;
    await this.#connection.run(what, (link) => link.send(['SREM', this.#key, ...members]));
  }

  /** Those that are of one package, whatever their versions. */
  #named(name: string, members: readonly string[]): string[] {
    return members.filter((member) => storedDependency(member)[0] === name);
  }

  #members(what: string): Promise<string[]> {
    return readTexts(this.#connection, what, ['SMEMBERS', this.#key]);
  }
}
