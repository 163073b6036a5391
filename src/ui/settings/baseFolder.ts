import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { SettingsError } from '../../core/contract/errors.ts';

/** What a base folder can be relative to. */
export interface BaseFolderPlaces {
  /** Absolute path of the first workspace folder; undefined where none is open, or none on a disk. */
  readonly workspaceFolder: string | undefined;
  /** Absolute path of the person's home. */
  readonly home: string;
}

/**
 * The absolute path that the setting of a folder means. `~/` and `${userHome}` stand for the home, `${workspaceFolder}` for
 * the workspace folder.
 *
 * @param key - the name of the setting below `codeMode.`
 * @returns undefined where the setting is relative to a workspace folder and there is none
 * @throws SettingsError for any other variable
 */
export function resolveBaseFolder(
  setting: string,
  places: BaseFolderPlaces,
  key = 'baseFolder',
): string | undefined {
  let usable = true;
  const written = setting
    .replace(/^~(?=$|[\\/])/u, places.home)
    .replace(/\$\{([^}]*)\}/gu, (_, name: string) => {
      if (name === 'userHome') return places.home;
      if (name !== 'workspaceFolder') {
        throw new SettingsError(
          `The setting codeMode.${key} has the unknown variable \${${name}}.`,
          'Only "workspaceFolder" and "userHome" can be used there.',
        );
      }
      usable = usable && places.workspaceFolder !== undefined;
      return places.workspaceFolder ?? '';
    });
  if (!usable) return undefined;
  if (path.isAbsolute(written)) return path.normalize(written);
  return places.workspaceFolder === undefined ? undefined : path.join(places.workspaceFolder, written);
}

/**
 * Checks that a folder can be written or made, without making it.
 *
 * @throws SettingsError that says what is in the way
 */
export async function assertWritable(folder: string): Promise<void> {
  let existing = folder;
  for (;;) {
    try {
      if (!(await stat(existing)).isDirectory()) throw refused(folder, `${existing} is not a folder`);
      await access(existing, constants.W_OK | constants.X_OK);
      return;
    } catch (error) {
      if (error instanceof SettingsError) throw error;
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      const parent = path.dirname(existing);
      if ((code !== 'ENOENT' && code !== 'ENOTDIR') || parent === existing) {
        throw refused(folder, `${existing} does not allow it (${String(code)})`, error);
      }
      existing = parent;
    }
  }
}

function refused(folder: string, reason: string, cause?: unknown): SettingsError {
  const error = new SettingsError(
    `The base folder ${folder} can't be written: ${reason}.`,
    'Choose another folder in the setting codeMode.baseFolder.',
  );
  error.cause = cause;
  return error;
}
