import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { ContainerRebuildOptions } from '../../core/contract/container.ts';
import type { ExecutorDescriptor } from '../../core/executors/registry.ts';
import type { Session, SessionInfo, SessionManager } from '../../core/session/session.ts';
import type { SessionTools } from '../../core/session/tools.ts';
import { showError } from '../messages.ts';
import type { Secrets } from '../secrets.ts';
import type { ExecutorSettings } from '../settings/executorSettings.ts';
import { readStoredSettings } from '../settings/storedSettings.ts';
import type { ProvidedTools } from '../tools/providedTools.ts';
import { loadExecutors } from './executors.ts';
import { RestartNotice } from './restartNotice.ts';
import { SessionHosts } from './sessionHosts.ts';
import {
  keepAliveS,
  localFolder,
  type SessionOwner,
  SessionSpecs,
  sessionIdOf,
  WORKSPACE_ID,
} from './sessionSpecs.ts';
import { WindowSession } from './windowSession.ts';

/** Which session a notebook runs in. */
export type NotebookSessionKind = 'own' | 'workspace';

/** What {@link WorkspaceSessions} needs from whoever makes it. */
export interface WorkspaceSessionsOptions {
  /** Absolute path of the built `dist` folder. */
  readonly distFolder: string;
  /** Of the extension. */
  readonly version: string;
  readonly log: vscode.LogOutputChannel;
  readonly executorSettings: ExecutorSettings;
  readonly secrets: Secrets;
  /** Tools of other extensions, for the sessions. */
  readonly providedTools: ProvidedTools;
  /** Keeps which session a notebook was joined to, and whether there are sessions to come back to. */
  readonly state: vscode.Memento;
}

const NOTEBOOK_PREFIX = 'notebook:';
/** What decides where things are kept, which a live session goes on with as it was. */
const STORED_SETTINGS = ['storage', 'redis', 'workspaceId', 'embeddings', 'tools'].map(
  (name) => `codeMode.${name}`,
);
const KIND_KEY = 'codeMode.notebookSession:';
const ATTACHED_KEY = 'codeMode.attached';

/**
 * The live Python sessions of this window: the one of its workspace, and those that notebooks have for
 * themselves. They live in a host and outlive the window; what is here holds to workspace trust and settings.
 */
export class WorkspaceSessions implements vscode.Disposable {
  readonly #options: WorkspaceSessionsOptions;
  readonly #sessions = new Map<string, WindowSession>();
  readonly #opening = new Map<string, Promise<WindowSession>>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #cleared = new vscode.EventEmitter<Session>();
  readonly #attached = new vscode.EventEmitter<void>();
  readonly #specs: SessionSpecs;
  readonly #hosts: SessionHosts;
  readonly #notice: RestartNotice;
  readonly #disposables: vscode.Disposable[] = [this.#changed, this.#cleared, this.#attached];
  #closed = false;

  /** Any session's info changed, or one was opened or closed, or the window's trust or settings changed. */
  readonly onDidChange = this.#changed.event;
  /** The variables of a session are gone: it was reset, restarted or closed. */
  readonly onDidClear = this.#cleared.event;
  /** The window has come back to sessions that lived on without it. */
  readonly onDidAttach = this.#attached.event;
  /** The sessions that there are, of this window and of others, or what they do, may have changed. */
  readonly onDidChangeSessions: vscode.Event<void>;

  /** The tools of the sessions, or how they are, may have changed. */
  readonly onDidChangeTools: vscode.Event<void>;

