/**
 * Loads what is shown, or made, of something that changes: one time after the other. What changes meanwhile is seen by the
 * load that follows.
 */
export class Reload {
  readonly #load: () => Promise<void>;
  #isStale = false;
  #loading: Promise<void> | undefined;
  #first: Promise<void> | undefined;

  constructor(load: () => Promise<void>) {
    this.#load = load;
  }

  /** Loads, once more where it is just loading; resolves when what is there now is known. */
  run(): Promise<void> {
    this.#isStale = true;
    return this.runIfStale();
  }

  /** As {@link run}, where something has changed that nobody looked at. */
  runIfStale(): Promise<void> {
    if (this.#loading) return this.#loading;
    if (!this.#isStale) return Promise.resolve();
    this.#loading = this.#loadAll();
    return this.#loading;
  }

  /** Loads the first time that somebody looks. */
  begin(): Promise<void> {
    this.#first ??= this.run();
    return this.#first;
  }

  /** Something has changed. What nobody has looked at is loaded when somebody does. @param isSeen somebody looks now */
  change(isSeen: boolean): void {
    if (!this.#first) return;
    if (isSeen) void this.run();
    else this.#isStale = true;
  }

  async #loadAll(): Promise<void> {
    try {
      while (this.#isStale) {
        this.#isStale = false;
        await this.#load();
      }
    } finally {
      this.#loading = undefined;
    }
  }
}
