import { type AskPassword, Credentials } from '../../common/credentials.ts';
import type { Subscription } from '../../common/events.ts';
import { UsageError } from '../../contract/errors.ts';
import type {
  ArtifactStore,
  RedisStorageAccess,
  StorageBackend,
  StoreContent,
  VectorStore,
  WorkflowStore,
} from '../../contract/storage.ts';
import { checkWorkspaceId } from '../names.ts';
import { parseRedisUrl, splitRedisUrl } from './address.ts';
import { RedisArtifactStore, type RedisStoreParts } from './artifactStore.ts';
import { RedisConnection, RedisTarget } from './connection.ts';
import { RedisKeys } from './keys.ts';
import { hasRedisSkills, migrateRedisSkills, type RedisSkillsMigration } from './skills.ts';
import { TemporaryKeys } from './temporaryKeys.ts';
import { RedisTransactions } from './transactions.ts';
import { RedisVectorStore } from './vectorStore.ts';
import { RedisWatcher } from './watcher.ts';
import { RedisWorkflowStore } from './workflowStore.ts';

/** Where a {@link RedisStorage} is. */
export interface RedisStorageOptions {
  /** `redis://`, `rediss://` or `unix://`; a password in it is used and shown nowhere. */
  readonly url: string;
  /** What every key begins with. */
  readonly prefix: string;
  /** Keeps a store of its own under `{prefix}:ws:{id}`. */
  readonly workspaceId?: string;
  /** For the log: one line each about what was skipped or lost. */
  readonly log?: (line: string) => void;
  /** Where the address has none: asked for at the first call, and once more where it was refused. */
  readonly password?: AskPassword;
}

/** A store on a Redis server with the keys of py-code-mode, which may use it at the same time. Connects at the first call. */
export class RedisStorage implements StorageBackend {
  readonly artifacts: ArtifactStore;
  readonly workflows: WorkflowStore;
  readonly vectors: VectorStore;
  readonly #url: string;
  readonly #keys: RedisKeys;
  readonly #connections: readonly RedisConnection[];
  readonly #parts: RedisStoreParts;
  readonly #watcher: RedisWatcher<StoreContent>;

  /** @throws UsageError for an address, prefix or workspace id that cannot be one */
  constructor({ url, prefix, workspaceId, log = () => undefined, password }: RedisStorageOptions) {
    if (workspaceId !== undefined) checkWorkspaceId(workspaceId);
    if (prefix === '' || /\p{Surrogate}/u.test(prefix)) {
      throw new UsageError(
        `${JSON.stringify(prefix)} cannot be a prefix of keys.`,
        'Use a word, such as py_code_mode.',
      );
    }
    this.#url = splitRedisUrl(url).url;
    this.#keys = new RedisKeys(prefix, workspaceId);
    const address = parseRedisUrl(url);
    const target = new RedisTarget(address, new Credentials(address.password, password));
    const connection = new RedisConnection(target);
    const exclusive = new RedisConnection(target);
    this.#connections = [connection, exclusive];
    const parts: RedisStoreParts = {
      connection,
      transactions: new RedisTransactions(exclusive),
      keys: this.#keys,
      temporary: new TemporaryKeys(connection, this.#keys),
      log,
    };
    this.#parts = parts;
    this.artifacts = new RedisArtifactStore(parts);
    this.workflows = new RedisWorkflowStore(parts);
    this.vectors = new RedisVectorStore(parts);
    const { artifacts, workflows, skills } = this.#keys;
    const prefixes = { artifacts: [`${artifacts}:`], workflows: [`${workflows}:`, `${skills}:`] };
    this.#watcher = new RedisWatcher<StoreContent>(target, prefixes, log);
  }

  getSerializableAccess(): RedisStorageAccess {
    return {
      type: 'redis',
      redis_url: this.#url,
      workflows_prefix: this.#keys.workflows,
      artifacts_prefix: this.#keys.artifacts,
      vectors_prefix: this.#keys.vectors,
      root_prefix: this.#keys.root,
    };
  }

  watch(listener: (changed: StoreContent) => void): Subscription {
    return this.#watcher.event(listener);
  }

  /** Whether there are workflows where older versions of py-code-mode keep them, which say skills for them. */
  async hasSkills(): Promise<boolean> {
    return await hasRedisSkills(this.#parts);
  }

  /** Moves those to where workflows are kept now, as one change, and replaces nothing there. */
  async migrateSkills(): Promise<RedisSkillsMigration> {
    return await migrateRedisSkills(this.#parts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watcher.dispose();
    await this.#parts.temporary[Symbol.asyncDispose]();
    await Promise.all(this.#connections.map((connection) => connection[Symbol.asyncDispose]()));
  }
}
