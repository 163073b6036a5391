import { z } from 'zod';
import { CodeModeError, SettingsError } from '../../core/contract/errors.ts';
import type { EmbeddingsSpec } from '../../core/search/embeddingsSpec.ts';
import { checkWorkspaceId } from '../../core/storage/names.ts';
import { splitRedisUrl } from '../../core/storage/redis/address.ts';
import type { StorageSpec } from '../../core/storage/storageSpec.ts';
import { checkSetting } from './checkSetting.ts';

/** The settings of the store, as the editor gives them. */
export interface RawStorageSettings {
  readonly storage: unknown;
  readonly 'redis.url': unknown;
  readonly 'redis.prefix': unknown;
  readonly workspaceId: unknown;
}

/** The names of {@link RawStorageSettings}. */
export const STORAGE_SETTINGS = ['storage', 'redis.url', 'redis.prefix', 'workspaceId'] as const;

const KindSchema = z.enum(['file', 'redis'], { error: 'there is no such storage' });
const PrefixSchema = z
  .string({ error: 'a prefix is a text' })
  .min(1, 'a prefix has at least one character')
  .regex(/^[^\s\u0000-\u001f]+$/u, 'a prefix has no spaces');
/**
 * The store that the settings choose.
 *
 * @param baseFolder - absolute path; undefined: there is none, and files can't be kept
 * @returns undefined where files are chosen and there is no base folder
 * @throws SettingsError
 */
export function parseStorageSettings(
  raw: RawStorageSettings,
  baseFolder: string | undefined,
): StorageSpec | undefined {
  const type = checkSetting('storage', raw.storage, KindSchema, 'Set it to "file" or "redis".');
  const ofWorkspace = parseWorkspaceId(raw.workspaceId);
  if (type === 'file') return baseFolder === undefined ? undefined : { type, baseFolder, ...ofWorkspace };
  const prefix = checkSetting(
    'redis.prefix',
    raw['redis.prefix'],
    PrefixSchema,
    'Set it to what the keys begin with, such as "py_code_mode".',
  );
  const { url: address, password } = parseRedisAddress(raw['redis.url']);
  if (password !== undefined) {
    throw new SettingsError(
      'The setting codeMode.redis.url holds a password, which settings are no place for.',
      'Take it out, and run the command "Code Mode: Set Redis Password…".',
    );
  }
  return { type, url: address, prefix, ...ofWorkspace };
}

/** Not by checkSetting: its message shows the value, which may hold a password. */
function parseRedisAddress(raw: unknown): ReturnType<typeof splitRedisUrl> {
  try {
    if (typeof raw === 'string') return splitRedisUrl(raw);
  } catch (error) {
    if (!CodeModeError.is(error)) throw error;
    throw new SettingsError(`The setting codeMode.redis.url: ${error.message}`, error.hint);
  }
  throw new SettingsError(
    'The setting codeMode.redis.url is no text.',
    'Set it to the address of the server, such as "redis://127.0.0.1:6379/0".',
  );
}

function parseWorkspaceId(raw: unknown): { workspaceId?: string } {
  const id = checkSetting(
    'workspaceId',
    raw,
    z.string({ error: 'an id is a text' }),
    'Set it to an id, or to "" for none.',
  );
  if (id === '') return {};
  try {
    checkWorkspaceId(id);
  } catch (error) {
    throw new SettingsError(
      `The setting codeMode.workspaceId cannot be used: ${(error as Error).message}`,
      'Use 1 to 128 of the letters A-Z and a-z, digits, "_" and "-".',
    );
  }
  return { workspaceId: id };
}

/** The settings of the semantic search, as the editor gives them. */
export interface RawEmbeddingsSettings {
  readonly 'embeddings.url': unknown;
  readonly 'embeddings.model': unknown;
}

/** The names of {@link RawEmbeddingsSettings}. */
export const EMBEDDINGS_SETTINGS = ['embeddings.url', 'embeddings.model'] as const;

/**
 * The model that the settings choose for the semantic search.
 *
 * @param resolveFolder - makes the absolute path of a folder that may begin with `~/` or a variable
 * @returns undefined where none is chosen
 * @throws SettingsError
 */
export function parseEmbeddingsSettings(
  raw: RawEmbeddingsSettings,
  resolveFolder: (folder: string) => string | undefined,
): EmbeddingsSpec | undefined {
  const text = z.string({ error: 'it is a text' });
  const url = checkSetting(
    'embeddings.url',
    raw['embeddings.url'],
    text,
    'Set it to a URL, or to "".',
  ).trim();
  const model = checkSetting(
    'embeddings.model',
    raw['embeddings.model'],
    text,
    'Set it to the name or the folder of a model, or to "".',
  ).trim();
  if (url === '' && model === '') return undefined;
  if (url === '') {
    const folder = resolveFolder(model);
    if (folder !== undefined) return { type: 'local', folder };
    throw new SettingsError(
      'The setting codeMode.embeddings.model is relative to a workspace folder, and none is open.',
      'Set it to an absolute path, or open a folder.',
    );
  }
  if (!/^https?:\/\//u.test(url) || !URL.canParse(url)) {
    throw new SettingsError(
      'The setting codeMode.embeddings.url cannot be used: it is not an http:// or https:// URL.',
      'Set it to the base of an OpenAI-compatible API, such as "http://127.0.0.1:11434/v1".',
    );
  }
  if (model === '') {
    throw new SettingsError(
      'The setting codeMode.embeddings.url names an endpoint, but codeMode.embeddings.model no model.',
      'Set codeMode.embeddings.model to the name that the endpoint has for the model.',
    );
  }
  return { type: 'endpoint', url: url.replace(/\/+$/u, ''), model };
}
