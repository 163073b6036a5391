import * as vscode from 'vscode';
import type { CodeModeError } from '../../core/contract/errors.ts';
import type { AttachedSessionManager } from '../../core/session/attached.ts';
import type { HostClientOptions } from '../../core/session/host/hostClient.ts';
import type { SessionInfo, SessionManager } from '../../core/session/session.ts';
import { askInput } from '../input.ts';
import type { Secrets } from '../secrets.ts';
import { askApproval } from '../tools/askApproval.ts';
import type { ProvidedTools } from '../tools/providedTools.ts';
import { localFolder } from './sessionSpecs.ts';

/** What {@link SessionHosts} needs from whoever makes it. */
export interface SessionHostsOptions {
  /** Absolute path of the built `dist` folder. */
  readonly distFolder: string;
  readonly version: string;
  readonly log: vscode.LogOutputChannel;
  /** Seconds for which a host goes on with nobody attached. */
  readonly keepAliveS: () => number;
  readonly secrets: Secrets;
  /** Tools of other extensions, for the sessions. */
  readonly providedTools: ProvidedTools;
  /** Opens the workspace's session for somebody else who asks for it. */
  readonly openWorkspaceSession: () => Promise<unknown>;
}

/** Milliseconds for which changes are gathered: a run that begins and ends makes several. */
const GATHER_MS = 30;

/**
 * The session managers of this window, one for each base folder: attached to the folder's host, or of this process where
 * nothing is kept on disk, since nobody could find such sessions again.
 */
export class SessionHosts implements vscode.Disposable {
  readonly #options: SessionHostsOptions;
  readonly #managers = new Map<string | undefined, Promise<SessionManager>>();
  readonly #ready = new Set<SessionManager>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #lost = new vscode.EventEmitter<CodeModeError>();
  readonly #toolsChanged = new vscode.EventEmitter<void>();
  readonly #settings: vscode.Disposable;
  #gathering: NodeJS.Timeout | undefined;

  /** The sessions that there are, or what they do, may have changed. */
  readonly onDidChange = this.#changed.event;
  /** A host has ended under its sessions. */
  readonly onDidLose = this.#lost.event;

  /** The tools of the sessions, or how they are, may have changed. */
  readonly onDidChangeTools = this.#toolsChanged.event;

