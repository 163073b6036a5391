import type { StorageBackend } from '../contract/storage.ts';
import { createEmbedder } from '../search/createEmbedder.ts';
import type { EmbeddingsSpec } from '../search/embeddingsSpec.ts';
import { openStorage } from '../storage/openStorage.ts';
import { embeddingsKeyRequest, redisPasswordRequest } from '../storage/secretRequests.ts';
import type { StorageSpec } from '../storage/storageSpec.ts';
import { WorkflowLibrary } from '../workflows/library.ts';
import type { SecretSource } from './secrets.ts';
import type { SessionSpec } from './session.ts';

/** What a {@link SessionStore} is opened with. */
export interface SessionStoreOptions {
  readonly log: (line: string) => void;
  readonly secret?: SecretSource;
}

/** Where artifacts and workflows are kept: those of one session, or those that a window shows. */
export class SessionStore implements AsyncDisposable {
  readonly storage: StorageBackend;
  readonly workflows: WorkflowLibrary;

  /** Nothing is read or connected to before the first call. */
  constructor(
    storageSpec: StorageSpec,
    embeddings: EmbeddingsSpec | undefined,
    { log, secret }: SessionStoreOptions,
  ) {
    this.storage = openStorage(storageSpec, {
      log,
      password: async ({ wasRefused }) =>
        storageSpec.type === 'redis'
          ? secret?.(redisPasswordRequest(storageSpec.url, wasRefused))
          : undefined,
    });
    const embedder =
      embeddings &&
      createEmbedder(embeddings, {
        log,
        apiKey: async () =>
          embeddings.type === 'endpoint' ? secret?.(embeddingsKeyRequest(embeddings.url)) : undefined,
      });
    this.workflows = new WorkflowLibrary({
      store: this.storage.workflows,
      vectors: this.storage.vectors,
      log,
      ...(embedder === undefined ? {} : { embedder }),
    });
  }

  /** The store that a session's spec names; undefined where it keeps nothing. Nothing is read before the first call. */
  static of(spec: SessionSpec, options: SessionStoreOptions): SessionStore | undefined {
    const { storage, baseFolder, embeddings } = spec;
    const chosen = storage ?? (baseFolder === undefined ? undefined : { type: 'file' as const, baseFolder });
    return chosen && new SessionStore(chosen, embeddings, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.workflows.dispose();
    await this.storage[Symbol.asyncDispose]();
  }
}
