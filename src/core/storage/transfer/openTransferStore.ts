import path from 'node:path';
import { type OpenStorageOptions, openStorage } from '../openStorage.ts';
import { parseRedisUrl } from '../redis/address.ts';
import { RedisConnection, RedisTarget } from '../redis/connection.ts';
import { Credentials } from '../redis/credentials.ts';
import type { StorageSpec } from '../storageSpec.ts';
import { FileDependencyStore } from './fileDependencies.ts';
import { FileToolStore } from './fileTools.ts';
import { RedisDependencyStore } from './redisDependencies.ts';
import { RedisToolStore } from './redisTools.ts';
import type { TransferStore } from './transferStore.ts';

/** Opens all that a store holds; nothing is read, written or connected to before the first call. */
export function openTransferStore(spec: StorageSpec, options: OpenStorageOptions = {}): TransferStore {
  return spec.type === 'file' ? openFiles(spec, options) : openRedis(spec, options);
}

function openFiles(spec: Extract<StorageSpec, { type: 'file' }>, options: OpenStorageOptions): TransferStore {
  const storage = openStorage(spec, options);
  const log = options.log ?? (() => undefined);
  return {
    workflows: storage.workflows,
    artifacts: storage.artifacts,
    tools: new FileToolStore(path.join(spec.baseFolder, 'tools')),
    deps: new FileDependencyStore(path.join(spec.baseFolder, 'requirements.txt'), log),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}

function openRedis(
  spec: Extract<StorageSpec, { type: 'redis' }>,
  options: OpenStorageOptions,
): TransferStore {
  const password = options.password && askedOnce(options.password);
  const storage = openStorage(spec, { ...options, ...(password && { password }) });
  const address = parseRedisUrl(spec.url);
  const credentials = new Credentials(address.password, password);
  const connection = new RedisConnection(new RedisTarget(address, credentials));
  return {
    workflows: storage.workflows,
    artifacts: storage.artifacts,
    tools: new RedisToolStore(connection, spec.prefix),
    deps: new RedisDependencyStore(connection, spec.prefix),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([storage[Symbol.asyncDispose](), connection[Symbol.asyncDispose]()]);
    },
  };
}

type AskPassword = NonNullable<OpenStorageOptions['password']>;

/** Two connections to one server: nobody is to type its password twice. */
function askedOnce(ask: AskPassword): AskPassword {
  const answers = new Map<boolean, ReturnType<AskPassword>>();
  return (request) => {
    const answer = answers.get(request.wasRefused) ?? ask(request);
    answers.set(request.wasRefused, answer);
    return answer;
  };
}
