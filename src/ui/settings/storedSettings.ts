import os from 'node:os';
import * as vscode from 'vscode';
import type { EmbeddingsSpec } from '../../core/search/embeddingsSpec.ts';
import type { StorageSpec } from '../../core/storage/storageSpec.ts';

/** Where the settings of this window keep things. */
export interface StoredSettings {
  /** Absolute path; undefined: nothing is kept on disk. */
  readonly baseFolder?: string;
  /** Undefined: artifacts and workflows are not kept. */
  readonly storage?: StorageSpec;
  /** Undefined: searches are lexical alone. */
  readonly embeddings?: EmbeddingsSpec;
}

/**
 * Reads those settings.
 *
 * @param workspaceFolder - absolute path of the first workspace folder, where it is on a disk
 * @throws SettingsError
 */
export async function readStoredSettings(workspaceFolder: string | undefined): Promise<StoredSettings> {
  const core = await import('../sessions/core.ts');
  const configuration = vscode.workspace.getConfiguration('codeMode');
  const resolve = (folder: string) => core.resolveBaseFolder(folder, { workspaceFolder, home: os.homedir() });
  const baseFolder = resolve(core.parseBaseFolder(configuration.get('baseFolder')));
  const raw = <Name extends string>(names: readonly Name[]) =>
    Object.fromEntries(names.map((name) => [name, configuration.get(name)])) as Record<Name, unknown>;
  const storage = core.parseStorageSettings(raw(core.STORAGE_SETTINGS), baseFolder);
  const embeddings = core.parseEmbeddingsSettings(raw(core.EMBEDDINGS_SETTINGS), resolve);
  return {
    ...(baseFolder === undefined ? {} : { baseFolder }),
    ...(storage === undefined ? {} : { storage }),
    ...(embeddings === undefined ? {} : { embeddings }),
  };
}
