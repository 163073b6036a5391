import { Slices } from '../../../common/slices.ts';
import type { ComparedItem } from '../compareStores.ts';
import type { ProgressListener } from '../progress.ts';
import type { TransferStore } from '../transferStore.ts';

/** What the long ones are told. */
export interface ShelfOptions {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ProgressListener | undefined;
}

export type ShelfItem = Omit<ComparedItem, 'kind'>;

/** One kind of a store's content: how it is compared, copied and removed. */
export interface Shelf {
  /** By name. */
  compare(source: TransferStore, target: TransferStore, options: ShelfOptions): Promise<ShelfItem[]>;
  /**
   * Reads what copying takes once, and returns what copies one item, whole or not at all.
   * That throws CodeModeError `not-found` or `usage` where it is this item that can't be copied.
   */
  copier(
    from: TransferStore,
    to: TransferStore,
  ): Promise<(name: string, signal: AbortSignal | undefined) => Promise<void>>;
  delete(name: string, from: TransferStore): Promise<unknown>;
}

/**
 * Compares two maps of items by name.
 *
 * @param problem - why the source's item can't be copied, if so; asked only where it would be
 */
export async function compareMaps<Item>(
  source: ReadonlyMap<string, Item>,
  target: ReadonlyMap<string, Item>,
  isSame: (source: Item, target: Item) => boolean,
  problem: (item: Item) => string | undefined,
): Promise<ShelfItem[]> {
  const found: ShelfItem[] = [];
  const slices = new Slices();
  for (const name of [...new Set([...source.keys(), ...target.keys()])].sort()) {
    if (slices.isOver) await slices.next();
    const [ours, theirs] = [source.get(name), target.get(name)];
    if (ours === undefined) found.push({ name, state: 'added' });
    else if (theirs !== undefined && isSame(ours, theirs)) found.push({ name, state: 'same' });
    else {
      const why = problem(ours);
      const state = theirs === undefined ? 'removed' : 'changed';
      found.push({ name, state, ...(why !== undefined && { problem: why }) });
    }
  }
  return found;
}
