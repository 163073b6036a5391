import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import type { DependencyStatus, InstalledPackage } from '../../../core/contract/dependencies.ts';
import { Reload } from '../../reload.ts';
import type { KnownDependencies, WorkspaceDependencies } from '../../store/workspaceDependencies.ts';
import { firstRows, PAGE } from '../pages.ts';
import { setContext } from '../setContext.ts';
import { type FailureNode, failureNodes } from '../storeFailure.ts';
import { missingText, type PackageSurroundings } from './depRow.ts';
import { type InstalledNode, isRepeated, type MeantPackage, type Node, packageOf } from './nodes.ts';
import { PackageGraph } from './packageGraph.ts';
import { itemOf } from './treeItems.ts';

/** What {@link DepsView} is made with. */
export interface DepsViewOptions {
  readonly dependencies: WorkspaceDependencies;
  readonly log: vscode.LogOutputChannel;
}

/** What the view shows; undefined: nothing is known, since nobody may look or that failed. */
interface Content {
  readonly known: KnownDependencies | undefined;
  readonly failure: readonly FailureNode[];
}

const NOTHING: Content = { known: undefined, failure: [] };

/** The packages of the workspace's session in the side bar: what is configured, what is installed, and what needs what. */
export class DepsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #options: DepsViewOptions;
  readonly #changed = new vscode.EventEmitter<Node | undefined>();
  readonly #view: vscode.TreeView<Node>;
  readonly #disposables: vscode.Disposable[];
  #content = NOTHING;
  #graph = new PackageGraph({ installed: [], configured: [] });
  #shown = PAGE;
  readonly #reload = new Reload(() => this.#load());

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(options: DepsViewOptions) {
    this.#options = options;
    this.#view = vscode.window.createTreeView('codeMode.deps', { treeDataProvider: this });
    this.#disposables = [
      this.#view,
      this.#changed,
      options.dependencies.onDidChange(() => this.#reload.change(this.#view.visible)),
      this.#view.onDidChangeVisibility(() => {
        if (this.#view.visible) void this.#reload.runIfStale();
      }),
    ];
  }

  /** The package of the line that is meant, or of the selected one, which a key means. */
  meant(node = this.#view.selection[0]): MeantPackage | undefined {
    return node && packageOf(node, this.#configured);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) {
      await this.#reload.begin();
      return this.#firstNodes();
    }
    if ('group' in node) return node.group === 'configured' ? this.#configuredNodes() : this.#topNodes();
    if ('installed' in node && !isRepeated(node)) {
      return node.needs.map((needed) => this.#installedNode(needed, node));
    }
    return [];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return itemOf(node);
  }

  /** Reads the packages once more. */
  async refresh(): Promise<void> {
    await this.#reload.run();
  }

  /** Shows one more page of the installed packages. */
  showMore(): void {
    this.#shown += PAGE;
    this.#changed.fire(undefined);
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  get #configured(): readonly DependencyStatus[] {
    return this.#content.known?.report.configured ?? [];
  }

  /** With nothing at all there is a text in their place. */
  #firstNodes(): Node[] {
    const { known, failure } = this.#content;
    if (!known) return [...failure];
    const { environment, configured, installed } = known.report;
    if (configured.length + installed.length === 0 && environment.problem === null) return [];
    const count = installed.length.toLocaleString('en');
    return [
      { environment, executor: known.executor },
      { group: 'configured', description: missingText(configured) },
      { group: 'installed', description: count },
    ];
  }

  #configuredNodes(): Node[] {
    if (this.#configured.length === 0) return [{ nothing: 'configured' }];
    return this.#configured.map((configured) => ({
      configured,
      package: this.#graph.get(configured.name),
      surroundings: this.#surroundingsOf(configured.name),
    }));
  }

  #topNodes(): Node[] {
    const { rows, more } = firstRows(this.#graph.topLevel, this.#shown);
    return [...rows.map((one) => this.#installedNode(one, undefined)), ...(more > 0 ? [{ more }] : [])];
  }

  #installedNode(installed: InstalledPackage, parent: InstalledNode | undefined): InstalledNode {
    return {
      installed,
      parent,
      surroundings: this.#surroundingsOf(installed.name),
      needs: this.#graph.requirementsOf(installed),
    };
  }

  #surroundingsOf(name: string): PackageSurroundings {
    return { newer: this.#content.known?.newer[name], requiredBy: this.#graph.requiredBy(name) };
  }

  async #load(): Promise<void> {
    if (!vscode.workspace.isTrusted) return this.#show(NOTHING);
    try {
      this.#show({ known: await this.#options.dependencies.known(), failure: [] });
    } catch (error) {
      this.#options.log.warn(`The Dependencies view: ${String(error)}`);
      this.#show({ known: undefined, failure: failureNodes(error) });
    }
  }

  #show(content: Content): void {
    if (isDeepStrictEqual(content, this.#content)) return;
    this.#content = content;
    const { report, newer } = content.known ?? {};
    this.#graph = new PackageGraph(report ?? { installed: [], configured: [] });
    setContext('codeMode.depsKnown', report !== undefined);
    setContext('codeMode.depsFixed', report?.allowsRuntimeChanges === false);
    setContext('codeMode.depsMissing', missingText(report?.configured ?? []) !== '');
    setContext('codeMode.depsNewer', Object.keys(newer ?? {}).length > 0);
    this.#changed.fire(undefined);
  }
}
