import type { CellRun } from './cellRun.ts';

/** The cells of one notebook that wait or run: one at a time, in the order in which they were asked for. */
export class RunQueue {
  #batches: CellRun[][] = [];
  #active: CellRun | undefined;
  #pumping = false;
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** The cell that runs now. */
  get active(): CellRun | undefined {
    return this.#active;
  }

  /** Runs cells behind those that wait already; one that fails ends those behind it in the same call. */
  add(batch: readonly CellRun[]): void {
    this.#batches.push([...batch]);
    void this.#pump();
  }

  /** Ends all cells that have not begun. */
  cancelWaiting(): void {
    for (const run of this.#batches.flat()) run.cancel();
    this.#batches = [];
  }

  /** Lets go of all cells that have not begun. */
  dropWaiting(): void {
    for (const run of this.#batches.flat()) run.dispose();
    this.#batches = [];
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    for (let batch = this.#batches[0]; batch; batch = this.#batches[0]) {
      const run = batch.shift();
      if (!run) {
        this.#batches.shift();
        continue;
      }
      this.#active = run;
      const goOn = await run.run().catch((error) => {
        this.#onError(error);
        return false;
      });
      this.#active = undefined;
      if (!goOn) for (const behind of batch.splice(0)) behind.cancel();
    }
    this.#pumping = false;
  }
}
