import path from 'node:path';
import { Credentials } from '../../common/credentials.ts';
import { FileDependencyStore } from '../../deps/configuration/fileDependencyStore.ts';
import { RedisDependencyStore } from '../../deps/configuration/redisDependencyStore.ts';
import { type OpenStorageOptions, openStorage } from '../openStorage.ts';
import { parseRedisUrl } from '../redis/address.ts';
import { RedisConnection, RedisTarget } from '../redis/connection.ts';
import type { StorageSpec } from '../storageSpec.ts';
import { FileToolStore } from './fileTools.ts';
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
    deps: new FileDependencyStore({ file: path.join(spec.baseFolder, 'requirements.txt'), log }),
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
  const target = new RedisTarget(address, credentials);
  const connection = new RedisConnection(target);
  const deps = new RedisDependencyStore(target, spec.prefix, options.log ?? (() => undefined));
  return {
    workflows: storage.workflows,
    artifacts: storage.artifacts,
    tools: new RedisToolStore(connection, spec.prefix),
    deps,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([storage, connection, deps].map((each) => each[Symbol.asyncDispose]()));
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
