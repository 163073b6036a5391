import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { FollowedContainer, SessionContainers } from '../../sessions/sessionContainers.ts';
import { FigureWatch } from '../figureWatch.ts';
import { setContext } from '../setContext.ts';
import { type ContainerRow, type DetailRow, describeContainer } from './containerRow.ts';
import { type MeasuredUsage, measureUsage } from './containerUsage.ts';
import type { ContainerNode, Node } from './nodes.ts';
import { itemOf } from './treeItems.ts';

/** Milliseconds between two looks at what containers use. */
const LOOK_MS = 2_000;

/** The containers of this window's sessions in the side bar: what runs there, behind which wall, and what it uses. */
export class ContainerView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #containers: SessionContainers;
  readonly #changed = new vscode.EventEmitter<Node | undefined>();
  readonly #usage: FigureWatch<MeasuredUsage>;
  readonly #view: vscode.TreeView<Node>;
  readonly #disposables: vscode.Disposable[];
  #nodes: readonly ContainerNode[] = [];
  /** What `when` clauses were told, by their names. */
  readonly #told = new Map<string, boolean>();

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(containers: SessionContainers) {
    this.#containers = containers;
    this.#usage = new FigureWatch<MeasuredUsage>({
      ask: (session, before) => this.#measure(session, before),
      onRound: () => this.#redescribe(),
      intervalMs: LOOK_MS,
    });
    this.#view = vscode.window.createTreeView('codeMode.container', { treeDataProvider: this });
    this.#disposables = [
      this.#view,
      this.#changed,
      containers.onDidChange(() => this.#show()),
      this.#view.onDidChangeVisibility(() => this.#look()),
    ];
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return [...this.#nodes];
    const of = 'of' in node ? node.of : node;
    const path = 'of' in node ? `${node.path} ` : '';
    return node.row.details.map((row: DetailRow) => ({ of, row, path: path + row.name }));
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return itemOf(node);
  }

  dispose(): void {
    this.#usage.pause();
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #show(): void {
    const known = new Map(this.#nodes.map((node) => [node.followed, node]));
    const before = this.#nodes;
    this.#nodes = this.#containers.all.flatMap((followed) => {
      const row = this.#describe(followed);
      return row ? [known.get(followed) ?? { followed, row }] : [];
    });
    this.#tell('codeMode.hasContainer', this.#nodes.length > 0);
    const reports = this.#nodes.flatMap(({ followed }) => followed.report ?? []);
    this.#tell(
      'codeMode.containerRuns',
      reports.some(({ container }) => container !== null),
    );
    this.#tell(
      'codeMode.containerPrepares',
      reports.some(({ preparing }) => preparing !== null),
    );
    if (!isDeepStrictEqual(idsOf(before), idsOf(this.#nodes))) this.#changed.fire(undefined);
    this.#redescribe();
    this.#look();
  }

  #tell(context: string, value: boolean): void {
    if (value === (this.#told.get(context) ?? false)) return;
    this.#told.set(context, value);
    setContext(context, value);
  }

  /** Asks what they use, as long as somebody looks. */
  #look(): void {
    const running = this.#nodes.filter(({ followed }) => followed.report?.container);
    if (this.#view.visible && running.length > 0) this.#usage.watch(idsOf(running));
    else this.#usage.pause();
  }

  /** Tells VS Code about the rows that say something else by now. */
  #redescribe(): void {
    for (const node of this.#nodes) {
      const row = this.#describe(node.followed);
      if (!row || isDeepStrictEqual(row, node.row)) continue;
      node.row = row;
      this.#changed.fire(node);
    }
  }

  #describe({ session, report }: FollowedContainer): ContainerRow | undefined {
    if (!report) return undefined;
    const { title } = session.info;
    return describeContainer({ title, report, usage: this.#usage.get(session.id), now: Date.now() });
  }

  async #measure(id: string, before: MeasuredUsage | undefined): Promise<MeasuredUsage | undefined> {
    const followed = this.#containers.all.find(({ session }) => session.id === id);
    const usage = await followed?.control.usage();
    return usage ? measureUsage(usage, performance.now(), before) : undefined;
  }
}

function idsOf(nodes: readonly ContainerNode[]): string[] {
  return nodes.map(({ followed }) => followed.session.id);
}
