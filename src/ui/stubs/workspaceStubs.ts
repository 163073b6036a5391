import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { StubContent } from '../../core/stubs/stubFiles.ts';
import { showError } from '../messages.ts';
import { Reload } from '../reload.ts';
import { localFolder } from '../sessions/sessionSpecs.ts';
import type { WorkspaceStore } from '../store/workspaceStore.ts';
import type { WorkspaceTools } from '../store/workspaceTools.ts';
import type { StubPlace } from './stubFolder.ts';

/** What {@link WorkspaceStubs} is made with. */
export interface WorkspaceStubsOptions {
  readonly store: WorkspaceStore;
  readonly tools: WorkspaceTools;
  /** Keeps where stubs were written, so that they can be taken away again. */
  readonly state: vscode.Memento;
  readonly log: vscode.LogOutputChannel;
}

const FOLDER_KEY = 'codeMode.stubFolder';
const NOTHING: StubContent = { tools: [], workflows: [] };
/** Milliseconds for which changes are gathered: whoever writes a workflow saves often. */
const SETTLE_MS = 500;
/** Milliseconds after the start: what a window is opened for comes first. */
const START_MS = 2000;

/**
 * Keeps stubs of this workspace's tools and workflows where type checkers look for them, so that Pylance, Pyright and
 * others know `tools`, `workflows`, `artifacts` and `deps`. A workspace that has neither gets none.
 */
export class WorkspaceStubs implements vscode.Disposable {
  readonly #options: WorkspaceStubsOptions;
  readonly #disposables: vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;
  readonly #reload = new Reload(() => this.#updateOnce());
  /** What was said last, which nobody wants to hear at every change. */
  #told = '';

  constructor(options: WorkspaceStubsOptions) {
    this.#options = options;
    const { store, tools } = options;
    this.#disposables = [
      tools.onDidChange(() => this.#updateSoon()),
      store.onDidOpen(() => this.#updateSoon()),
      store.onDidChange((changed) => {
        if (changed === 'workflows') this.#updateSoon();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#updateSoon()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#updateSoon()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        const concerns = ['codeMode.stubs', 'codeMode.baseFolder', 'python.analysis.stubPath'];
        if (concerns.some((name) => event.affectsConfiguration(name))) this.#updateSoon();
      }),
    ];
    this.#updateSoon(START_MS);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #updateSoon(delay = SETTLE_MS): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#reload.run(), delay);
  }

  async #updateOnce(): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#update();
    } catch (error) {
      const message = String(error);
      if (message === this.#told) return;
      this.#told = message;
      // A setting is for the person to mend; whatever else fails here hinders nobody.
      if (isSettingsError(error)) void showError(error, log);
      else log.warn(`The stubs: ${message}`);
    }
  }

  async #update(): Promise<void> {
    const { state, log } = this.#options;
    const workspaceFolder = localFolder();
    if (!vscode.workspace.isTrusted || workspaceFolder === undefined) return;
    const before = state.get<string>(FOLDER_KEY);
    const isOn = vscode.workspace.getConfiguration('codeMode').get('stubs.enabled') !== false;
    if (before === undefined && !(isOn && (await mayHaveContent(workspaceFolder)))) return;

    const content = isOn ? await this.#content() : NOTHING;
    if (content === undefined) return;
    const { resolveStubFolder, stubFiles, syncStubs } = await import('../sessions/core.ts');
    const isEmpty = content.tools.length + content.workflows.length === 0;
    const folder = isEmpty ? undefined : await resolveStubFolder(stubPlace(workspaceFolder));
    if (before !== undefined && before !== folder) await syncStubs(before, new Map());
    if (before !== folder) await state.update(FOLDER_KEY, folder);
    if (folder === undefined) return;
    const foreign = await syncStubs(folder, await stubFiles(content));
    const left =
      foreign.length === 0 ? '' : `${folder} has files of its own, which stay: ${foreign.join(', ')}`;
    if (left !== this.#told && left !== '') log.warn(`The stubs: ${left}`);
    this.#told = left;
  }

  /** Undefined: it can't be told now, so that what is there stays. */
  async #content(): Promise<StubContent | undefined> {
    const { store, tools } = this.#options;
    const spec = await store.spec();
    if (spec === undefined) return NOTHING;
    // A server is not asked, and nobody for its password, for the sake of stubs alone.
    if (spec.type === 'redis' && !store.isOpen) return undefined;
    const [found, workflows] = await Promise.all([
      tools.list(),
      store.workflows().then((library) => library.list()),
    ]);
    return { tools: found.flatMap(({ status }) => status ?? []), workflows };
  }
}

/** Where the stubs are wanted: by this extension's own setting, else where the person's type checker looks. */
function stubPlace(workspaceFolder: string): StubPlace {
  const own = vscode.workspace.getConfiguration('codeMode').inspect('stubs.folder');
  const chosen = own?.workspaceFolderValue ?? own?.workspaceValue ?? own?.globalValue;
  const looked: unknown = vscode.workspace
    .getConfiguration('python.analysis', vscode.Uri.file(workspaceFolder))
    .get('stubPath');
  if (chosen === undefined && typeof looked === 'string' && looked.trim() !== '') {
    return { setting: 'python.analysis.stubPath', value: looked, workspaceFolder };
  }
  return { setting: 'codeMode.stubs.folder', value: chosen ?? own?.defaultValue, workspaceFolder };
}

/** False for a workspace that surely has no base folder: nothing is loaded for it. */
async function mayHaveContent(workspaceFolder: string): Promise<boolean> {
  const setting = vscode.workspace.getConfiguration('codeMode').get('baseFolder');
  if (typeof setting !== 'string' || /^~|\$\{/u.test(setting)) return true;
  return stat(path.resolve(workspaceFolder, setting)).then(
    (status) => status.isDirectory(),
    () => false,
  );
}

/** Looked at by shape, as its class would be loaded otherwise. */
function isSettingsError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'settings';
}
