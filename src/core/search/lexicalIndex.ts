import SearchableMap from 'minisearch/SearchableMap';
import { Slices } from '../common/slices.ts';
import { TopRanked } from './topRanked.ts';
import { isFillerWord, wordsOf } from './words.ts';

/** How often a word stands in a field matters less and less. */
const SATURATION = 1;
/** A field of so many words counts half. */
const LONG_FIELD = 200;
/** What a word that only begins like, or is spelt like, the one looked for counts at most. */
const PREFIX_QUALITY = 0.7;
const TYPO_QUALITY = 0.5;
/** Words up to this length are not taken for a misspelt other one, and longer ones than the other for two slips. */
const SHORT_WORD = 3;
const LONG_WORD = 7;
/** A word that is run together with another one has at least so many letters. */
const MIN_PART = 3;
/** So many words that begin like the one looked for are taken. */
const MAX_PREFIXED = 100;

/** Where a word stands: documents by their number, and how much the word says about each. */
interface Postings {
  readonly documents: number[];
  readonly weights: number[];
}

interface IndexedDocument {
  readonly id: string;
  readonly words: Iterable<string>;
}

/** Finds documents by their words: whole, by how they begin, and with a slip of the hand. */
export class LexicalIndex {
  readonly #weights: ReadonlyMap<string, number>;
  readonly #vocabulary = new SearchableMap<Postings>();
  readonly #numbers = new Map<string, number>();
  /** By number; undefined where one was removed. */
  readonly #documents: (IndexedDocument | undefined)[] = [];
  readonly #free: number[] = [];

  /** @param weights how much a word counts in each field */
  constructor(weights: Readonly<Record<string, number>>) {
    this.#weights = new Map(Object.entries(weights));
  }

  /** Adds items, or puts them in place of those with the same ids. Others run in between. */
  async add<T extends { readonly id: string }>(
    items: readonly T[],
    fieldsOf: (item: T) => Readonly<Record<string, string>>,
  ): Promise<void> {
    const slices = new Slices();
    for (const item of items) {
      this.remove(item.id);
      this.#add(item.id, fieldsOf(item));
      if (slices.isOver) await slices.next();
    }
  }

  remove(id: string): void {
    const number = this.#numbers.get(id);
    if (number === undefined) return;
    for (const word of this.#documents[number]?.words ?? []) {
      const postings = this.#vocabulary.get(word);
      if (!postings) continue;
      const { documents, weights } = postings;
      const index = documents.indexOf(number);
      const [lastDocument, lastWeight] = [documents.pop()!, weights.pop()!];
      if (index < documents.length) {
        documents[index] = lastDocument;
        weights[index] = lastWeight;
      }
      if (documents.length === 0) this.#vocabulary.delete(word);
    }
    this.#numbers.delete(id);
    this.#documents[number] = undefined;
    this.#free.push(number);
  }

  /** Ids, the best first; equally good ones by id. */
  search(query: string, limit: number): string[] {
    const all = [...new Set(wordsOf(query))];
    const telling = all.filter((word) => !isFillerWord(word));
    const words = (telling.length > 0 ? telling : all).flatMap((word) => this.#split(word) ?? [word]);
    if (words.length === 0 || limit <= 0) return [];
    const total = new Float64Array(this.#documents.length);
    const matched = new Uint8Array(this.#documents.length);
    const best = new Float64Array(this.#documents.length);
    for (const word of words) {
      const touched: number[] = [];
      for (const [postings, quality] of this.#matches(word)) {
        const factor = quality * this.#rarity(postings);
        const { documents, weights } = postings;
        for (let index = 0; index < documents.length; index++) {
          const document = documents[index]!;
          const value = factor * weights[index]!;
          const before = best[document]!;
          if (before === 0) touched.push(document);
          if (value > before) best[document] = value;
        }
      }
      for (const document of touched) {
        total[document]! += best[document]!;
        matched[document]!++;
        best[document] = 0;
      }
    }
    const top = new TopRanked(limit);
    for (let number = 0; number < total.length; number++) {
      const document = this.#documents[number];
      if (!document || total[number] === 0) continue;
      // A document with all of the words comes before one that has one of them often.
      top.add(document.id, (total[number]! * matched[number]!) / words.length);
    }
    return top.ids;
  }

  #add(id: string, fields: Readonly<Record<string, string>>): void {
    const weightOf = new Map<string, number>();
    for (const [field, fieldWeight] of this.#weights) {
      const words = wordsOf(fields[field] ?? '');
      const counts = new Map<string, number>();
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
      const factor = fieldWeight / (1 + words.length / LONG_FIELD);
      for (const [word, count] of counts) {
        weightOf.set(word, (weightOf.get(word) ?? 0) + (factor * count) / (count + SATURATION));
      }
    }
    const number = this.#free.pop() ?? this.#documents.length;
    this.#documents[number] = { id, words: weightOf.keys() };
    this.#numbers.set(id, number);
    for (const [word, weight] of weightOf) {
      const { documents, weights } = this.#vocabulary.fetch(word, () => ({ documents: [], weights: [] }));
      documents.push(number);
      weights.push(weight);
    }
  }

  /** The known words that one nobody knows is made of: `fetchtitles` is `fetch` and `titles`. */
  #split(word: string): string[] | undefined {
    if (this.#vocabulary.has(word)) return [word];
    for (let end = word.length - MIN_PART; end >= MIN_PART; end--) {
      if (!this.#vocabulary.has(word.slice(0, end))) continue;
      const rest = this.#split(word.slice(end));
      if (rest) return [word.slice(0, end), ...rest];
    }
    return undefined;
  }

  /** The words that may be meant by one, and how surely. */
  *#matches(word: string): Iterable<[Postings, number]> {
    const exact = this.#vocabulary.get(word);
    if (exact) yield [exact, 1];
    let count = 0;
    for (const [longer, postings] of word.length > 1 ? this.#vocabulary.atPrefix(word) : []) {
      if (longer !== word) yield [postings, (PREFIX_QUALITY * word.length) / longer.length];
      if (++count === MAX_PREFIXED) break;
    }
    if (count > 0 || word.length <= SHORT_WORD) return;
    for (const swapped of swaps(word)) {
      const postings = this.#vocabulary.get(swapped);
      if (postings) yield [postings, TYPO_QUALITY];
    }
    const slips = word.length > LONG_WORD ? 2 : 1;
    for (const [postings, distance] of this.#vocabulary.fuzzyGet(word, slips).values()) {
      yield [postings, TYPO_QUALITY / distance];
    }
  }

  /** What few documents have says more than what most of them have. */
  #rarity({ documents }: Postings): number {
    return Math.log(1 + this.#numbers.size / documents.length);
  }
}

/** The word with two neighbouring letters in the other order. */
function swaps(word: string): string[] {
  return Array.from(
    { length: word.length - 1 },
    (_, at) => `${word.slice(0, at)}${word[at + 1]}${word[at]}${word.slice(at + 2)}`,
  );
}
