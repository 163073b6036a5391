/** Milliseconds: a server that ends by itself within them has crashed at its start. */
const EARLY_MS = 10_000;
/** Crashes in a row after which the next start is put off. */
const MAX_CRASHES = 3;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

/** Counts the crashes of a server, so that one that can't live is not started again and again. */
export class Crashes {
  #count = 0;
  #pauseUntil = 0;

  /** How many there were in a row. */
  get count(): number {
    return this.#count;
  }

  /** The server ended by itself. @param livedMs milliseconds since its start */
  note(livedMs: number): void {
    this.#count = livedMs < EARLY_MS ? this.#count + 1 : 1;
    const pause = this.#count < MAX_CRASHES ? 0 : FIRST_PAUSE_MS * 2 ** (this.#count - MAX_CRASHES);
    this.#pauseUntil = performance.now() + Math.min(pause, LONGEST_PAUSE_MS);
  }

  /** Milliseconds until it may be started again; 0: now. */
  pauseMs(): number {
    return Math.max(0, this.#pauseUntil - performance.now());
  }

  /** A person wants it started, whatever there was. */
  forget(): void {
    this.#count = 0;
    this.#pauseUntil = 0;
  }
}
