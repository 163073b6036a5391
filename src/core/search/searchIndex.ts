import type { VectorStore } from '../contract/storage.ts';
import { LexicalIndex } from './lexicalIndex.ts';
import type { Embedder } from './semantic.ts';

/** What a {@link SearchIndex} is made of. */
export interface SearchIndexOptions<T> {
  /** How much a word counts in each field. */
  readonly weights: Readonly<Record<string, number>>;
  /** The text of an item by field. */
  readonly fieldsOf: (item: T) => Readonly<Record<string, string>>;
  /** Where computed vectors are kept; without it they are computed anew in each session. */
  readonly vectors?: VectorStore;
  readonly embedder?: Embedder;
  /** For the log: one line each. */
  readonly log?: (line: string) => void;
}

/** Finds items by their words. */
export class SearchIndex<T extends { readonly id: string }> {
  readonly #lexical: LexicalIndex;
  readonly #fieldsOf: (item: T) => Readonly<Record<string, string>>;
  #items: ReadonlyMap<string, T> = new Map();
  #updating: Promise<void> = Promise.resolve();

  constructor({ weights, fieldsOf }: SearchIndexOptions<T>) {
    this.#lexical = new LexicalIndex(weights);
    this.#fieldsOf = fieldsOf;
  }

  /** Makes `items` what can be found; an object that was there before is not read again. Others run in between. */
  async update(items: readonly T[]): Promise<void> {
    const update = this.#updating.then(() => this.#update(items));
    this.#updating = update.catch(() => {});
    await update;
  }

  /** The best first, at most `limit`. */
  async search(query: string, limit: number): Promise<T[]> {
    return this.#lexical.search(query, limit).flatMap((id) => this.#items.get(id) ?? []);
  }

  /** Ends what runs in the background. */
  dispose(): void {}

  async #update(items: readonly T[]): Promise<void> {
    const before = this.#items;
    const after = new Map(items.map((item) => [item.id, item]));
    for (const id of before.keys()) if (!after.has(id)) this.#lexical.remove(id);
    const fieldsOf = this.#fieldsOf;
    await this.#lexical.add(
      (function* () {
        for (const item of items) {
          if (before.get(item.id) !== item) yield { id: item.id, fields: fieldsOf(item) };
        }
      })(),
    );
    this.#items = after;
  }
}
