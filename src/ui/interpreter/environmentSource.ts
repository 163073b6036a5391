import * as vscode from 'vscode';
import type { KnownEnvironment } from './knownEnvironment.ts';

/** An extension that knows the Pythons of this machine and lets the person choose one. */
export interface EnvironmentSource {
  /** For people. */
  readonly name: string;
  /** The one that is chosen for a folder; without one, for the window. */
  chosen(folder: vscode.Uri | undefined): Promise<KnownEnvironment | undefined>;
  /** All that it has found so far. */
  known(): Promise<readonly KnownEnvironment[]>;
  /** Another one was chosen. */
  readonly onDidChange: vscode.Event<unknown>;
}

/**
 * The extension to ask, activated: Python Environments where that is in use, else Python.
 *
 * @returns undefined where neither is installed
 */
export async function findEnvironmentSource(): Promise<EnvironmentSource | undefined> {
  return (await environmentsExtension()) ?? (await pythonExtension());
}

async function environmentsExtension(): Promise<EnvironmentSource | undefined> {
  const api = await exportsOf('ms-python.vscode-python-envs');
  if (api === undefined) return undefined;
  const {
    isEnvironmentsExtensionApi,
    readEach,
    readEnvironmentsExtensionEnvironment: read,
  } = await import('../sessions/core.ts');
  if (!isEnvironmentsExtensionApi(api)) return undefined;
  return {
    name: 'Python Environments',
    chosen: async (folder) => read(await api.getEnvironment(folder)),
    known: async () => readEach(await api.getEnvironments('all'), read),
    onDidChange: (...args) => api.onDidChangeEnvironment(...args),
  };
}

async function pythonExtension(): Promise<EnvironmentSource | undefined> {
  const api = await exportsOf('ms-python.python');
  if (api === undefined) return undefined;
  const {
    isPythonExtensionApi,
    readEach,
    readPythonExtensionEnvironment: read,
  } = await import('../sessions/core.ts');
  if (!isPythonExtensionApi(api)) return undefined;
  const { environments } = api;
  return {
    name: 'Python',
    chosen: async (folder) =>
      read(await environments.resolveEnvironment(environments.getActiveEnvironmentPath(folder))),
    known: async () => readEach(environments.known, read),
    onDidChange: (...args) => environments.onDidChangeActiveEnvironmentPath(...args),
  };
}

async function exportsOf(extensionId: string): Promise<unknown> {
  return vscode.extensions.getExtension<unknown>(extensionId)?.activate();
}
