import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { ExecutorDescriptor } from '../../../core/executors/registry.ts';
import type { SessionInfo } from '../../../core/session/session.ts';
import { Reload } from '../../reload.ts';
import { loadExecutors } from '../../sessions/executors.ts';
import type { SessionActions } from '../../sessions/sessionActions.ts';
import type { WorkspaceSessions } from '../../sessions/workspaceSessions.ts';
import { FigureWatch } from '../figureWatch.ts';
import { setContext } from '../setContext.ts';
import type { Node, SessionNode } from './nodes.ts';
import { describeSession, hasPython, type SessionRow } from './sessionRow.ts';
import { registerSessionsViewCommands } from './sessionsViewCommands.ts';
import { detailItem, sessionItem } from './treeItems.ts';

/** What {@link SessionsView} is made with. */
export interface SessionsViewOptions {
  readonly sessions: WorkspaceSessions;
  readonly actions: SessionActions;
  readonly log: vscode.LogOutputChannel;
}

/** All sessions of the base folder in the side bar, with what they do and who is attached. */
export class SessionsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #sessions: WorkspaceSessions;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<Node | undefined>();
  readonly #memory: FigureWatch<number>;
  readonly #view: vscode.TreeView<Node>;
  readonly #disposables: vscode.Disposable[];
  #nodes: readonly SessionNode[] = [];
  #executors: readonly ExecutorDescriptor[] = [];
  #first: Promise<void> | undefined;
  readonly #reload = new Reload(() => this.#load());

  readonly onDidChangeTreeData = this.#changed.event;

  constructor({ sessions, actions, log }: SessionsViewOptions) {
    this.#sessions = sessions;
    this.#log = log;
    this.#memory = new FigureWatch({
      ask: async (id) => sessions.byId(id)?.memory(),
      onRound: () => this.#redescribe(),
    });
    this.#view = vscode.window.createTreeView('codeMode.sessions', { treeDataProvider: this });
    this.#disposables = [
      this.#view,
      this.#changed,
      this.#view.onDidChangeVisibility(() => this.#onVisibility()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#onVisibility()),
      sessions.onDidChangeSessions(() => {
        if (this.#view.visible) void this.#reload.run();
      }),
      registerSessionsViewCommands({
        sessions,
        actions,
        log,
        selected: () => this.#view.selection[0],
        begin: () => this.#begin(),
      }),
    ];
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) {
      await this.#begin();
      return [...this.#nodes];
    }
    if ('session' in node) return [];
    return node.row.details.map((row, index) => ({ session: node, row, index }));
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return 'session' in node ? detailItem(node) : sessionItem(node);
  }

  dispose(): void {
    this.#memory.pause();
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #onVisibility(): void {
    if (this.#view.visible) void this.#begin().then(() => this.#reload.run());
    else this.#memory.pause();
  }

  /** Looks for sessions that live already, once: nobody is told that there are none before that. */
  async #begin(): Promise<void> {
    if (!vscode.workspace.isTrusted) return;
    this.#first ??= this.#attach();
    await this.#first;
  }

  async #attach(): Promise<void> {
    try {
      await this.#sessions.attachIfThere();
    } catch (error) {
      this.#log.warn(`The Sessions view: ${String(error)}`);
      // The next one tries again.
      this.#first = undefined;
    }
    await this.#reload.run();
  }

  async #load(): Promise<void> {
    try {
      const infos = await this.#sessions.list();
      if (infos.length > 0) this.#executors = await loadExecutors();
      this.#show(infos);
    } catch (error) {
      this.#log.warn(`The Sessions view: ${String(error)}`);
    }
  }

  #show(infos: readonly SessionInfo[]): void {
    const known = new Map(this.#nodes.map((node) => [node.id, node]));
    const before = this.#nodes;
    this.#nodes = [...infos]
      .sort((one, other) => one.createdAt - other.createdAt)
      .map((info) => {
        const node = known.get(info.id) ?? { id: info.id, info, row: this.#describe(info) };
        node.info = info;
        return node;
      });
    if (!isDeepStrictEqual(idsOf(before), idsOf(this.#nodes))) {
      setContext('codeMode.hasSessions', infos.length > 0);
      this.#changed.fire(undefined);
    }
    this.#redescribe();
    if (!this.#view.visible || infos.length === 0) this.#memory.pause();
    else this.#memory.watch(idsOf(infos.filter(hasPython)));
  }

  /** Tells VS Code about the rows that say something else by now. */
  #redescribe(): void {
    for (const node of this.#nodes) {
      const row = this.#describe(node.info);
      if (isDeepStrictEqual(row, node.row)) continue;
      node.row = row;
      this.#changed.fire(node);
    }
  }

  #describe(info: SessionInfo): SessionRow {
    return describeSession({
      info,
      executor: this.#executors.find(({ id }) => id === info.executor),
      memory: this.#memory.get(info.id),
      now: Date.now(),
    });
  }
}

function idsOf(sessions: readonly { readonly id: string }[]): string[] {
  return sessions.map(({ id }) => id);
}
