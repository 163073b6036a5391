import { setImmediate } from 'node:timers/promises';
import MiniSearch from 'minisearch';
import { queryWords, wordsOf } from './words.ts';

interface Document {
  readonly id: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Indexing stops this often for others. */
const SLICE_MS = 8;
/** Words up to this length are not taken for a misspelt other one. */
const SHORT_WORD = 3;

/** Finds documents by their words: whole, by how they begin, and with a typo. */
export class LexicalIndex {
  readonly #index: MiniSearch<Document>;
  readonly #weights: Readonly<Record<string, number>>;

  /** @param weights how much a word counts in each field */
  constructor(weights: Readonly<Record<string, number>>) {
    this.#weights = weights;
    this.#index = new MiniSearch<Document>({
      fields: Object.keys(weights),
      extractField: (document, field) => (field === 'id' ? document.id : (document.fields[field] ?? '')),
      tokenize: wordsOf,
      processTerm: (word) => word,
    });
  }

  /** Adds documents, or puts them in place of those with the same ids. Others run in between. */
  async add<T extends { readonly id: string }>(
    items: readonly T[],
    fieldsOf: (item: T) => Readonly<Record<string, string>>,
  ): Promise<void> {
    let since = performance.now();
    for (const item of items) {
      this.remove(item.id);
      this.#index.add({ id: item.id, fields: fieldsOf(item) });
      if (performance.now() - since > SLICE_MS) {
        await setImmediate();
        since = performance.now();
      }
    }
  }

  remove(id: string): void {
    if (this.#index.has(id)) this.#index.discard(id);
  }

  /** Ids, the best first; equally good ones by id. */
  search(query: string, limit: number): string[] {
    const words = queryWords(query);
    if (words.length === 0 || limit <= 0) return [];
    const found = this.#index.search(words.join(' '), {
      boost: { ...this.#weights },
      tokenize: (text) => text.split(' '),
      prefix: true,
      fuzzy: (word) => (word.length > SHORT_WORD ? 0.2 : false),
      maxFuzzy: 2,
    });
    return found
      .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
      .slice(0, limit)
      .map(({ id }) => id as string);
  }
}
