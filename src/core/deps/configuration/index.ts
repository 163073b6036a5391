import path from 'node:path';
import { Credentials } from '../../common/credentials.ts';
import type { SecretSource } from '../../session/secrets.ts';
import { parseRedisUrl } from '../../storage/redis/address.ts';
import { RedisTarget } from '../../storage/redis/connection.ts';
import { redisPasswordRequest } from '../../storage/secretRequests.ts';
import type { StorageSpec } from '../../storage/storageSpec.ts';
import type { DepsSpec } from '../depsSpec.ts';
import type { DependencyConfiguration } from './dependencyConfiguration.ts';
import type { DependencyStore } from './dependencyStore.ts';
import { FileDependencyStore } from './fileDependencyStore.ts';
import { LayeredConfiguration } from './layeredConfiguration.ts';
import { RedisDependencyStore } from './redisDependencyStore.ts';

/** Where the packages of a session are configured. */
export interface DependencyPlaces {
  /** Absolute path: `requirements.txt` is in it. */
  readonly baseFolder?: string;
  /** Absolute path: files in it that `requirements.txt` includes may be changed. */
  readonly workspaceFolder?: string;
  /** A Redis store has a set of packages of its own, in place of `requirements.txt`. */
  readonly storage?: StorageSpec;
  readonly deps?: DepsSpec;
}

/** What a configuration needs of whoever opens it. */
export interface DependencyConfigurationOptions {
  /** One line. */
  readonly log: (line: string) => void;
  /** Gives the password of Redis. */
  readonly secret?: SecretSource;
}

/** Nothing is read, watched or connected to before the first call. Whoever opens it disposes it. @throws UsageError for a wrong address of Redis */
export function openDependencyConfiguration(
  places: DependencyPlaces,
  options: DependencyConfigurationOptions,
): DependencyConfiguration {
  return new LayeredConfiguration(openStore(places, options), places.deps ?? {});
}

function openStore(
  { baseFolder, workspaceFolder, storage }: DependencyPlaces,
  { log, secret }: DependencyConfigurationOptions,
): DependencyStore | undefined {
  if (storage?.type === 'redis') {
    const { url, prefix } = storage;
    const address = parseRedisUrl(url);
    const credentials = new Credentials(address.password, async ({ wasRefused }) =>
      secret?.(redisPasswordRequest(url, wasRefused)),
    );
    return new RedisDependencyStore(new RedisTarget(address, credentials), prefix, log);
  }
  if (baseFolder === undefined) return undefined;
  return new FileDependencyStore({
    file: path.join(baseFolder, 'requirements.txt'),
    ...(workspaceFolder === undefined ? {} : { workspace: workspaceFolder }),
    log,
  });
}
