interface Ranked {
  readonly id: string;
  readonly score: number;
}

/** The best of what is added, however much that is; equally good ones by id. */
export class TopRanked {
  readonly #limit: number;
  readonly #ranked: Ranked[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The best first. */
  get ids(): string[] {
    return this.#ranked.map(({ id }) => id);
  }

  add(id: string, score: number): void {
    const found = { id, score };
    if (this.#ranked.length >= this.#limit) {
      const last = this.#ranked.at(-1);
      if (!last || !comesBefore(found, last)) return;
      this.#ranked.pop();
    }
    let [low, high] = [0, this.#ranked.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comesBefore(found, this.#ranked[middle]!)) high = middle;
      else low = middle + 1;
    }
    this.#ranked.splice(low, 0, found);
  }
}

function comesBefore(a: Ranked, b: Ranked): boolean {
  return a.score > b.score || (a.score === b.score && a.id < b.id);
}
