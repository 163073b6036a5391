import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { Reload } from '../../reload.ts';
import type { WorkspaceStore } from '../../store/workspaceStore.ts';
import type { WorkspaceTool, WorkspaceTools } from '../../store/workspaceTools.ts';
import { excerptMarkdown } from '../markdown.ts';
import { firstRows, PAGE } from '../pages.ts';
import { setContext } from '../setContext.ts';
import { type FailureNode, failureNodes } from '../storeFailure.ts';
import type { KnownServer, KnownServers } from './knownServers.ts';
import { type MoreNode, type Node, type ToolNode, toolOf } from './nodes.ts';
import { storedDefinition } from './storedDefinitions.ts';
import { callableMarkdown, problemOf, targetsOf, toolMarkdown } from './toolRow.ts';
import { itemOf } from './treeItems.ts';

/** What {@link ToolsView} is made with. */
export interface ToolsViewOptions {
  readonly tools: WorkspaceTools;
  readonly store: WorkspaceStore;
  readonly known: KnownServers;
  readonly log: vscode.LogOutputChannel;
}

/** What the view shows, but for the rows below the tools. */
interface Content {
  readonly tools: readonly WorkspaceTool[];
  readonly servers: readonly KnownServer[];
  readonly failure: readonly FailureNode[];
}

const NOTHING: Content = { tools: [], servers: [], failure: [] };
const KNOWN_GROUP: Node = { known: 'group' };