  constructor(options: SessionHostsOptions) {
    this.#options = options;
    this.#settings = vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('codeMode.session.keepAlive')) this.#tellKeepAlive();
    });
  }

  /** Whether this window is attached to a host. */
  get isAttached(): boolean {
    return [...this.#ready].some(isAttached);
  }

  /** The manager for a base folder; a host is started where there is none. @throws CodeModeError */
  manager(baseFolder: string | undefined): Promise<SessionManager> {
    return this.#remember(baseFolder, () =>
      baseFolder === undefined ? this.#inThisProcess() : this.#startHost(baseFolder),
    );
  }

  /** The manager for a base folder whose host runs already, or that is in use; undefined: none. */
  async find(baseFolder: string | undefined): Promise<SessionManager | undefined> {
    const known = this.#managers.get(baseFolder);
    if (known || baseFolder === undefined) return known;
    const { findHost } = await import('./core.ts');
    const found = await findHost(this.#clientOptions(baseFolder));
    if (!found) return undefined;
    const meanwhile = this.#managers.get(baseFolder);
    if (!meanwhile) return this.#remember(baseFolder, async () => found);
    await found[Symbol.asyncDispose]();
    return meanwhile;
  }

  /** The manager for a base folder that is in use already. */
  async known(baseFolder: string | undefined): Promise<SessionManager | undefined> {
    return this.#managers.get(baseFolder)?.catch(() => undefined);
  }

  /** All sessions that this window can see, whoever opened them. */
  async list(): Promise<readonly SessionInfo[]> {
    const lists = await Promise.all([...this.#ready].map((manager) => manager.list().catch(() => [])));
    return lists.flat();
  }

  /** The manager that has the session. */
  managerOf(id: string): SessionManager | undefined {
    return [...this.#ready].find((manager) => manager.get(id));
  }

  /** Detaches from the hosts, which go on; sessions of this process end. */
  async close(): Promise<void> {
    const managers = [...this.#managers.values()];
    this.#managers.clear();
    await Promise.allSettled(managers.map(async (manager) => (await manager)[Symbol.asyncDispose]()));
  }

  dispose(): void {
    clearTimeout(this.#gathering);
    vscode.Disposable.from(this.#settings, this.#changed, this.#lost, this.#toolsChanged).dispose();
  }

  #remember(baseFolder: string | undefined, create: () => Promise<SessionManager>): Promise<SessionManager> {
    const known = this.#managers.get(baseFolder);
    if (known) return known;
    const made = create().then((manager) => {
      this.#watch(baseFolder, manager);
      return manager;
    });
    this.#managers.set(baseFolder, made);
    // The next one tries again.
    made.catch(() => this.#managers.delete(baseFolder));
    return made;
  }

  #watch(baseFolder: string | undefined, manager: SessionManager): void {
    this.#ready.add(manager);
    manager.onDidChangeSessions(() => this.#changedSoon());
    manager.tools.onDidChange(() => this.#toolsChanged.fire());
    const provided = this.#options.providedTools.giveTo(manager);
    manager.onDidLose((error) => {
      provided.dispose();
      this.#toolsChanged.fire();
      this.#ready.delete(manager);
      this.#managers.delete(baseFolder);
      this.#lost.fire(error);
      this.#changedSoon();
    });
    this.#changedSoon();
  }

  #changedSoon(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#changed.fire();
    }, GATHER_MS);
  }

  async #inThisProcess(): Promise<SessionManager> {
    const { createSessionManager } = await import('./core.ts');
    const { distFolder, log, secrets } = this.#options;
    return createSessionManager({
      distFolder,
      log: (line) => log.info(line),
      clientName: clientName(),
      secret: secrets.get,
      approve: askApproval,
    });
  }

  async #startHost(baseFolder: string): Promise<SessionManager> {
    const { attachToHost, CodeModeError, endHost } = await import('./core.ts');
    const options = this.#clientOptions(baseFolder);
    try {
      return await attachToHost(options);
    } catch (error) {
      if (CodeModeError.is(error, 'other-version')) {
        const end = 'End It and Continue';
        const chosen = await vscode.window.showWarningMessage(
          error.message,
          { modal: true, detail: 'Its Python sessions and their variables end with it.' },
          end,
        );
        if (chosen !== end) throw error;
        await endHost(options);
        return attachToHost(options);
      }
      // Better a session that ends with the window than none.
      this.#options.log.error(`The session host can't be started: ${CodeModeError.describe(error)}`);
      void vscode.window
        .showWarningMessage(
          `Python sessions of this window end with it, and nobody else can join them: ${CodeModeError.describe(error)}`,
          'Show Log',
        )
        .then((chosen) => chosen && this.#options.log.show());
      return this.#inThisProcess();
    }
  }

  #clientOptions(baseFolder: string): HostClientOptions {
    const { distFolder, version, log, keepAliveS, openWorkspaceSession, secrets } = this.#options;
    const workspaceFolder = localFolder();
    return {
      baseFolder,
      distFolder,
      version,
      clientName: clientName(),
      comesBack: true,
      keepAliveS: keepAliveS(),
      ...(workspaceFolder === undefined ? {} : { workspaceFolder }),
      onInput: askInput,
      onSecret: secrets.get,
      onApproval: askApproval,
      openWorkspaceSession,
      log: (line) => log.info(line),
    };
  }

  #tellKeepAlive(): void {
    for (const manager of this.#ready) {
      if (isAttached(manager)) manager.keepAlive(this.#options.keepAliveS());
    }
  }
}

function isAttached(manager: SessionManager): manager is AttachedSessionManager {
  return 'keepAlive' in manager;
}

/** How others are told who this is. */
function clientName(): string {
  return vscode.workspace.name === undefined ? 'VS Code' : `VS Code (${vscode.workspace.name})`;
}
