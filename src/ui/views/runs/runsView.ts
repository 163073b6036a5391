import * as vscode from 'vscode';
import { Reload } from '../../reload.ts';
import type { WorkspaceSessions } from '../../sessions/workspaceSessions.ts';
import { firstRows, PAGE } from '../pages.ts';
import { setContext } from '../setContext.ts';
import type { CallNode, Node, RunNode } from './nodes.ts';
import { RunOutputs } from './runOutputs.ts';
import { registerRunsViewCommands } from './runsViewCommands.ts';
import { SessionRuns } from './sessionRuns.ts';
import { itemOf, tooltipOf } from './treeItems.ts';

/** What {@link RunsView} is made with. */
export interface RunsViewOptions {
  readonly sessions: WorkspaceSessions;
  readonly log: vscode.LogOutputChannel;
}

/** Changed lines beyond which the tree is drawn anew: that is quicker. */
const MAX_SINGLE = 50;

/** What the sessions of the base folder run and have run, in the side bar, with the tools that it called. */
export class RunsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #sessions: WorkspaceSessions;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<Node | undefined>();
  readonly #view: vscode.TreeView<Node>;
  readonly #disposables: vscode.Disposable[];
  /** By the session's id; none while nobody looks. */
  readonly #watched = new Map<string, SessionRuns>();
  #first: Promise<void> | undefined;
  readonly #reload = new Reload(() => this.#load());

  readonly onDidChangeTreeData = this.#changed.event;

  constructor({ sessions, log }: RunsViewOptions) {
    this.#sessions = sessions;
    this.#log = log;
    const outputs = new RunOutputs();
    this.#view = vscode.window.createTreeView('codeMode.runs', { treeDataProvider: this });
    this.#disposables = [
      this.#view,
      this.#changed,
      outputs,
      this.#view.onDidChangeVisibility(({ visible }) => {
        if (visible) void this.#reload.run();
        else this.#forget();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#changed.fire(undefined)),
      sessions.onDidChangeSessions(() => {
        if (this.#view.visible) void this.#reload.run();
      }),
      registerRunsViewCommands({
        sessions,
        outputs,
        log,
        selected: () => this.#view.selection[0],
        showMore: (run) => {
          run.shown += PAGE;
          this.#changed.fire(run);
        },
      }),
    ];
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) {
      await this.#begin();
      const sessions = this.#withRuns();
      const [only] = sessions;
      return sessions.length === 1 && only ? [...only.node.runs] : sessions.map((session) => session.node);
    }
    if (node.kind === 'session') return [...node.runs];
    if (node.kind === 'run') return this.#callsOf(node);
    if (node.kind !== 'call') return [];
    return Object.keys(node.call.arguments).map((name) => ({ kind: 'argument', of: node, name }));
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return itemOf(node);
  }

  /** Tooltips are made when they are asked for. */
  resolveTreeItem(item: vscode.TreeItem, node: Node): vscode.TreeItem {
    const tooltip = tooltipOf(node);
    if (tooltip) item.tooltip = tooltip;
    return item;
  }

  dispose(): void {
    this.#forget();
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  async #callsOf(run: RunNode): Promise<Node[]> {
    if (run.info.toolCallCount === 0) return [];
    try {
      await this.#watched.get(run.session.id)?.open(run);
    } catch (error) {
      this.#log.warn(`The Runs view: ${String(error)}`);
    }
    const calls: CallNode[] = [...(run.calls?.values() ?? [])];
    const { rows, more } = firstRows(calls, run.shown);
    const lost = run.info.toolCallCount - calls.length;
    return [
      ...rows,
      ...(more > 0 ? [{ kind: 'more', run, count: more, isKept: true } as const] : []),
      ...(more === 0 && lost > 0 ? [{ kind: 'more', run, count: lost, isKept: false } as const] : []),
    ];
  }

  /** Looks for sessions that live already, once: nobody is told that nothing ran before that. */
  #begin(): Promise<void> {
    if (!vscode.workspace.isTrusted) return Promise.resolve();
    this.#first ??= this.#sessions.attachIfThere().then(
      () => this.#reload.run(),
      (error: unknown) => {
        this.#log.warn(`The Runs view: ${String(error)}`);
        // The next one tries again.
        this.#first = undefined;
      },
    );
    return this.#first;
  }

  /** Sees which sessions there are; resolved when their runs are known. */
  async #load(): Promise<void> {
    try {
      await this.#watch();
    } catch (error) {
      this.#log.warn(`The Runs view: ${String(error)}`);
    }
  }

  async #watch(): Promise<void> {
    const infos = await this.#sessions.list();
    const before = this.#shape();
    const live = new Set(infos.map(({ id }) => id));
    for (const [id, watched] of this.#watched) {
      if (live.has(id) && !watched.isClosed) continue;
      watched.dispose();
      this.#watched.delete(id);
    }
    const added = infos.flatMap(({ id }) => (this.#watched.has(id) ? [] : (this.#sessions.byId(id) ?? [])));
    await Promise.all(
      added.map(async (session) => {
        const watched = new SessionRuns({
          session,
          onChange: (changed) => this.#tell(changed),
          onError: (error) => this.#log.warn(`The Runs view: ${String(error)}`),
        });
        this.#watched.set(session.id, watched);
        await watched.load();
      }),
    );
    if (this.#shape() !== before) this.#changed.fire(undefined);
    this.#setContext();
  }

  #tell(changed: ReadonlySet<Node>): void {
    const hasLists = [...changed].some(({ kind }) => kind === 'session');
    // Which sessions have runs, and whether there are several, shows at the root.
    if (hasLists || changed.size > MAX_SINGLE) this.#changed.fire(undefined);
    else for (const node of changed) this.#changed.fire(node);
    if (hasLists) this.#setContext();
  }

  /** Nobody looks: nothing is followed any more. */
  #forget(): void {
    for (const watched of this.#watched.values()) watched.dispose();
    this.#watched.clear();
  }

  #withRuns(): SessionRuns[] {
    return [...this.#watched.values()].filter(({ node }) => node.runs.length > 0);
  }

  /** What the root of the tree shows, to be compared. */
  #shape(): string {
    return JSON.stringify(
      this.#withRuns().map(({ node }) => [node.id, node.runs.map(({ info }) => info.id)]),
    );
  }

  #setContext(): void {
    setContext('codeMode.hasRuns', this.#withRuns().length > 0);
  }
}
