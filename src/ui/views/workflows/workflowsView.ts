import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { WorkflowSummary } from '../../../core/workflows/library.ts';
import { Reload } from '../../reload.ts';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';
import { excerptMarkdown } from '../markdown.ts';
import { firstRows, PAGE } from '../pages.ts';
import { setContext } from '../setContext.ts';
import { type FailureNode, failureNodes } from '../storeFailure.ts';
import { type MoreNode, type Node, type WorkflowNode, workflowOf } from './nodes.ts';
import { itemOf } from './treeItems.ts';
import { describeWorkflow, workflowMarkdown } from './workflowRow.ts';

/** What {@link WorkflowsView} is made with. */
export interface WorkflowsViewOptions {
  readonly store: WorkspaceStore;
  readonly log: vscode.LogOutputChannel;
}

/** The workflows of the workspace's store in the side bar, with their parameters. */
export class WorkflowsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #options: WorkflowsViewOptions;
  readonly #changed = new vscode.EventEmitter<Node | undefined>();
  readonly #view: vscode.TreeView<Node>;
  readonly #disposables: vscode.Disposable[];
  #nodes: readonly WorkflowNode[] = [];
  #failure: readonly FailureNode[] = [];
  #shown = PAGE;
  readonly #reload = new Reload(() => this.#load());

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(options: WorkflowsViewOptions) {
    this.#options = options;
    this.#view = vscode.window.createTreeView('codeMode.workflows', { treeDataProvider: this });
    this.#disposables = [
      this.#view,
      this.#changed,
      options.store.onDidChange((changed) => {
        if (changed === 'workflows') this.#reload.change(this.#view.visible);
      }),
      this.#view.onDidChangeVisibility(() => {
        if (this.#view.visible) void this.#reload.runIfStale();
      }),
    ];
  }

  /** The workflow of the selected line, which a key means. */
  get selected(): WorkflowNode | undefined {
    const [node] = this.#view.selection;
    return node && workflowOf(node);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) {
      if (vscode.workspace.isTrusted) await this.#reload.begin();
      const { rows, more } = firstRows(this.#nodes, this.#shown);
      const rest: MoreNode[] = more > 0 ? [{ more }] : [];
      return [...this.#failure, ...rows, ...rest];
    }
    if (!('summary' in node)) return [];
    return describeWorkflow(node.summary).parameters.map((row) => ({ workflow: node, row }));
  }

  getParent(node: Node): Node | undefined {
    return 'workflow' in node ? node.workflow : undefined;
  }

  async getTreeItem(node: Node): Promise<vscode.TreeItem> {
    const item = itemOf(node);
    if (!('summary' in node)) return item;
    const uri = await this.#options.store.uriOf('workflows', node.summary.name).catch(() => undefined);
    // VS Code's own command: it leaves the focus in the tree where a click means no more than to look.
    if (uri) item.command = { command: 'vscode.open', title: 'Open Source', arguments: [uri] };
    return item;
  }

  /** The tooltip is made when it is asked for: it shows the source. */
  async resolveTreeItem(item: vscode.TreeItem, node: Node): Promise<vscode.TreeItem> {
    if (!('summary' in node)) return item;
    const { name } = node.summary;
    const found = await this.#options.store.workflows().then(
      (library) => library.get(name),
      () => undefined,
    );
    const parts = [
      workflowMarkdown(found ?? node.summary),
      ...(found ? [excerptMarkdown(found.source, 'python')] : []),
    ];
    item.tooltip = new vscode.MarkdownString(parts.join('\n\n---\n\n'), true);
    return item;
  }

  /** Reads the store once more. */
  async refresh(): Promise<void> {
    await this.#reload.run();
  }

  /** Shows one more page. */
  showMore(): void {
    this.#shown += PAGE;
    this.#changed.fire(undefined);
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  async #load(): Promise<void> {
    const { store, log } = this.#options;
    try {
      const hasStore = (await store.spec()) !== undefined;
      setContext('codeMode.noStore', !hasStore);
      this.#show(hasStore ? await (await store.workflows()).list() : [], []);
      const { hasSkills } = await import('../../sessions/core.ts');
      setContext('codeMode.hasSkills', hasStore && (await hasSkills(await store.storage())));
    } catch (error) {
      log.warn(`The Workflows view: ${String(error)}`);
      this.#show([], failureNodes(error));
    }
  }

  #show(summaries: readonly WorkflowSummary[], failure: readonly FailureNode[]): void {
    const known = new Map(this.#nodes.map((node) => [node.summary.name, node]));
    const before = { nodes: this.#nodes, failure: this.#failure };
    const changed: WorkflowNode[] = [];
    this.#failure = failure;
    this.#nodes = summaries.map((summary) => {
      const node = known.get(summary.name) ?? { summary };
      if (node.summary !== summary) {
        node.summary = summary;
        changed.push(node);
      }
      return node;
    });
    const isSameList =
      before.nodes.length === this.#nodes.length &&
      before.nodes.every((node, at) => node === this.#nodes[at]);
    if (!isSameList || !isDeepStrictEqual(before.failure, failure)) this.#changed.fire(undefined);
    else for (const node of changed) this.#changed.fire(node);
  }
}
