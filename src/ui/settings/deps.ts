import path from 'node:path';
import { z } from 'zod';
import { SettingsError } from '../../core/contract/errors.ts';
import type { DepsSpec } from '../../core/deps/depsSpec.ts';
import { checkSetting } from './checkSetting.ts';

/** The names of the settings of packages. */
export const DEPS_SETTINGS = [
  'deps.packages',
  'deps.pyproject',
  'deps.syncOnStart',
  'deps.allowRuntimeChanges',
  'deps.approval',
  'deps.installer',
  'deps.indexUrl',
  'deps.extraIndexUrls',
  'deps.wheelFolders',
  'deps.offline',
  'deps.buildFromSource',
] as const;

/** Those settings, as the editor gives them. */
export type RawDepsSettings = Readonly<Record<(typeof DEPS_SETTINGS)[number], unknown>>;

/** What the settings of packages are read for. */
export interface DepsPlaces {
  /** Absolute path of the first workspace folder; undefined where none is open, or none on a disk. */
  readonly workspaceFolder: string | undefined;
  readonly isTrusted: boolean;
  /**
   * Makes the absolute path of a folder that may begin with `~/` or a variable; undefined: it is relative to a workspace
   * folder, and there is none. @throws SettingsError
   */
  readonly resolveFolder: (folder: string) => string | undefined;
}

const SwitchSchema = z.boolean({ error: 'it is neither true nor false' });
const TextsSchema = z.array(z.string({ error: 'an entry is no text' }), { error: 'it is no list' });
const ApprovalSchema = z.enum(['always', 'agent', 'never'], { error: 'there is no such policy' });
const InstallerSchema = z.enum(['auto', 'uv', 'pip'], { error: 'there is no such installer' });
const INDEX_PROTOCOLS = ['http:', 'https:', 'file:'];

/**
 * Which packages there shall be and where they come from, as the settings say. Packages themselves are not checked: one that
 * can't be used must not take the others down.
 *
 * @throws SettingsError
 */
export function parseDepsSettings(raw: RawDepsSettings, places: DepsPlaces): DepsSpec {
  const isOn = (key: (typeof DEPS_SETTINGS)[number]) =>
    checkSetting(key, raw[key], SwitchSchema, 'Set it to true or false.');
  const packages = checkSetting(
    'deps.packages',
    raw['deps.packages'],
    TextsSchema,
    'Set it to a list of packages, such as ["pandas>=2", "rich"].',
  );
  const { workspaceFolder, isTrusted } = places;
  const readsProject = isOn('deps.pyproject') && workspaceFolder !== undefined;
  const indexUrl =
    raw['deps.indexUrl'] === '' ? undefined : parseIndex('deps.indexUrl', raw['deps.indexUrl']);
  const extraIndexUrls = parseIndexes(raw['deps.extraIndexUrls']);
  const wheelFolders = parseFolders(raw['deps.wheelFolders'], places);
  return {
    packages,
    ...(readsProject ? { pyproject: path.join(workspaceFolder, 'pyproject.toml') } : {}),
    syncOnStart: isOn('deps.syncOnStart'),
    allowRuntimeChanges: isOn('deps.allowRuntimeChanges'),
    approval: checkSetting(
      'deps.approval',
      raw['deps.approval'],
      ApprovalSchema,
      'Set it to "always", "agent" or "never".',
    ),
    installer: checkSetting(
      'deps.installer',
      raw['deps.installer'],
      InstallerSchema,
      'Set it to "auto", "uv" or "pip".',
    ),
    ...(indexUrl === undefined ? {} : { indexUrl }),
    ...(extraIndexUrls.length === 0 ? {} : { extraIndexUrls }),
    ...(wheelFolders.length === 0 ? {} : { wheelFolders }),
    offline: isOn('deps.offline'),
    buildFromSource: isOn('deps.buildFromSource'),
    isTrusted,
  };
}

function parseIndexes(raw: unknown): string[] {
  if (Array.isArray(raw)) return raw.map((url: unknown) => parseIndex('deps.extraIndexUrls', url));
  throw new SettingsError(
    'The setting codeMode.deps.extraIndexUrls is no list.',
    'Set it to a list of package indexes, such as ["https://packages.example.com/simple"].',
  );
}

/** Not by checkSetting: its message shows the value, which may hold a password. */
function parseIndex(key: 'deps.indexUrl' | 'deps.extraIndexUrls', raw: unknown): string {
  const text = typeof raw === 'string' ? raw.trim() : '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !INDEX_PROTOCOLS.includes(url.protocol)) {
    throw new SettingsError(
      `The setting codeMode.${key} has an entry that is no address of a package index.`,
      'Use a URL that begins with https://, http:// or file://, such as "https://packages.example.com/simple".',
    );
  }
  if (url.password !== '') {
    throw new SettingsError(
      `The setting codeMode.${key} holds a password, which settings are no place for.`,
      'Leave the user name alone in it: the password is asked for where it is needed, and kept in the secret storage.',
    );
  }
  return text;
}

function parseFolders(raw: unknown, { resolveFolder }: DepsPlaces): string[] {
  const hint =
    'Set it to a list of folders, absolute or relative to the workspace folder, such as ["wheels"].';
  return checkSetting('deps.wheelFolders', raw, TextsSchema, hint).map((written) => {
    const folder = written.trim() === '' ? undefined : resolveFolder(written.trim());
    if (folder !== undefined) return folder;
    throw new SettingsError(
      written.trim() === ''
        ? 'The setting codeMode.deps.wheelFolders has an empty entry.'
        : `The setting codeMode.deps.wheelFolders has ${JSON.stringify(written)}, which is relative to a workspace folder, and none is open.`,
      hint,
    );
  });
}
