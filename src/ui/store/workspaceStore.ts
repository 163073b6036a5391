import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { ArtifactStore, StorageBackend, StoreContent } from '../../core/contract/storage.ts';
import type { StorageSpec } from '../../core/storage/storageSpec.ts';
import type { WorkflowLibrary } from '../../core/workflows/library.ts';
import type { Secrets } from '../secrets.ts';
import { localFolder } from '../sessions/sessionSpecs.ts';
import { readStoredSettings, type StoredSettings } from '../settings/storedSettings.ts';
import { authorityOf, STORE_SCHEME } from './storeUri.ts';
import { watchStore } from './watchStore.ts';

/** What {@link WorkspaceStore} needs from whoever makes it. */
export interface WorkspaceStoreOptions {
  readonly secrets: Secrets;
  readonly log: vscode.LogOutputChannel;
}

/** A store that is open, and what was opened with it. */
interface OpenStore extends vscode.Disposable {
  readonly settings: StoredSettings;
  readonly storage: StorageBackend;
  readonly workflows: WorkflowLibrary;
}

const KINDS: readonly StoreContent[] = ['artifacts', 'workflows'];
/** Milliseconds for which settings are left to settle: several are often changed at once. */
const SETTLE_MS = 100;

/**
 * The artifacts and workflows of this window's workspace, for the person: the same store that its sessions have, used
 * without one. It is opened when it is first asked for, and follows the settings.
 */
export class WorkspaceStore implements vscode.Disposable {
  readonly #options: WorkspaceStoreOptions;
  readonly #changed = new vscode.EventEmitter<StoreContent>();
  readonly #openedEmitter = new vscode.EventEmitter<void>();
  readonly #disposables: vscode.Disposable[] = [this.#changed, this.#openedEmitter];
  #open: Promise<OpenStore> | undefined;
  #settling: NodeJS.Timeout | undefined;

  /** Something of the store has changed, by anybody; both are fired where the store itself has become another. */
  readonly onDidChange = this.#changed.event;
  /** The store was opened, since somebody asked for what is in it. */
  readonly onDidOpen = this.#openedEmitter.event;

  constructor(options: WorkspaceStoreOptions) {
    this.#options = options;
    this.#disposables.push(
      vscode.workspace.onDidChangeConfiguration((event) => {
        const concerns = ['storage', 'redis', 'workspaceId', 'baseFolder', 'embeddings'];
        if (concerns.some((name) => event.affectsConfiguration(`codeMode.${name}`))) this.#reconsiderSoon();
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#reconsiderSoon()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.reopen()),
    );
  }

  /** Whether somebody has asked for what is in it. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** @throws CodeModeError that says what to do where there is no store */
  async artifacts(): Promise<ArtifactStore> {
    return (await this.storage()).artifacts;
  }

  /** @throws as {@link artifacts} */
  async workflows(): Promise<WorkflowLibrary> {
    return (await this.#opened()).workflows;
  }

  /** @throws as {@link artifacts} */
  async storage(): Promise<StorageBackend> {
    return (await this.#opened()).storage;
  }

  /** Which store it is; undefined where there is none. @throws SettingsError */
  async spec(): Promise<StorageSpec | undefined> {
    return vscode.workspace.isTrusted ? (await readStoredSettings(localFolder())).storage : undefined;
  }

  /** The folder that the artifacts or the workflows are in, whether it is there yet or not. @throws as {@link artifacts} */
  async root(kind: StoreContent): Promise<vscode.Uri> {
    const access = (await this.storage()).getSerializableAccess();
    if (access.type === 'redis') {
      return vscode.Uri.from({ scheme: STORE_SCHEME, authority: authorityOf(access), path: `/${kind}` });
    }
    const folder = kind === 'artifacts' ? access.artifacts_path : access.workflows_path;
    return vscode.Uri.file(folder ?? path.join(path.dirname(access.artifacts_path), 'workflows'));
  }

  /** The document of an artifact or a workflow. @throws as {@link artifacts} */
  async uriOf(kind: StoreContent, name: string): Promise<vscode.Uri> {
    if (kind === 'artifacts') return vscode.Uri.joinPath(await this.root(kind), ...name.split('/'));
    const file = (await this.workflows()).pathOf(name);
    return file === undefined
      ? vscode.Uri.joinPath(await this.root(kind), `${name}.py`)
      : vscode.Uri.file(file);
  }

  /** Whether a document is below the folder of the artifacts or of the workflows; false where there is no store. */
  async holds(kind: StoreContent, uri: vscode.Uri): Promise<boolean> {
    const root = await this.root(kind).catch(() => undefined);
    if (root?.scheme !== uri.scheme || root.authority !== uri.authority) return false;
    return uri.path.startsWith(`${root.path}/`);
  }

  /** Says that this window has just changed something: whoever shows it need not wait for the watch to notice. */
  tellChange(kind: StoreContent): void {
    this.#changed.fire(kind);
  }

  /** Opens the store anew, with the password of now. */
  reopen(): void {
    this.#close();
    for (const kind of KINDS) this.#changed.fire(kind);
  }

  dispose(): void {
    clearTimeout(this.#settling);
    this.#close();
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #reconsiderSoon(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      this.#reconsider().catch((error: unknown) => this.#options.log.warn(String(error)));
    }, SETTLE_MS);
  }

  async #reconsider(): Promise<void> {
    const opened = await this.#open?.catch(() => undefined);
    const now = await readStoredSettings(localFolder()).catch(() => undefined);
    if (!opened || !isDeepStrictEqual(opened.settings, now)) this.reopen();
  }

  #opened(): Promise<OpenStore> {
    if (!this.#open) {
      const opening = this.#openNow();
      this.#open = opening;
      opening.then(
        () => this.#openedEmitter.fire(),
        () => {
          // The next call tries again.
          if (this.#open === opening) this.#open = undefined;
        },
      );
    }
    return this.#open;
  }

  async #openNow(): Promise<OpenStore> {
    const core = await import('../sessions/core.ts');
    if (!vscode.workspace.isTrusted) {
      throw new core.CodeModeError(
        'untrusted',
        'Artifacts and workflows are shown in a workspace that you trust.',
        {
          hint: 'Trust this workspace with the command "Workspaces: Manage Workspace Trust".',
        },
      );
    }
    const settings = await readStoredSettings(localFolder());
    if (!settings.storage) {
      throw new core.CodeModeError(
        'storage',
        'Artifacts and workflows are kept in a folder, and none is open.',
        {
          hint: 'Open a folder, or set codeMode.baseFolder to an absolute path.',
        },
      );
    }
    const { secrets, log } = this.#options;
    const store = new core.SessionStore(settings.storage, settings.embeddings, {
      log: (line) => log.info(line),
      secret: secrets.get,
    });
    const { storage, workflows } = store;
    const watching = watchStore(storage, (changed) => this.#changed.fire(changed));
    return {
      settings,
      storage,
      workflows,
      dispose: () => {
        watching.dispose();
        store[Symbol.asyncDispose]().then(undefined, (error: unknown) => log.warn(String(error)));
      },
    };
  }

  #close(): void {
    const open = this.#open;
    this.#open = undefined;
    open?.then(
      (store) => store.dispose(),
      () => undefined,
    );
  }
}
