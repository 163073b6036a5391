import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { ExecutorDescriptor } from '../../core/executors/registry.ts';
import type { ServedSessions } from '../../core/session/server.ts';
import type { Session, SessionManager, SessionSpec } from '../../core/session/session.ts';
import { showError } from '../messages.ts';
import type { ExecutorSettings } from '../settings/executorSettings.ts';
import { loadExecutors } from './executors.ts';
import { RestartNotice } from './restartNotice.ts';
import { localFolder, type SessionOwner, SessionSpecs } from './sessionSpecs.ts';
import { WindowSession } from './windowSession.ts';

/** Which session a notebook runs in. */
export type NotebookSessionKind = 'own' | 'workspace';

/** What {@link WorkspaceSessions} needs from whoever makes it. */
export interface WorkspaceSessionsOptions {
  /** Absolute path of the built `dist` folder. */
  readonly distFolder: string;
  readonly log: vscode.LogOutputChannel;
  readonly executorSettings: ExecutorSettings;
  /** Keeps which session a notebook was joined to. */
  readonly state: vscode.Memento;
}

const WORKSPACE_ID = 'workspace';
const NOTEBOOK_PREFIX = 'notebook:';
const KIND_KEY = 'codeMode.notebookSession:';

/**
 * The live Python sessions of this window: the one of its workspace, and those that notebooks have for
 * themselves. Owns the session manager, which is loaded on first use, and holds to workspace trust and settings.
 */
export class WorkspaceSessions implements vscode.Disposable {
  readonly #options: WorkspaceSessionsOptions;
  readonly #sessions = new Map<string, WindowSession>();
  /** What each session was made from. */
  readonly #madeFrom = new WeakMap<Session, SessionSpec>();
  readonly #opening = new Map<string, Promise<WindowSession>>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #cleared = new vscode.EventEmitter<Session>();
  readonly #specs: SessionSpecs;
  readonly #notice: RestartNotice;
  readonly #disposables: vscode.Disposable[] = [this.#changed, this.#cleared];
  #manager: Promise<SessionManager> | undefined;
  #served: Promise<ServedSessions | undefined> | undefined;
  #closed = false;

  /** Any session's info changed, or one was opened or closed, or the window's trust or settings changed. */
  readonly onDidChange = this.#changed.event;
  /** The variables of a session are gone: it was reset, restarted or closed. */
  readonly onDidClear = this.#cleared.event;