  constructor(options: WorkspaceSessionsOptions) {
    this.#options = options;
    this.#specs = new SessionSpecs(options.executorSettings);
    this.#notice = new RestartNotice({
      outdated: () => this.#outdated(),
      restart: (session) => this.restart(session),
      onError: (error) => void showError(error, options.log),
    });
    this.#hosts = new SessionHosts({
      ...options,
      keepAliveS,
      openWorkspaceSession: () => this.workspaceSession(),
    });
    this.onDidChangeSessions = this.#hosts.onDidChange;
    this.onDidChangeTools = this.#hosts.onDidChangeTools;
    this.#disposables.push(
      this.#notice,
      this.#hosts,
      this.#hosts.onDidLose((error) => void showError(error, options.log)),
      options.executorSettings.onDidChange(() => this.#notice.check()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        this.#changed.fire();
        this.comeBack();
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('codeMode.executor')) {
          this.#onExecutorSet().catch((error) => this.#options.log.warn(String(error)));
        }
        if (STORED_SETTINGS.some((name) => event.affectsConfiguration(name))) this.#notice.check();
        if (event.affectsConfiguration('codeMode')) this.#changed.fire();
      }),
    );
  }

  /**
   * The session of this window's workspace, opened but not started.
   * @throws CodeModeError `untrusted`, `settings` (a setting that can't be used), `closed`
   */
  workspaceSession(): Promise<Session> {
    return this.#session(workspaceOwner());
  }

  /** The session that a notebook runs in, opened but not started. @throws as {@link workspaceSession} */
  notebookSession(notebook: vscode.NotebookDocument): Promise<Session> {
    return this.#session(this.#ownerOf(notebook));
  }

  /** The workspace's session, if it is open. */
  current(): Session | undefined {
    return this.#sessions.get(WORKSPACE_ID);
  }

  /** The sessions that this window works in. */
  get open(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  /** The session that a notebook runs in, if it is open. */
  currentFor(notebook: vscode.NotebookDocument): Session | undefined {
    return this.#sessions.get(this.#idFor(notebook));
  }

  /** The workspace's session that lives already, opened by this window before its reload or by others. */
  findWorkspaceSession(): Promise<Session | undefined> {
    return this.#find(workspaceOwner());
  }

  /** The session of a notebook that lives already; see {@link findWorkspaceSession}. */
  findNotebookSession(notebook: vscode.NotebookDocument): Promise<Session | undefined> {
    return this.#find(this.#ownerOf(notebook));
  }

  /** The tools of the workspace in its session host, which is started where there is none. @throws CodeModeError */
  async tools(): Promise<SessionTools> {
    const { baseFolder } = await this.#specs.of(workspaceOwner());
    const { tools } = await this.#hosts.manager(baseFolder);
    this.#setAttached(this.#hosts.isAttached);
    return tools;
  }

  /** As {@link tools}, where the host runs and this window is attached to it already. */
  async toolsIfThere(): Promise<SessionTools | undefined> {
    const { baseFolder } = await readStoredSettings(localFolder());
    return (await this.#hosts.known(baseFolder))?.tools;
  }

  /** All sessions of the base folder, whoever opened them. */
  list(): Promise<readonly SessionInfo[]> {
    return this.#hosts.list();
  }

  /** One of {@link list}, to be acted on. */
  byId(id: string): Session | undefined {
    return (
      [...this.#sessions.values()].find((session) => session.id === id) ?? this.#hosts.managerOf(id)?.get(id)
    );
  }

  /** Ends all sessions of {@link list}. */
  async shutDownAll(): Promise<void> {
    const sessions = (await this.list()).map(({ id }) => this.byId(id));
    await Promise.all(sessions.map((session) => session?.close()));
  }

  /** Attaches to the base folder's host where one runs; starts none. */
  async attachIfThere(): Promise<void> {
    if (this.#closed || !vscode.workspace.isTrusted) return;
    const { baseFolder } = await this.#specs.of(workspaceOwner());
    if (!(await this.#hosts.find(baseFolder))) return this.#setAttached(false);
    await this.findWorkspaceSession();
    this.#attached.fire();
  }

  /** After a reload: attaches to the sessions that lived on, where this workspace had some; not waited for. */
  comeBack(): void {
    if (this.#options.state.get(ATTACHED_KEY) !== true || !vscode.workspace.isTrusted) return;
    this.attachIfThere().catch((error) => this.#options.log.warn(String(error)));
  }

  /** Ends the session that a notebook has for itself, unless others use it as well; the workspace's stays. */
  async closeFor(notebook: vscode.NotebookDocument): Promise<void> {
    const session = this.#sessions.get(ownId(notebook));
    if (!session || session.info.clients.length > 1) return;
    await session.close();
  }

  /** A notebook goes on at another address, after a rename or "Save As": its session and its choice go with it. */
  async moveNotebook(from: vscode.NotebookDocument, to: vscode.NotebookDocument): Promise<void> {
    const session = this.#sessions.get(ownId(from));
    if (session && !this.#sessions.has(ownId(to))) {
      this.#sessions.delete(ownId(from));
      this.#sessions.set(ownId(to), session);
      const { title, notebook } = notebookOwner(to);
      await session.relabel({ title, notebook: String(notebook) });
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
    const current = await this.#withSettingsOfNow(session);
    await (current === session ? session.restart() : current.start());
  }

  /** Makes the container of a session anew from its image on, with the settings of now as {@link restart} takes them. */
  async rebuildContainer(session: Session, options: ContainerRebuildOptions): Promise<void> {
    const current = await this.#withSettingsOfNow(session);
    await (current.container ? current.container.rebuild(options) : current.start());
  }

  /** A command has changed settings: tells which sessions have to be restarted for them, with a button that does. */
  offerRestart(): void {
    this.#notice.remind();
  }

  /** Lets go of every session: those of a host live on, others end. Nothing can be opened afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#hosts.close();
  }

  dispose(): void {
    this.close().catch((error) => this.#options.log.warn(`Closing the sessions: ${String(error)}`));
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #idFor(notebook: vscode.NotebookDocument): string {
    return this.#ownerOf(notebook).id;
  }

  #ownerOf(notebook: vscode.NotebookDocument): SessionOwner {
    return this.notebookSessionKind(notebook) === 'workspace' ? workspaceOwner() : notebookOwner(notebook);
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
    const { ClosedError, CodeModeError } = await import('./core.ts');
    if (this.#closed) throw new ClosedError('Python Code Mode');
    if (!vscode.workspace.isTrusted) {
      throw new CodeModeError('untrusted', 'Python code only runs in a workspace that you trust.', {
        hint: 'Trust this workspace with the command "Workspaces: Manage Workspace Trust".',
      });
    }
    const spec = await this.#specs.of(owner);
    const manager = await this.#hosts.manager(spec.baseFolder);
    this.#setAttached(this.#hosts.isAttached);
    const live = (await manager.list()).find((info) => isOf(info, owner));
    const id = live?.id ?? freeId(spec.id, manager);
    return this.#adopt(owner.id, await manager.open(live?.spec ?? { ...spec, id }));
  }

  async #find(owner: SessionOwner): Promise<WindowSession | undefined> {
    const known = this.#sessions.get(owner.id) ?? (await this.#opening.get(owner.id));
    if (known || this.#closed || !vscode.workspace.isTrusted) return known;
    const { baseFolder } = await this.#specs.of(owner);
    const manager = await this.#hosts.find(baseFolder);
    const live = (await manager?.list())?.find((info) => isOf(info, owner));
    if (!manager || !live) return undefined;
    const inner = await manager.open(live.spec);
    return this.#sessions.get(owner.id) ?? this.#adopt(owner.id, inner);
  }

  async #adopt(key: string, inner: Session): Promise<WindowSession> {
    const { parseTimeout } = await import('./core.ts');
    const known = this.#sessions.get(key);
    if (known?.id === inner.id) return known;
    const session = new WindowSession(inner, () =>
      parseTimeout(vscode.workspace.getConfiguration('codeMode').get('timeout')),
    );
    this.#sessions.set(key, session);
    session.onDidChange(() => this.#changed.fire());
    session.onDidClear(() => this.#cleared.fire(session));
    session.onDidClose(() => {
      for (const [id, open] of this.#sessions) if (open === session) this.#sessions.delete(id);
      this.#changed.fire();
    });
    // Settings may have changed while it lived without this window.
    if (isLive(session)) this.#notice.check();
    this.#changed.fire();
    return session;
  }

  #setAttached(attached: boolean): void {
    const { state, log } = this.#options;
    if ((state.get(ATTACHED_KEY) === true) === attached) return;
    state.update(ATTACHED_KEY, attached || undefined).then(undefined, (error) => log.warn(String(error)));
  }

  /** Whether the settings of now make another session than they did when it was opened. */
  async #isMadeOtherwise(session: Session, owner: SessionOwner): Promise<boolean> {
    const { spec: madeFrom } = session.info;
    // Under which name it goes is no reason to end it: one that moved with its notebook kept the old one.
    const { id, title } = madeFrom;
    return !isDeepStrictEqual({ ...(await this.#specs.of(owner)), id, title }, madeFrom);
  }

  /** The session itself, or the one that takes its place where the settings of now make another one. */
  async #withSettingsOfNow(session: Session): Promise<Session> {
    const known = [...this.#sessions].find(([, open]) => open === session)?.[0];
    const owner = known === undefined ? undefined : ownerOf(known, session.info.title);
    if (!owner || !(await this.#isMadeOtherwise(session, owner))) return session;
    await session.close();
    return this.#session(owner);
  }

  /** The live sessions whose executor is given other settings by now. */
  async #outdated(): Promise<readonly Session[]> {
    const outdated: Session[] = [];
    for (const session of this.#sessions.values()) {
      if (!isLive(session)) continue;
      if (!(await this.#specs.hasSameSettings(session.info.spec))) outdated.push(session);
    }
    return outdated;
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

function workspaceOwner(): SessionOwner {
  return { id: WORKSPACE_ID, title: vscode.workspace.name ?? 'Window', notebook: undefined };
}

function notebookOwner(notebook: vscode.NotebookDocument): SessionOwner {
  const { uri } = notebook;
  return { id: ownId(notebook), title: vscode.workspace.asRelativePath(uri), notebook: uri };
}

/** Whether a live session is the one of `owner`. */
function isOf({ id, notebook }: SessionInfo, owner: SessionOwner): boolean {
  return owner.notebook ? notebook === String(owner.notebook) : id === sessionIdOf(owner);
}

/** A session that moved with its notebook keeps its id: another notebook at the old address needs one of its own. */
function freeId(id: string, manager: SessionManager): string {
  let free = id;
  for (let count = 2; manager.get(free); count += 1) free = `${id}#${count}`;
  return free;
}
