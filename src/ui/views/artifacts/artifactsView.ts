import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { ArtifactDataType, ArtifactInfo } from '../../../core/contract/storage.ts';
import { Reload } from '../../reload.ts';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';
import { tooltipMarkdown } from '../markdown.ts';
import { firstRows, PAGE } from '../pages.ts';
import { setContext } from '../setContext.ts';
import { type FailureNode, failureNodes } from '../storeFailure.ts';
import { artifactDetails, loadingMarkdown } from './artifactRow.ts';
import { ArtifactTree } from './artifactTree.ts';
import {
  type ArtifactNode,
  artifactsOf,
  type EntryNode,
  type FolderNode,
  isArtifact,
  isFolder,
  type MoreNode,
  type Node,
} from './nodes.ts';
import { itemOf } from './treeItems.ts';

/** What {@link ArtifactsView} is made with. */
export interface ArtifactsViewOptions {
  readonly store: WorkspaceStore;
  readonly log: vscode.LogOutputChannel;
  /** What can be dragged, and where it can be dropped. */
  readonly dragAndDrop: (view: ArtifactsView) => vscode.TreeDragAndDropController<Node>;
}

/** Milliseconds after which ages are told anew. */
const AGES_MS = 60_000;

/** The artifacts of the workspace's store in the side bar, by folders. */
export class ArtifactsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #store: WorkspaceStore;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<Node | Node[] | undefined>();
  readonly #tree = new ArtifactTree();
  readonly #view: vscode.TreeView<Node>;
  readonly #disposables: vscode.Disposable[];
  readonly #ages: NodeJS.Timeout;
  #failure: readonly FailureNode[] = [];
  #infos: readonly ArtifactInfo[] = [];
  #isFile = false;
  readonly #reload = new Reload(() => this.#load());

  readonly onDidChangeTreeData = this.#changed.event;

  constructor({ store, log, dragAndDrop }: ArtifactsViewOptions) {
    this.#store = store;
    this.#log = log;
    this.#view = vscode.window.createTreeView('codeMode.artifacts', {
      treeDataProvider: this,
      canSelectMany: true,
      dragAndDropController: dragAndDrop(this),
    });
    this.#ages = setInterval(() => {
      if (this.#view.visible) this.#changed.fire(undefined);
    }, AGES_MS);
    this.#disposables = [
      this.#view,
      this.#changed,
      store.onDidChange((changed) => {
        if (changed === 'artifacts') this.#reload.change(this.#view.visible);
      }),
      this.#view.onDidChangeVisibility(() => {
        if (this.#view.visible) void this.#reload.runIfStale();
      }),
    ];
  }

  /** The selected lines, which a key means. */
  get selection(): readonly Node[] {
    return this.#view.selection;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) {
      if (!vscode.workspace.isTrusted) return [];
      await this.#reload.begin();
      return [...this.#failure, ...(await this.#shownOf(this.#tree.root))];
    }
    return isFolder(node) ? this.#shownOf(node) : [];
  }

  getParent(node: Node): Node | undefined {
    const parent = isArtifact(node) || isFolder(node) ? node.parent : undefined;
    return parent === this.#tree.root ? undefined : parent;
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return itemOf(node, this.#isFile);
  }

  /** The tooltip is made when it is asked for: only the artifact itself knows how it is read back. */
  async resolveTreeItem(item: vscode.TreeItem, node: Node): Promise<vscode.TreeItem> {
    if (!isArtifact(node)) return item;
    const details = artifactDetails({ ...node, now: Date.now() }, await this.#dataTypeOf(node.name));
    const text = `${tooltipMarkdown(node.name, details)}\n\n${loadingMarkdown(node.name)}`;
    item.tooltip = new vscode.MarkdownString(text);
    return item;
  }

  /** Everything that has a line, or would have one. */
  entries(): readonly EntryNode[] {
    return this.#tree.entries();
  }

  /** Reads the store once more; resolves when the view knows what is there. */
  refresh(): Promise<void> {
    return this.#reload.run();
  }

  /** Shows one more page of a folder. */
  showMore({ folder }: MoreNode): void {
    folder.shown += PAGE;
    this.#changed.fire(folder === this.#tree.root ? undefined : folder);
  }

  /** Selects an artifact that was just made, where the view is in sight. */
  async reveal(name: string): Promise<void> {
    await this.refresh();
    const node = this.#tree.artifact(name);
    if (node && this.#view.visible && this.#isShown(node)) await this.#view.reveal(node, { select: true });
  }

  dispose(): void {
    clearInterval(this.#ages);
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  async #load(): Promise<void> {
    try {
      const spec = await this.#store.spec();
      setContext('codeMode.noStore', spec === undefined);
      const infos = spec ? await (await this.#store.artifacts()).list() : [];
      this.#isFile = spec?.type === 'file';
      // What is drawn anew for nothing may lose a click.
      if (this.#failure.length === 0 && isDeepStrictEqual(infos, this.#infos)) await this.#measureAgain();
      else this.#show(infos, []);
    } catch (error) {
      this.#log.warn(`The Artifacts view: ${String(error)}`);
      this.#show([], failureNodes(error));
    }
  }

  #show(infos: readonly ArtifactInfo[], failure: readonly FailureNode[]): void {
    this.#infos = infos;
    this.#failure = failure;
    this.#tree.update(infos);
    this.#changed.fire(undefined);
  }

  /** A file that was written past the store has another size and nothing else. */
  async #measureAgain(): Promise<void> {
    const known = artifactsOf([this.#tree.root]).filter(({ size }) => size !== undefined);
    const before = new Map(known.map((node) => [node, node.size]));
    for (const node of known) node.size = undefined;
    await this.#measure(known);
    const changed = known.filter((node) => node.size !== before.get(node));
    if (changed.length > 0) this.#changed.fire(changed);
  }

  async #shownOf(folder: FolderNode): Promise<Node[]> {
    const { rows, more } = firstRows(folder.children, folder.shown);
    await this.#measure(rows.filter(isArtifact));
    return more > 0 ? [...rows, { folder, more }] : [...rows];
  }

  /** Whether a row is on the page of its folder that is shown, and so are the folders above it. */
  #isShown(node: ArtifactNode | FolderNode): boolean {
    if (!node.parent) return true;
    return node.parent.children.indexOf(node) < node.parent.shown && this.#isShown(node.parent);
  }

  /** Learns the sizes of artifacts; where that fails they are shown without. */
  async #measure(nodes: readonly ArtifactNode[]): Promise<void> {
    const unknown = nodes.filter(({ size }) => size === undefined);
    if (unknown.length === 0) return;
    try {
      const sizes = await (await this.#store.artifacts()).sizes(unknown.map(({ name }) => name));
      for (const node of unknown) node.size = sizes.get(node.name);
    } catch (error) {
      this.#log.warn(`The Artifacts view: ${String(error)}`);
    }
  }

  async #dataTypeOf(name: string): Promise<ArtifactDataType | undefined> {
    try {
      await using reader = await (await this.#store.artifacts()).open(name);
      return reader.dataType;
    } catch {
      return undefined;
    }
  }
}
