import path from 'node:path';
import type { SecretSource } from '../../session/secrets.ts';
import { redisPasswordRequest } from '../../storage/secretRequests.ts';
import type { StorageSpec } from '../../storage/storageSpec.ts';
import { FileToolSource } from './fileToolSource.ts';
import { RedisToolSource } from './redisToolSource.ts';
import type { ToolSource } from './toolSource.ts';

/** Where the tools of a workspace are looked for. */
export interface ToolPlaces {
  /** Absolute path: files are in `tools/` below it. */
  readonly baseFolder?: string;
  /** A Redis store has tools of its own; those in files come first. */
  readonly storage?: StorageSpec;
}

/** The sources of a workspace's tools. Nothing is read or connected to before they are asked. Whoever opens them disposes them. */
export function openToolSources(
  { baseFolder, storage }: ToolPlaces,
  { log, secret }: { readonly log: (line: string) => void; readonly secret?: SecretSource },
): readonly ToolSource[] {
  const sources: ToolSource[] = [];
  if (baseFolder !== undefined) sources.push(new FileToolSource(path.join(baseFolder, 'tools')));
  if (storage?.type === 'redis') {
    const { url, prefix } = storage;
    const password = async ({ wasRefused }: { readonly wasRefused: boolean }) =>
      secret?.(redisPasswordRequest(url, wasRefused));
    sources.push(new RedisToolSource({ url, prefix, password, log }));
  }
  return sources;
}
