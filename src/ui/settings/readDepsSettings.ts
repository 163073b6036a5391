import os from 'node:os';
import * as vscode from 'vscode';
import type { DepsSpec } from '../../core/deps/depsSpec.ts';

/**
 * Reads which packages the sessions of this window want, and where those come from.
 *
 * @param workspaceFolder - absolute path of the first workspace folder, where it is on a disk
 * @throws SettingsError
 */
export async function readDepsSettings(workspaceFolder: string | undefined): Promise<DepsSpec> {
  const { DEPS_SETTINGS, parseDepsSettings, resolveBaseFolder } = await import('../sessions/core.ts');
  const configuration = vscode.workspace.getConfiguration('codeMode');
  const raw = Object.fromEntries(DEPS_SETTINGS.map((name) => [name, configuration.get(name)])) as Record<
    (typeof DEPS_SETTINGS)[number],
    unknown
  >;
  const places = { workspaceFolder, home: os.homedir() };
  return parseDepsSettings(raw, {
    workspaceFolder,
    isTrusted: vscode.workspace.isTrusted,
    resolveFolder: (folder) => resolveBaseFolder(folder, places, 'deps.wheelFolders'),
  });
}
