import type { ProgressListener } from './progress.ts';
import { SHELVES } from './shelves/index.ts';
import type { TransferKind, TransferStore } from './transferStore.ts';

/** `added`: only the target has it, `removed`: only the source has it. */
export type ItemState = 'added' | 'removed' | 'changed' | 'same';

/** One item that at least one of two stores has. */
export interface ComparedItem {
  readonly kind: TransferKind;
  readonly name: string;
  readonly state: ItemState;
  /** Why the source's item cannot be copied, where it can't. */
  readonly problem?: string;
}

/** What {@link compareStores} is told. */
export interface CompareOptions {
  readonly kinds: readonly TransferKind[];
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

/**
 * Compares what two stores hold, by kind and name; nothing is changed. When artifacts were made does not count.
 *
 * @throws CodeModeError where a store can't be read, or the signal's reason
 */
export async function compareStores(
  source: TransferStore,
  target: TransferStore,
  { kinds, signal, onProgress }: CompareOptions,
): Promise<ComparedItem[]> {
  const items: ComparedItem[] = [];
  for (const kind of kinds) {
    signal?.throwIfAborted();
    const found = await SHELVES[kind].compare(source, target, { signal, onProgress });
    items.push(...found.map((item) => ({ kind, ...item })));
  }
  return items;
}
