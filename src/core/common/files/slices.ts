import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds for which nothing else gets its turn. */
const SLICE_MS = 4;

/**
 * Visits all items, and lets others have their turn in between. For many small synchronous calls of the file
 * system: each of them takes a tenth of the time of an asynchronous one.
 */
export async function inSlices<T>(items: Iterable<T>, visit: (item: T) => void): Promise<void> {
  let end = performance.now() + SLICE_MS;
  for (const item of items) {
    visit(item);
    if (performance.now() < end) continue;
    await nextTurn();
    end = performance.now() + SLICE_MS;
  }
}
