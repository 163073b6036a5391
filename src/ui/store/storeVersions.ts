/**
 * When texts last became another, for a store that does not say so: an editor has to know that what it shows is not
 * what is there any more.
 */
export class StoreVersions {
  readonly #known = new Map<string, { readonly text: string; readonly mtime: number }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The time, in milliseconds since the epoch, from which on `name` has this text as far as it was seen. */
  of(name: string, text: string): { readonly ctime: number; readonly mtime: number } {
    const known = this.#known.get(name);
    if (known?.text === text) return { ctime: known.mtime, mtime: known.mtime };
    // Two changes within a millisecond are two versions.
    const mtime = Math.max(this.#now(), (known?.mtime ?? 0) + 1);
    this.#known.set(name, { text, mtime });
    return { ctime: mtime, mtime };
  }
}
