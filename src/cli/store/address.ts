import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isMissing } from '../../core/common/files/systemErrors.ts';
import { CodeModeError, UsageError } from '../../core/contract/errors.ts';
import { checkWorkspaceId } from '../../core/storage/names.ts';
import type { OpenStorageOptions } from '../../core/storage/openStorage.ts';
import { describeRedis, splitRedisUrl } from '../../core/storage/redis/address.ts';
import type { StorageSpec } from '../../core/storage/storageSpec.ts';
import { redisPassword } from './password.ts';

/** What the keys of a store in Redis begin with where nothing else is said; py-code-mode's own choice. */
export const DEFAULT_PREFIX = 'py_code_mode';

/** The options that say which store is meant beside its address. */
export const ADDRESS_OPTIONS = {
  prefix: { type: 'string' },
  workspace: { type: 'string' },
} as const;

/** Values of {@link ADDRESS_OPTIONS}. */
export interface AddressOptions {
  readonly prefix?: string | undefined;
  readonly workspace?: string | undefined;
}

/** A store that the command line names. */
export interface NamedStore {
  readonly spec: StorageSpec;
  /** As it is shown; without a password. */
  readonly label: string;
  readonly password: NonNullable<OpenStorageOptions['password']>;
}

/**
 * The store at a folder or a Redis URL.
 *
 * @throws UsageError
 */
export function storeAt(address: string, { prefix, workspace }: AddressOptions): NamedStore {
  if (workspace !== undefined) checkWorkspaceId(workspace);
  const ofWorkspace = workspace === undefined ? {} : { workspaceId: workspace };
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(address)) {
    if (prefix !== undefined) {
      throw new UsageError(
        '--prefix goes with a Redis URL only.',
        `"${address}" is a folder; leave --prefix out.`,
      );
    }
    if (address === '')
      throw new UsageError('The folder of a store is missing.', 'Name it, such as .code-mode.');
    return {
      spec: { type: 'file', baseFolder: path.resolve(address), ...ofWorkspace },
      label: workspace === undefined ? address : `${address} (workspace ${workspace})`,
      password: async () => undefined,
    };
  }
  const { url, password } = splitRedisUrl(address);
  const keys = prefix ?? DEFAULT_PREFIX;
  if (keys === '') throw new UsageError('--prefix is empty.', `Leave it out for "${DEFAULT_PREFIX}".`);
  const root = workspace === undefined ? keys : `${keys}:ws:${workspace}`;
  return {
    spec: { type: 'redis', url, prefix: keys, ...ofWorkspace },
    label: `${describeRedis(url)} (${root})`,
    password: redisPassword(password, describeRedis(url)),
  };
}

/** The entries that make a folder that of a store. */
const STORE_ENTRIES = new Set([
  'workflows',
  'skills',
  'artifacts',
  'tools',
  'workspaces',
  'requirements.txt',
]);

/**
 * Sees to it that what is to be read is there: a mistyped folder is not an empty store.
 *
 * @throws CodeModeError `file`, UsageError
 */
export async function assertStore({ spec, label }: NamedStore): Promise<void> {
  if (spec.type !== 'file') return;
  const entries = await readdir(spec.baseFolder).catch((error: unknown) => {
    if (isMissing(error)) throw new CodeModeError('file', `There is no folder "${label}".`, { cause: error });
    throw new CodeModeError('file', `"${label}" can't be read.`, { cause: error });
  });
  if (entries.some((entry) => STORE_ENTRIES.has(entry))) return;
  throw new UsageError(
    `"${label}" is not the folder of a store: there is no workflows, artifacts, tools or requirements.txt in it.`,
    'Name the base folder, such as .code-mode, not a folder in it.',
  );
}
