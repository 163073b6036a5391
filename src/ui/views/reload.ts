/** Loads what a view shows, one time after the other: what changes meanwhile is seen by the load that follows. */
export class Reload {
  readonly #load: () => Promise<void>;
  #isStale = false;
  #isLoading = false;

  constructor(load: () => Promise<void>) {
    this.#load = load;
  }

  /** What is shown may be old by now. */
  markStale(): void {
    this.#isStale = true;
  }

  /** Loads where something is {@link markStale | stale}. A load that is under way does so once more, and is not waited for. */
  async runIfStale(): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        await this.#load();
      }
    } finally {
      this.#isLoading = false;
    }
  }

  /** Loads in any case; see {@link runIfStale}. */
  async run(): Promise<void> {
    this.markStale();
    await this.runIfStale();
  }
}
