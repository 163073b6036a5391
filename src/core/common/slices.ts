import { setImmediate } from 'node:timers/promises';

/** Milliseconds for which nothing else gets its turn. */
const SLICE_MS = 4;

/** Long work in slices: `for (...) { ...; if (slices.isOver) await slices.next(); }` lets others run in between. */
export class Slices {
  #since = performance.now();

  /** Whether others have waited long enough. */
  get isOver(): boolean {
    return performance.now() - this.#since > SLICE_MS;
  }

  async next(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
  }
}

/** Visits all items in {@link Slices}. */
export async function inSlices<T>(items: Iterable<T>, visit: (item: T) => void): Promise<void> {
  const slices = new Slices();
  for (const item of items) {
    visit(item);
    if (slices.isOver) await slices.next();
  }
}

/** Does `work` for all items, some at the same time. The first that fails ends it; what is under way still ends. */
export async function inParallel<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  const one = async () => {
    for (let next = left.next(); !next.done; next = left.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: limit }, one));
}
