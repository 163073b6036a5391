import path from 'node:path';
import * as vscode from 'vscode';
import type { ExecutorSettingsValues, SettingsCompletion } from '../settings/executorSettings.ts';
import type { PythonExtensions } from './pythonExtensions.ts';

/**
 * Where the setting of the interpreter is empty, the environment counts that the person has chosen in the Python
 * extension. A plain interpreter does not: the Python extension falls back to one where nobody has chosen anything.
 */
export class ChosenEnvironment implements SettingsCompletion {
  readonly #extensions: PythonExtensions;
  readonly onDidChange: vscode.Event<void>;

  constructor(extensions: PythonExtensions) {
    this.#extensions = extensions;
    this.onDidChange = extensions.onDidChange;
  }

  async complete(
    settings: ExecutorSettingsValues,
    workspaceFolder: string | undefined,
  ): Promise<ExecutorSettingsValues> {
    if (typeof settings.python !== 'string' || settings.python.trim() !== '') return settings;
    const folder = workspaceFolder === undefined ? undefined : vscode.Uri.file(workspaceFolder);
    const chosen = await this.#extensions.chosen(folder);
    if (!chosen) return settings;
    const prefix = chosen.prefix ?? path.dirname(path.dirname(chosen.executable));
    // This one is taken without being named. The Python extension comes upon it by itself, some time after the
    // window has opened, and that must not look like another choice.
    if (workspaceFolder !== undefined && path.relative(path.join(workspaceFolder, '.venv'), prefix) === '') {
      return settings;
    }
    const { isEnvironmentFolder } = await import('../sessions/core.ts');
    return (await isEnvironmentFolder(prefix)) ? { ...settings, python: chosen.executable } : settings;
  }
}
