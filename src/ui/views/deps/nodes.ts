import type {
  DependencyStatus,
  InstalledPackage,
  PackageEnvironment,
} from '../../../core/contract/dependencies.ts';
import type { FailureNode } from '../storeFailure.ts';
import type { PackageSurroundings } from './depRow.ts';

/** The environment that the packages are in. */
export interface EnvironmentNode {
  readonly environment: PackageEnvironment;
  /** The id of the executor whose it is. */
  readonly executor: string;
}

/** What is configured, or what is installed. */
export interface GroupNode {
  readonly group: 'configured' | 'installed';
  readonly description: string;
}

/** A package, or another line, that somebody wants to be there. */
export interface ConfiguredNode {
  readonly configured: DependencyStatus;
  /** The package as it is installed. */
  readonly package: InstalledPackage | undefined;
  readonly surroundings: PackageSurroundings;
}

/** An installed package. */
export interface InstalledNode {
  readonly installed: InstalledPackage;
  readonly surroundings: PackageSurroundings;
  /** The package that needs it and that it is shown below. */
  readonly parent: InstalledNode | undefined;
  /** The packages that it needs. */
  readonly needs: readonly InstalledPackage[];
}

/** Stands for what could be configured. */
export interface NothingNode {
  readonly nothing: 'configured';
}

/** Stands for the packages that are not shown yet. */
export interface MoreNode {
  readonly more: number;
}

/** A line of the view. */
export type Node =
  | EnvironmentNode
  | GroupNode
  | ConfiguredNode
  | InstalledNode
  | NothingNode
  | MoreNode
  | FailureNode;

/** Whether a package is shown already above a line: what it needs is not shown once more. */
export function isRepeated({ installed, parent }: InstalledNode): boolean {
  for (let above = parent; above; above = above.parent) {
    if (above.installed.name === installed.name) return true;
  }
  return false;
}

/** A package that a line means. */
export interface MeantPackage {
  /** Normalised. */
  readonly name: string;
  /** As people know it. */
  readonly title: string;
  readonly installed: InstalledPackage | undefined;
  readonly configured: DependencyStatus | undefined;
  /** The installed packages that need it. */
  readonly requiredBy: readonly InstalledPackage[];
}

/** The package that a line means; undefined: none. */
export function packageOf(node: Node, configured: readonly DependencyStatus[]): MeantPackage | undefined {
  if (!('surroundings' in node)) return undefined;
  const { requiredBy } = node.surroundings;
  if ('configured' in node) {
    const { name } = node.configured;
    const installed = node.package;
    return { name, title: installed?.title ?? name, installed, configured: node.configured, requiredBy };
  }
  const { installed } = node;
  const { name, title } = installed;
  return { name, title, installed, configured: configured.find((one) => one.name === name), requiredBy };
}
