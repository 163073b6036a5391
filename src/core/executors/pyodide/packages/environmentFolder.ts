import { stat } from 'node:fs/promises';
import path from 'node:path';
import envPaths from 'env-paths';
import { FileLock } from '../../../common/files/fileLock.ts';
import { folderKey } from '../../../common/files/folderKey.ts';
import { makeFolders } from '../../../common/files/folders.ts';
import { createTemporaryFolder, removeTemporaryFolder } from '../../temporaryFolder.ts';
import { pyodideFiles, SITE_PACKAGES } from '../runtime/files.ts';
import { readPyodideLock } from './lockFile.ts';
import { recoverSite } from './siteChange.ts';

/** Which packages are meant. */
export interface EnvironmentOptions {
  /** Absolute path of the built `dist` folder. */
  readonly distFolder: string;
  /** Absolute path of the base folder or of the workspace; undefined: packages live as long as the session. */
  readonly owner: string | undefined;
  /** Absolute path of the folder that the packages of all workspaces are kept in. */
  readonly dataFolder?: string | undefined;
  readonly log: (line: string) => void;
}

/** Another session may download large packages. */
const LOCK_WAIT_MS = 300_000;

/**
 * The folder that the packages of a workspace are unpacked in, for Pyodide. Sessions of the workspace share it. It is kept
 * for one version of Pyodide's binary interface: compiled packages fit no other.
 */
export class EnvironmentFolder {
  /** Whether it outlives the session. */
  readonly isKept: boolean;
  readonly #options: EnvironmentOptions;
  #folder: Promise<string> | undefined;
  #lock: FileLock | undefined;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    this.isKept = options.owner !== undefined;
  }

  /** Absolute path, whether or not it is made. */
  path(): Promise<string> {
    this.#folder ??= this.#place();
    return this.#folder;
  }

  /** Absolute path of the folder of all packages in it, whether or not it is made. */
  async sitePackages(): Promise<string> {
    return path.join(await this.path(), SITE_PACKAGES);
  }

  /** As {@link path}; the folder of all packages is there afterwards. */
  async ensure(): Promise<string> {
    const folder = await this.path();
    const isThere = await stat(path.join(folder, SITE_PACKAGES)).then(
      () => true,
      () => false,
    );
    if (!isThere) await this.hold(async () => undefined);
    return folder;
  }

  /**
   * Runs an action that changes the packages, while nobody else does. What one that was killed has left is put in order
   * before.
   *
   * @param signal - ends the wait for others, with its reason
   * @throws CodeModeError `storage` if others change them for too long
   */
  async hold<T>(action: (folder: string) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const folder = await this.path();
    await makeFolders(folder);
    this.#lock ??= new FileLock(path.join(folder, 'lock'), { log: this.#options.log, waitMs: LOCK_WAIT_MS });
    return this.#lock.hold(async () => {
      await recoverSite(folder);
      await makeFolders(path.join(folder, SITE_PACKAGES));
      return action(folder);
    }, signal);
  }

  /** Removes what does not outlive the session. */
  async close(): Promise<void> {
    if (this.isKept || !this.#folder) return;
    const folder = await this.#folder.catch(() => undefined);
    if (folder !== undefined) await removeTemporaryFolder(folder);
  }

  async #place(): Promise<string> {
    const { distFolder, owner } = this.#options;
    if (owner === undefined) return createTemporaryFolder();
    const [lock, key] = await Promise.all([
      readPyodideLock(pyodideFiles(distFolder).lockFile),
      folderKey(owner),
    ]);
    return path.join(this.#options.dataFolder ?? defaultDataFolder(), `pyodide-${lock.abiVersion}`, key);
  }
}

/** People put packages into it, so that it is no folder that systems clean up. */
function defaultDataFolder(): string {
  return path.join(envPaths('python-code-mode', { suffix: '' }).data, 'packages');
}