/** The tools of the workspace in the side bar, with their callables and what those take. */
export class ToolsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #options: ToolsViewOptions;
  readonly #changed = new vscode.EventEmitter<Node | undefined>();
  readonly #view: vscode.TreeView<Node>;
  readonly #disposables: vscode.Disposable[];
  #content = NOTHING;
  #nodes: readonly ToolNode[] = [];
  #shown = PAGE;
  /** How many callables are shown of those tools that show more than a page. */
  #shownOf = new WeakMap<ToolNode, number>();
  readonly #reload = new Reload(() => this.#load());

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(options: ToolsViewOptions) {
    this.#options = options;
    this.#view = vscode.window.createTreeView('codeMode.tools', { treeDataProvider: this });
    const onChange = () => this.#reload.change(this.#view.visible);
    this.#disposables = [
      this.#view,
      this.#changed,
      options.tools.onDidChange(onChange),
      options.known.onDidChange(onChange),
      vscode.workspace.onDidGrantWorkspaceTrust(onChange),
      this.#view.onDidChangeVisibility(() => {
        if (this.#view.visible) void this.#reload.runIfStale();
      }),
    ];
  }

  /** The selected line, which a key means. */
  get selected(): Node | undefined {
    return this.#view.selection[0];
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) {
      await this.#reload.begin();
      const { rows, more } = firstRows(this.#nodes, this.#shown);
      const rest: MoreNode[] = more > 0 ? [{ more, owner: undefined }] : [];
      // With no tools there is a text in their place, which says what the editor knows.
      const hasGroup = this.#nodes.length > 0 && this.#content.servers.length > 0;
      return [...this.#content.failure, ...rows, ...rest, ...(hasGroup ? [KNOWN_GROUP] : [])];
    }
    if ('known' in node) return this.#content.servers.map((server) => ({ server }));
    if ('tool' in node) return this.#callables(node);
    if ('target' in node)
      return node.target.callable.parameters.map((parameter) => ({ of: node, parameter }));
    return [];
  }

  getParent(node: Node): Node | undefined {
    if ('of' in node) return node.of;
    return 'server' in node ? KNOWN_GROUP : 'tool' in node ? undefined : toolOf(node);
  }

  async getTreeItem(node: Node): Promise<vscode.TreeItem> {
    const item = itemOf(node);
    if (!('tool' in node)) return item;
    const { name, uri, type } = node.tool;
    if (type === 'extension') return item;
    // VS Code's own command: it leaves the focus in the tree where a click means no more than to look.
    item.command = {
      command: 'vscode.open',
      title: 'Open Definition',
      arguments: await openedAt(uri ?? storedDefinition(name), node.tool),
    };
    return item;
  }

  /** The tooltip is made when it is asked for: that of a tool shows its definition. */
  async resolveTreeItem(item: vscode.TreeItem, node: Node): Promise<vscode.TreeItem> {
    if ('target' in node) {
      item.tooltip = new vscode.MarkdownString(callableMarkdown(node.target));
    } else if ('tool' in node) {
      const text = await this.#options.tools.definitionText(node.tool.name).catch(() => undefined);
      const excerpt = text === undefined ? [] : [excerptMarkdown(text, 'yaml')];
      item.tooltip = new vscode.MarkdownString(
        [toolMarkdown(node.tool), ...excerpt].join('\n\n---\n\n'),
        true,
      );
    }
    return item;
  }

  /** Reads the tools once more. */
  async refresh(): Promise<void> {
    await this.#reload.run();
  }

  /** Shows one more page: of a tool's callables, or of the tools. */
  showMore(of: ToolNode | undefined): void {
    if (of) this.#shownOf.set(of, (this.#shownOf.get(of) ?? PAGE) + PAGE);
    else this.#shown += PAGE;
    this.#changed.fire(of);
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #callables(node: ToolNode): Node[] {
    if (problemOf(node.tool) !== undefined) return [];
    const targets = targetsOf(node.tool);
    if (targets.length === 0 && node.tool.status?.problem) return [{ unknown: node }];
    const { rows, more } = firstRows(targets, this.#shownOf.get(node) ?? PAGE);
    const rest: MoreNode[] = more > 0 ? [{ more, owner: node }] : [];
    return [...rows.map((target) => ({ owner: node, target })), ...rest];
  }

  async #load(): Promise<void> {
    if (!vscode.workspace.isTrusted) return this.#show(NOTHING);
    const { tools, store, known, log } = this.#options;
    try {
      setContext('codeMode.noStore', (await store.spec()) === undefined);
      const found = await tools.list();
      const servers = await known.list(found);
      setContext('codeMode.knowsServers', servers.length > 0);
      this.#show({ tools: found, servers, failure: [] });
    } catch (error) {
      log.warn(`The Tools view: ${String(error)}`);
      this.#show({ ...NOTHING, failure: failureNodes(error) });
    }
  }

  #show(content: Content): void {
    const before = { ...this.#content, nodes: this.#nodes };
    const known = new Map(this.#nodes.map((node) => [node.key, node]));
    const changed: ToolNode[] = [];
    const keys = keysOf(content.tools);
    this.#content = content;
    this.#nodes = content.tools.map((tool, at) => {
      const key = keys[at] ?? tool.name;
      const node = known.get(key) ?? { key, tool };
      if (!isDeepStrictEqual(node.tool, tool)) changed.push(node);
      node.tool = tool;
      return node;
    });
    const isSameList =
      before.nodes.length === this.#nodes.length &&
      before.nodes.every((node, at) => node === this.#nodes[at]) &&
      isDeepStrictEqual([before.servers, before.failure], [content.servers, content.failure]);
    if (!isSameList) this.#changed.fire(undefined);
    else for (const node of changed) this.#changed.fire(node);
  }
}

/** What tells each tool from the others: two may have one name, of which the second is broken. */
function keysOf(tools: readonly WorkspaceTool[]): string[] {
  const counts = new Map<string, number>();
  return tools.map(({ name, uri }) => {
    const key = uri ? `${name} ${uri.toString()}` : name;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count === 1 ? key : `${key} ${count}`;
  });
}

/** What VS Code's command to open a file takes: what is broken is opened at the first place that has to be mended. */
async function openedAt(uri: vscode.Uri, tool: WorkspaceTool): Promise<unknown[]> {
  const first = tool.problems[0];
  if (!first) return [uri];
  try {
    const document = await vscode.workspace.openTextDocument(uri);
    return [
      uri,
      { selection: new vscode.Range(document.positionAt(first.start), document.positionAt(first.end)) },
    ];
  } catch {
    // Gone in between.
    return [uri];
  }
}