  constructor(options: WorkspaceSessionsOptions) {
    this.#options = options;
    this.#specs = new SessionSpecs(options.executorSettings);
    this.#notice = new RestartNotice({
      outdated: () => this.#outdated(),
      restart: (session) => this.restart(session),
      onError: (error) => void showError(error, options.log),
    });
    this.#disposables.push(
      this.#notice,
      options.executorSettings.onDidChange(() => this.#notice.check()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#changed.fire()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('codeMode.executor')) {
          this.#onExecutorSet().catch((error) => this.#options.log.warn(String(error)));
        }
        if (event.affectsConfiguration('codeMode')) this.#changed.fire();
      }),
    );
  }

  /**
   * The session of this window's workspace, opened but not started.
   * @throws CodeModeError `untrusted`, `settings` (a setting that can't be used), `closed`
   */
  workspaceSession(): Promise<Session> {
    return this.#session({
      id: WORKSPACE_ID,
      title: vscode.workspace.name ?? 'Window',
      notebook: undefined,
    });
  }

  /** The session that a notebook runs in, opened but not started. @throws as {@link workspaceSession} */
  notebookSession(notebook: vscode.NotebookDocument): Promise<Session> {
    const id = this.#idFor(notebook);
    if (id === WORKSPACE_ID) return this.workspaceSession();
    const { uri } = notebook;
    return this.#session({ id, title: vscode.workspace.asRelativePath(uri), notebook: uri });
  }

  /** The workspace's session, if it is open. */
  current(): Session | undefined {
    return this.#sessions.get(WORKSPACE_ID);
  }

  /** The session that a notebook runs in, if it is open. */
  currentFor(notebook: vscode.NotebookDocument): Session | undefined {
    return this.#sessions.get(this.#idFor(notebook));
  }

  /** What an open session was made from. */
  specOf(session: Session): SessionSpec | undefined {
    return this.#madeFrom.get(session);
  }

  /** Closes the session that a notebook has for itself; the workspace's stays. */
  async closeFor(notebook: vscode.NotebookDocument): Promise<void> {
    await this.#sessions.get(ownId(notebook))?.close();
  }

  /** A notebook goes on at another address, after a rename or "Save As": its session and its choice go with it. */
  async moveNotebook(from: vscode.NotebookDocument, to: vscode.NotebookDocument): Promise<void> {
    const session = this.#sessions.get(ownId(from));
    if (session && !this.#sessions.has(ownId(to))) {
      this.#sessions.delete(ownId(from));
      this.#sessions.set(ownId(to), session);
    }
    const { state } = this.#options;
    const chosen = state.get(KIND_KEY + from.uri.toString());
    if (chosen !== undefined) await state.update(KIND_KEY + to.uri.toString(), chosen);
    this.#changed.fire();
  }

  /** Whether a notebook has a session for itself, by its own choice or by the setting. */
  notebookSessionKind(notebook: vscode.NotebookDocument): NotebookSessionKind {
    if (notebook.notebookType === 'interactive') return 'workspace';
    const chosen = this.#options.state.get(KIND_KEY + notebook.uri.toString());
    const kind =
      chosen ?? vscode.workspace.getConfiguration('codeMode', notebook.uri).get('notebook.session');
    return kind === 'workspace' ? 'workspace' : 'own';
  }

  /** Joins a notebook to the workspace's session, or gives it one of its own; remembered in this workspace. */
  async setNotebookSessionKind(notebook: vscode.NotebookDocument, kind: NotebookSessionKind): Promise<void> {
    if (kind === 'workspace') await this.closeFor(notebook);
    await this.#options.state.update(KIND_KEY + notebook.uri.toString(), kind);
    this.#changed.fire();
  }

  /**
   * Whether code may run here. In an untrusted workspace it may not: that says so, with a button that manages
   * the trust.
   */
  ensureTrusted(): boolean {
    if (vscode.workspace.isTrusted) return true;
    const manage = 'Manage Workspace Trust';
    vscode.window
      .showWarningMessage('Python code only runs in a workspace that you trust.', manage)
      .then((chosen) => {
        if (chosen === manage) return vscode.commands.executeCommand('workbench.trust.manage');
        return undefined;
      });
    return false;
  }

  /** The executor that the settings choose, as written: it may not exist. */
  get chosenExecutor(): string {
    return String(vscode.workspace.getConfiguration('codeMode').get('executor'));
  }

  /**
   * Makes way for another executor: asks where live variables would be lost, and closes the sessions that run
   * on another one. They open again, on the chosen executor, when they are next used.
   *
   * @returns false where the person wants to keep them
   */
  async makeWayFor(
    executor: ExecutorDescriptor,
    ask: (message: string) => Thenable<boolean>,
  ): Promise<boolean> {
    const others = [...this.#sessions.values()].filter(({ info }) => info.executor !== executor.id);
    const live = others.filter(({ info }) => info.state !== 'stopped');
    if (live.length > 0) {
      const names = live.map(({ info }) => `"${info.title}"`).join(', ');
      const sessions = live.length === 1 ? 'the Python session' : 'the Python sessions';
      if (!(await ask(`Switching to ${executor.label} ends ${sessions} of ${names}. Variables are lost.`))) {
        return false;
      }
    }
    await Promise.all(others.map((session) => session.close()));
    return true;
  }

  /**
   * Starts a session's Python afresh, with the settings of now: a live session keeps those that it was opened with.
   */
  async restart(session: Session): Promise<void> {
    const known = [...this.#sessions].find(([, open]) => open === session)?.[0];
    const owner = known === undefined ? undefined : ownerOf(known, session.info.title);
    if (!owner || !(await this.#isMadeOtherwise(session, owner))) return session.restart();
    await session.close();
    await (await this.#session(owner)).start();
  }

  /** A command has changed settings: tells which sessions have to be restarted for them, with a button that does. */
  offerRestart(): void {
    this.#notice.remind();
  }

  /** Closes every session, so that no process is left. Nothing can be opened afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    const manager = this.#manager;
    this.#manager = undefined;
    const started = await manager;
    const served = await this.#served;
    this.#served = undefined;
    await served?.dispose();
    await started?.[Symbol.asyncDispose]();
  }

  dispose(): void {
    this.close().catch((error) => this.#options.log.warn(`Closing the sessions: ${String(error)}`));
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #idFor(notebook: vscode.NotebookDocument): string {
    return this.notebookSessionKind(notebook) === 'workspace' ? WORKSPACE_ID : ownId(notebook);
  }

  #session(owner: SessionOwner): Promise<WindowSession> {
    const known = this.#sessions.get(owner.id);
    if (known && isLive(known)) return Promise.resolve(known);
    // Two who ask at the same time get the same session.
    let opening = this.#opening.get(owner.id);
    if (!opening) {
      opening = (known ? this.#renew(known, owner) : this.#open(owner)).finally(() =>
        this.#opening.delete(owner.id),
      );
      this.#opening.set(owner.id, opening);
    }
    return opening;
  }

  /** A session whose Python does not run has nothing to lose: it follows the settings at once. */
  async #renew(session: WindowSession, owner: SessionOwner): Promise<WindowSession> {
    if (!(await this.#isMadeOtherwise(session, owner))) return session;
    await session.close();
    return this.#open(owner);
  }

  async #open(owner: SessionOwner): Promise<WindowSession> {
    const { ClosedError, CodeModeError, parseTimeout } = await import('./core.ts');
    if (this.#closed) throw new ClosedError('Python Code Mode');
    if (!vscode.workspace.isTrusted) {
      throw new CodeModeError('untrusted', 'Python code only runs in a workspace that you trust.', {
        hint: 'Trust this workspace with the command "Workspaces: Manage Workspace Trust".',
      });
    }
    const spec = await this.#specs.of(owner);
    const manager = await this.#loadManager(spec.baseFolder);
    const inner = await manager.open({ ...spec, id: this.#freeId(owner.id) });
    const session = new WindowSession(inner, () =>
      parseTimeout(vscode.workspace.getConfiguration('codeMode').get('timeout')),
    );
    this.#sessions.set(owner.id, session);
    this.#madeFrom.set(session, spec);
    session.onDidChange(() => this.#changed.fire());
    session.onDidClear(() => this.#cleared.fire(session));
    session.onDidClose(() => {
      for (const [key, open] of this.#sessions) if (open === session) this.#sessions.delete(key);
      this.#changed.fire();
    });
    this.#changed.fire();
    return session;
  }

  /** A session that moved with its notebook keeps its id: another notebook at the old address needs one of its own. */
  #freeId(id: string): string {
    const taken = new Set([...this.#sessions.values()].map((session) => session.id));
    let free = id;
    for (let count = 2; taken.has(free); count += 1) free = `${id}#${count}`;
    return free;
  }

  /** Whether the settings of now make another session than they did when it was opened. */
  async #isMadeOtherwise(session: Session, owner: SessionOwner): Promise<boolean> {
    const madeFrom = this.#madeFrom.get(session);
    // Under which name it goes is no reason to end it: one that moved with its notebook kept the old one.
    const spec = { ...(await this.#specs.of(owner)), id: madeFrom?.id };
    return !isDeepStrictEqual(spec, madeFrom);
  }

  /** The live sessions whose executor is given other settings by now. */
  async #outdated(): Promise<readonly Session[]> {
    const outdated: Session[] = [];
    for (const session of this.#sessions.values()) {
      const madeFrom = this.#madeFrom.get(session);
      if (!madeFrom || !isLive(session)) continue;
      if (!(await this.#specs.hasSameSettings(madeFrom))) outdated.push(session);
    }
    return outdated;
  }

  #loadManager(baseFolder: string | undefined): Promise<SessionManager> {
    this.#manager ??= import('./core.ts').then(({ createSessionManager }) => {
      const manager = createSessionManager({
        distFolder: this.#options.distFolder,
        log: (line) => this.#options.log.info(line),
      });
      this.#served = this.#serve(manager, baseFolder);
      return manager;
    });
    return this.#manager;
  }

  /** Lets the command line of the same user join the sessions, as long as the window has any use for Python. */
  async #serve(manager: SessionManager, baseFolder: string | undefined): Promise<ServedSessions | undefined> {
    const workspaceFolder = localFolder();
    if (workspaceFolder === undefined) return undefined;
    try {
      const { serveSessions } = await import('./core.ts');
      return await serveSessions(manager, {
        workspaceFolder,
        ...(baseFolder === undefined ? {} : { baseFolder }),
        log: (line) => this.#options.log.info(line),
        openWorkspaceSession: () => this.workspaceSession(),
      });
    } catch (error) {
      // The window works without it: only the command line starts a session of its own then.
      this.#options.log.warn(`The sessions are not open to the command line: ${String(error)}`);
      return undefined;
    }
  }

  /** The setting was changed by hand or by a command: what runs on another executor is dropped only if the person agrees. */
  async #onExecutorSet(): Promise<void> {
    if (this.#sessions.size === 0) return;
    const chosen = (await loadExecutors()).find(({ id }) => id === this.chosenExecutor);
    // A broken setting is told where it is used, once.
    if (!chosen) return;
    try {
      await this.makeWayFor(chosen, async (message) => {
        const answer = await vscode.window.showWarningMessage(message, 'Switch', 'Keep the Session');
        return answer === 'Switch';
      });
    } catch (error) {
      await showError(error, this.#options.log);
    }
  }
}

/** Whether a session has a Python that runs or starts. */
function isLive({ info }: Session): boolean {
  return info.state !== 'stopped' && info.state !== 'dead';
}

function ownId(notebook: vscode.NotebookDocument): string {
  return NOTEBOOK_PREFIX + notebook.uri.toString();
}

/** For whom the session is that is kept under an id. */
function ownerOf(id: string, title: string): SessionOwner {
  const isNotebook = id.startsWith(NOTEBOOK_PREFIX);
  const notebook = isNotebook ? vscode.Uri.parse(id.slice(NOTEBOOK_PREFIX.length), true) : undefined;
  return { id, title, notebook };
}
