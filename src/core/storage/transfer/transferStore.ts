import type { Json } from '../../contract/execution.ts';
import type { StorageBackend } from '../../contract/storage.ts';
import type { DependencyStore } from '../../deps/configuration/dependencyStore.ts';
import type { StorageSpec } from '../storageSpec.ts';

/** The kinds of content that can be moved from one store to another, in the order in which they are. */
export const TRANSFER_KINDS = ['workflows', 'artifacts', 'tools', 'deps'] as const;
export type TransferKind = (typeof TRANSFER_KINDS)[number];

/** What a workspace has of its own; tools and packages are those of the store that it is in. */
export const WORKSPACE_KINDS: readonly TransferKind[] = ['workflows', 'artifacts'];

/** What can be moved between two stores: less where one of them is that of a workspace. */
export function kindsOf(...specs: readonly StorageSpec[]): readonly TransferKind[] {
  return specs.some(({ workspaceId }) => workspaceId !== undefined) ? WORKSPACE_KINDS : TRANSFER_KINDS;
}

/** Everything that a store holds, as far as it takes to compare it with another one and to copy it. */
export interface TransferStore extends AsyncDisposable {
  readonly workflows: StorageBackend['workflows'];
  readonly artifacts: StorageBackend['artifacts'];
  readonly tools: ToolStore;
  readonly deps: DependencyStore;
}

/** A tool as its YAML says, or why it can't be read. */
export type StoredTool = { readonly config: Readonly<Record<string, Json>> } | { readonly problem: string };

/** The configured tools, by name. */
export interface ToolStore {
  list(): Promise<ReadonlyMap<string, StoredTool>>;
  /** Replaces the tool of that name whole. */
  save(name: string, config: Readonly<Record<string, Json>>): Promise<void>;
  delete(name: string): Promise<void>;
}
