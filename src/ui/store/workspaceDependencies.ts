import * as vscode from 'vscode';
import type { Subscription } from '../../core/common/events.ts';
import type {
  Dependencies,
  DependencyChangeOptions,
  DependencyReport,
  PackageOffer,
} from '../../core/contract/dependencies.ts';
import type { Session } from '../../core/session/session.ts';
import { withLineProgress } from '../lineProgress.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';

/** What {@link WorkspaceDependencies} needs from whoever makes it. */
export interface WorkspaceDependenciesOptions {
  readonly sessions: WorkspaceSessions;
  readonly log: vscode.LogOutputChannel;
}

/** The packages of the workspace's session, for people. */
export interface KnownDependencies {
  readonly report: DependencyReport;
  /** The id of the executor whose environment it is. */
  readonly executor: string;
  /** Newer versions by normalised name, as they were when somebody asked for them last. */
  readonly newer: Readonly<Record<string, string>>;
}

/** Settings that decide which packages there are, and where. */
const SETTINGS = [
  'deps',
  'executor',
  'subprocess',
  'sandbox',
  'container',
  'baseFolder',
  'storage',
  'redis',
  'workspaceId',
].map((name) => `codeMode.${name}`);
/** Milliseconds for which changes are left to settle: several often come at once. */
const SETTLE_MS = 100;

/**
 * The packages of this window's workspace: those of its session, which is opened for it and starts no Python. What changes
 * them is shown with the installer's own lines, and can be cancelled.
 */
export class WorkspaceDependencies implements vscode.Disposable {
  readonly #options: WorkspaceDependenciesOptions;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #disposables: vscode.Disposable[] = [this.#changed];
  #followed: Session | undefined;
  #following: Subscription | undefined;
  #newer: { readonly environment: string; readonly versions: Readonly<Record<string, string>> } | undefined;
  #settling: NodeJS.Timeout | undefined;

  /** Something was installed, removed or configured, or other packages are meant by now. */
  readonly onDidChange = this.#changed.event;

  constructor(options: WorkspaceDependenciesOptions) {
    this.#options = options;
    this.#disposables.push(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (SETTINGS.some((name) => event.affectsConfiguration(name))) this.#changedSoon();
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#changedSoon()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#changedSoon()),
      options.sessions.onDidChange(() => {
        if (this.#isAnother(options.sessions.current())) this.#changedSoon();
      }),
    );
  }

  /** Whether there is a session already, so that looking opens none. */
  get isOpen(): boolean {
    return this.#options.sessions.current() !== undefined;
  }

  /** All that is known of the packages. @throws CodeModeError */
  async known(): Promise<KnownDependencies> {
    const session = await this.#session();
    const report = await session.dependencies.report();
    const { installed, environment } = report;
    const { executor } = session.info;
    const found = this.#newer?.environment === keyOf(environment, executor) ? this.#newer.versions : {};
    const newer = Object.fromEntries(
      installed.flatMap(({ name, version }) => {
        const newest = found[name];
        return newest === undefined || newest === version ? [] : [[name, newest]];
      }),
    );
    return { report, executor, newer };
  }

  /** What the package index has under a name; null: nothing. @throws CodeModeError */
  async lookUp(name: string, signal: AbortSignal): Promise<PackageOffer | null> {
    return (await this.#session()).dependencies.lookUp(name, signal);
  }

  /** Asks the index for newer versions, which are known from then on. @returns as `Dependencies.newest`. @throws CodeModeError */
  async findNewer(): Promise<Readonly<Record<string, string>>> {
    const { executor, report } = await this.known();
    const versions = await this.withProgress(
      'Looking for newer versions of packages',
      (dependencies, { signal }) => dependencies.newest(signal),
    );
    this.#newer = { environment: keyOf(report.environment, executor), versions };
    this.#changed.fire();
    return versions;
  }

  /**
   * Works on packages, with a notification as {@link withLineProgress} shows it.
   *
   * @throws CodeModeError
   */
  withProgress<T>(
    title: string,
    work: (dependencies: Dependencies, options: DependencyChangeOptions) => Promise<T>,
  ): Promise<T> {
    return withLineProgress(title, this.#options.log, async (options) =>
      work((await this.#session()).dependencies, options),
    );
  }

  dispose(): void {
    clearTimeout(this.#settling);
    this.#following?.dispose();
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  async #session(): Promise<Session> {
    const session = await this.#options.sessions.workspaceSession();
    if (session !== this.#followed) {
      this.#following?.dispose();
      this.#followed = session;
      this.#following = session.dependencies.onDidChange(() => this.#changedSoon());
    }
    return session;
  }

  /** Whether other packages are meant: one that was shut down is not opened again for being looked at. */
  #isAnother(current: Session | undefined): boolean {
    if (!this.#followed) return false;
    if (current) return current !== this.#followed;
    return this.#followed.info.executor !== this.#options.sessions.chosenExecutor;
  }

  #changedSoon(): void {
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      this.#changed.fire();
    }, SETTLE_MS);
  }
}

function keyOf({ label, folder }: DependencyReport['environment'], executor: string): string {
  return JSON.stringify([executor, folder, label]);
}
