import type { StorageBackend } from '../contract/storage.ts';
import { FileStorage } from './file/fileStorage.ts';
import { RedisStorage } from './redis/redisStorage.ts';
import type { StorageSpec } from './storageSpec.ts';

/** What a store is opened with. */
export interface OpenStorageOptions {
  /** For the log: one line each about what was repaired, skipped or lost. */
  readonly log?: (line: string) => void;
  /**
   * The password of the Redis server; asked for when it is connected to first, and anew where it was refused.
   * Undefined: there is none.
   */
  readonly password?: (request: { readonly wasRefused: boolean }) => Promise<string | undefined>;
}

/** Opens the store that a spec names; nothing is read, written or connected to before the first call. */
export function openStorage(spec: StorageSpec, options: OpenStorageOptions = {}): StorageBackend {
  return spec.type === 'file'
    ? new FileStorage({ ...spec, ...options })
    : new RedisStorage({ ...spec, ...options });
}
