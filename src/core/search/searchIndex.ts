import type { VectorStore } from '../contract/storage.ts';
import { LexicalIndex } from './lexicalIndex.ts';
import type { Embedder } from './semantic.ts';
import { SemanticIndex } from './semanticIndex.ts';
import { TopRanked } from './topRanked.ts';

/** What a {@link SearchIndex} is made of. */
export interface SearchIndexOptions<T> {
  /** How much a word counts in each field. */
  readonly weights: Readonly<Record<string, number>>;
  /** The text of an item by field. */
  readonly fieldsOf: (item: T) => Readonly<Record<string, string>>;
  /** What of an item tells its meaning, at most a page. */
  readonly meaningOf: (item: T) => string;
  /** Where computed vectors are kept; without it they are computed anew in each session. */
  readonly vectors?: VectorStore;
  /** Without it, search goes by words alone. */
  readonly embedder?: Embedder;
  /** For the log: one line each. */
  readonly log?: (line: string) => void;
}

/** How many of each ranking are combined, at least. */
const CANDIDATES = 50;
/** How much less the second of a ranking counts than the first (the usual constant of reciprocal rank fusion). */
const RANK_OFFSET = 60;

/**
 * Finds items by their words, and by meaning where there is an embedder: the vectors are computed in the background
 * from the first search on, and no search waits for them.
 */
export class SearchIndex<T extends { readonly id: string }> {
  readonly #options: SearchIndexOptions<T>;
  readonly #lexical: LexicalIndex;
  readonly #semantic: SemanticIndex | undefined;
  #items: ReadonlyMap<string, T> = new Map();
  #updating: Promise<void> = Promise.resolve();

  constructor(options: SearchIndexOptions<T>) {
    const { weights, vectors, embedder, log } = options;
    this.#options = options;
    this.#lexical = new LexicalIndex(weights);
    this.#semantic = embedder && new SemanticIndex({ embedder, vectors, log });
  }

  /** Makes `items` what can be found; an object that was there before is not read again. Others run in between. */
  async update(items: readonly T[]): Promise<void> {
    const update = this.#updating.then(() => this.#update(items));
    this.#updating = update.catch(() => {});
    await update;
  }

  /** The best first, at most `limit`. */
  async search(query: string, limit: number): Promise<T[]> {
    if (query.trim() === '' || limit <= 0) return [];
    const candidates = Math.max(limit, CANDIDATES);
    const byMeaning = await this.#semantic?.search(query, candidates);
    const byWords = this.#lexical.search(query, candidates);
    const ids = byMeaning ? combineRankings([byWords, byMeaning]) : byWords;
    return ids.flatMap((id) => this.#items.get(id) ?? []).slice(0, limit);
  }

  /** Ends what runs in the background. */
  dispose(): void {
    this.#semantic?.dispose();
  }

  async #update(items: readonly T[]): Promise<void> {
    const before = this.#items;
    const after = new Map(items.map((item) => [item.id, item]));
    for (const id of before.keys()) {
      if (after.has(id)) continue;
      this.#lexical.remove(id);
      this.#semantic?.remove(id);
    }
    const changed = [...after.values()].filter((item) => before.get(item.id) !== item);
    this.#items = after;
    const { fieldsOf, meaningOf } = this.#options;
    for (const item of this.#semantic ? changed : []) this.#semantic?.add(item.id, meaningOf(item));
    await this.#lexical.add(changed, fieldsOf);
  }
}

/** Reciprocal rank fusion: what several rankings have near their tops comes first; equally good ones by id. */
function combineRankings(rankings: readonly (readonly string[])[]): string[] {
  const scores = new Map<string, number>();
  for (const ranking of rankings) {
    for (const [rank, id] of ranking.entries()) {
      scores.set(id, (scores.get(id) ?? 0) + 1 / (RANK_OFFSET + rank + 1));
    }
  }
  const top = new TopRanked(scores.size);
  for (const [id, score] of scores) top.add(id, score);
  return top.ids;
}
