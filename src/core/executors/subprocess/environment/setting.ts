import { homedir } from 'node:os';
import path from 'node:path';
import { SettingsError } from '../../../contract/errors.ts';
import { isSupported, NEWEST, OLDEST } from './versions.ts';

/** What the setting `codeMode.subprocess.python` asks for. */
export type PythonChoice =
  | { readonly kind: 'automatic' }
  /** `3.12` */
  | { readonly kind: 'version'; readonly version: string }
  /** Absolute path of an interpreter or of a folder that has one. */
  | { readonly kind: 'path'; readonly path: string };

const NAME = 'The setting codeMode.subprocess.python';

/**
 * Reads the setting `codeMode.subprocess.python`.
 * @param workspaceFolder absolute path; undefined where none is open
 * @throws SettingsError for a version that can't be, an unknown variable, and for a relative path without a folder
 */
export function parsePythonSetting(setting: string, workspaceFolder: string | undefined): PythonChoice {
  const text = setting.trim();
  if (text === '') return { kind: 'automatic' };
  if (/^\d+(\.\d+)*$/.test(text)) return { kind: 'version', version: checkVersion(text) };
  const written = text
    .replace(/^~(?=$|[\\/])/, () => homedir())
    .replace(/\$\{([^}]*)\}/g, (_, name: string) => {
      if (name === 'userHome') return homedir();
      if (name !== 'workspaceFolder') {
        throw new SettingsError(
          `${NAME} has the unknown variable \${${name}}.`,
          'Only "workspaceFolder" and "userHome" can be used there.',
        );
      }
      return inWorkspace(text, workspaceFolder);
    });
  if (path.isAbsolute(written)) return { kind: 'path', path: path.normalize(written) };
  return { kind: 'path', path: path.join(inWorkspace(text, workspaceFolder), written) };
}

function checkVersion(text: string): string {
  if (!/^\d+\.\d+$/.test(text)) {
    throw new SettingsError(
      `${NAME} is "${text}", which is no version of two numbers.`,
      'Write 3.12 rather than 3 or 3.12.1, or ./NAME if a path is meant.',
    );
  }
  if (!isSupported(text) || !text.startsWith('3.')) {
    throw new SettingsError(
      `${NAME} asks for Python ${text}, which is not supported.`,
      `Choose a version from ${OLDEST} to ${NEWEST}.`,
    );
  }
  return text;
}

function inWorkspace(setting: string, workspaceFolder: string | undefined): string {
  if (workspaceFolder !== undefined) return workspaceFolder;
  throw new SettingsError(
    `${NAME} is "${setting}", which is relative to a workspace folder, and no folder is open.`,
    'Open a folder, or write an absolute path.',
  );
}
