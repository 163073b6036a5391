import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { type SessionSpec, workspaceSessionId } from '../../core/session/session.ts';
import type { ExecutorSettings } from '../settings/executorSettings.ts';
import { readDepsSettings } from '../settings/readDepsSettings.ts';
import { readToolsSettings } from '../settings/readToolsSettings.ts';
import { readStoredSettings } from '../settings/storedSettings.ts';
import { loadExecutors } from './executors.ts';

/** What this window calls the session of its workspace. */
export const WORKSPACE_ID = 'workspace';
/** The setting's default, for a window whose settings are broken. */
const KEEP_ALIVE_MINUTES = 10;

/** For whom a session is. */
export interface SessionOwner {
  readonly id: string;
  /** For people. */
  readonly title: string;
  /** The notebook whose own session it is; undefined: the workspace's. */
  readonly notebook: vscode.Uri | undefined;
}

/** Makes what sessions are made from, by the settings of the moment. */
export class SessionSpecs {
  readonly #executorSettings: ExecutorSettings;

  constructor(executorSettings: ExecutorSettings) {
    this.#executorSettings = executorSettings;
  }

  /** @throws SettingsError for a setting that can't be used */
  async of(owner: SessionOwner): Promise<SessionSpec> {
    const { title, notebook } = owner;
    const { assertWritable, parseSessionSettings } = await import('./core.ts');
    const configuration = vscode.workspace.getConfiguration('codeMode');
    const settings = parseSessionSettings(
      { executor: configuration.get('executor'), timeout: configuration.get('timeout') },
      (await loadExecutors()).map((executor) => executor.id),
    );
    const stored = await readStoredSettings(localFolder());
    const { baseFolder } = stored;
    if (baseFolder !== undefined) await assertWritable(baseFolder);
    const workspaceFolder = folderOf(notebook);
    const workingFolder = notebook?.scheme === 'file' ? path.dirname(notebook.fsPath) : workspaceFolder;
    return {
      id: sessionIdOf(owner),
      title,
      ...(notebook === undefined ? {} : { notebook: String(notebook) }),
      executor: settings.executor,
      executorSettings: await this.#executorSettings.read(settings.executor, workspaceFolder),
      ...stored,
      tools: await readToolsSettings(),
      deps: await readDepsSettings(localFolder()),
      ...(workspaceFolder === undefined ? {} : { workspaceFolder }),
      ...(workingFolder === undefined ? {} : { workingFolder }),
    };
  }

  /** Whether a session, and the executor that it was made for, are given the same settings now. */
  async hasSameSettings(spec: SessionSpec): Promise<boolean> {
    const { executor, workspaceFolder, executorSettings, storage, embeddings, tools, deps } = spec;
    const now = await readStoredSettings(localFolder());
    return (
      isDeepStrictEqual(executorSettings, await this.#executorSettings.read(executor, workspaceFolder)) &&
      isDeepStrictEqual(
        [storage, embeddings, tools, deps],
        [now.storage, now.embeddings, await readToolsSettings(), await readDepsSettings(localFolder())],
      )
    );
  }
}

/** What everyone who shares the session calls it. */
export function sessionIdOf({ id }: SessionOwner): string {
  return id === WORKSPACE_ID ? workspaceSessionId(localFolder()) : id;
}

/** Seconds for which sessions go on with no window attached. */
export function keepAliveS(): number {
  const minutes = vscode.workspace.getConfiguration('codeMode').get('session.keepAlive');
  return 60 * (typeof minutes === 'number' && minutes >= 0 ? minutes : KEEP_ALIVE_MINUTES);
}

/** The first workspace folder's path, where it is on a disk. */
export function localFolder(): string | undefined {
  return pathOf(vscode.workspace.workspaceFolders?.[0]?.uri);
}

/** The workspace folder that a notebook belongs to, where it is on a disk; the first one's where it belongs to none. */
function folderOf(notebook: vscode.Uri | undefined): string | undefined {
  return pathOf(notebook && vscode.workspace.getWorkspaceFolder(notebook)?.uri) ?? localFolder();
}

function pathOf(uri: vscode.Uri | undefined): string | undefined {
  return uri?.scheme === 'file' ? uri.fsPath : undefined;
}
