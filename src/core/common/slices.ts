import { setImmediate } from 'node:timers/promises';

const SLICE_MS = 8;

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
