import type { CellRun } from './cellRun.ts';

/** A run in a queue. */
export interface QueuedRun {
  readonly run: CellRun;
  /** Names those that were asked for together: one that fails ends those behind it. */
  readonly batch: number;
}

/** Who wants to know of a {@link RunQueue}. */
export interface RunQueueListener {
  /** Other runs wait, or another one runs. */
  onChange(): void;
  onError(error: unknown): void;
}

/** The cells of one notebook that wait or run: one at a time, in the order in which they were asked for. */
export class RunQueue {
  #waiting: QueuedRun[] = [];
  #active: QueuedRun | undefined;
  #previous: QueuedRun | undefined;
  #batches = 0;
  #pumping = false;
  readonly #listener: RunQueueListener;

  constructor(listener: RunQueueListener) {
    this.#listener = listener;
  }

  /** The cell that runs now. */
  get active(): CellRun | undefined {
    return this.#active?.run;
  }

  /** What runs and what waits behind it; before them what ended last, since its successor may not have begun yet. */
  get runs(): readonly QueuedRun[] {
    const begun = [this.#previous, this.#active].filter((queued) => queued !== undefined);
    return [...begun, ...this.#waiting];
  }

  /** Runs cells behind those that wait already; one that fails ends those behind it in the same call. */
  add(runs: readonly CellRun[]): void {
    const batch = this.#batches++;
    this.#waiting.push(...runs.map((run) => ({ run, batch })));
    if (!this.#pumping) void this.#pump();
    this.#listener.onChange();
  }

  /** Ends all cells that have not begun. */
  cancelWaiting(): void {
    for (const { run } of this.#takeWaiting()) run.cancel();
  }

  /** Lets go of all cells that have not begun. */
  dropWaiting(): void {
    for (const { run } of this.#takeWaiting()) run.dispose();
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const { run, batch } = next;
      this.#active = next;
      this.#listener.onChange();
      const goOn = await run.run().catch((error) => {
        this.#listener.onError(error);
        return false;
      });
      this.#active = undefined;
      this.#previous = next;
      if (!goOn) for (const behind of this.#takeWaiting(batch)) behind.run.cancel();
    }
    this.#previous = undefined;
    this.#pumping = false;
    this.#listener.onChange();
  }

  /** @param batch - whose runs alone are taken */
  #takeWaiting(batch?: number): readonly QueuedRun[] {
    const isTaken = (queued: QueuedRun) => batch === undefined || queued.batch === batch;
    const taken = this.#waiting.filter(isTaken);
    this.#waiting = this.#waiting.filter((queued) => !isTaken(queued));
    this.#listener.onChange();
    return taken;
  }
}
