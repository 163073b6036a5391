import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { VectorStore } from '../contract/storage.ts';
import type { Embedder } from './semantic.ts';
import { TopRanked } from './topRanked.ts';

/** What a {@link SemanticIndex} is made of. */
export interface SemanticIndexOptions {
  readonly embedder: Embedder;
  /** Where computed vectors are kept; without it they are computed anew in each session. */
  readonly vectors?: VectorStore | undefined;
  /** For the log: one line each. */
  readonly log?: ((line: string) => void) | undefined;
}

interface Matrix {
  /** By row. */
  readonly ids: readonly string[];
  readonly rows: Float32Array;
  /** Of a row. */
  readonly length: number;
}

/** So long a search waits for the vector of what is looked for. */
const QUERY_WAIT_MS = 300;
/** An embedder that failed is left alone for so long. */
const PAUSE_MS = 60_000;
const TEXTS_AT_ONCE = 64;
const REMEMBERED_QUERIES = 100;

/** Finds texts by meaning, as far as their vectors are there: they are computed in the background. */
export class SemanticIndex {
  readonly #embedder: Embedder;
  readonly #vectors: VectorStore | undefined;
  readonly #log: (line: string) => void;
  readonly #end = new AbortController();
  readonly #hashes = new Map<string, string>();
  readonly #missing = new Map<string, string>();
  /** Of length one, by the hash of the text. */
  readonly #known = new Map<string, Float32Array>();
  readonly #queries = new Map<string, Promise<Float32Array | undefined>>();
  /** Undefined where it would be another by now. */
  #gathered: Matrix | undefined;
  #reading: Promise<void> | undefined;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #hasFailed = false;

  constructor({ embedder, vectors, log }: SemanticIndexOptions) {
    this.#embedder = embedder;
    this.#vectors = vectors;
    this.#log = log ?? (() => {});
  }

  /** Adds a text, or puts it in place of the one with the same id. */
  add(id: string, text: string): void {
    this.remove(id);
    this.#hashes.set(id, createHash('sha256').update(text).digest('hex'));
    this.#missing.set(id, text);
  }

  remove(id: string): void {
    this.#gathered = undefined;
    this.#hashes.delete(id);
    this.#missing.delete(id);
  }

  /** Ids, the closest first; undefined where this cannot be said at once. What is missing is begun. */
  async search(query: string, limit: number): Promise<string[] | undefined> {
    if (this.#end.signal.aborted) return undefined;
    this.#read();
    if (this.#known.size === 0) return undefined;
    const wanted = await this.#queryVector(query);
    if (!wanted) return undefined;
    const { ids, rows } = this.#matrix(wanted.length);
    const top = new TopRanked(limit);
    for (const [row, id] of ids.entries()) {
      const closeness = dotProduct(wanted, rows, row * wanted.length);
      if (closeness > 0) top.add(id, closeness);
    }
    return top.ids;
  }

  /** Ends what runs in the background. */
  dispose(): void {
    this.#end.abort();
  }

  /** The known vectors of a length side by side, which is several times as fast to go through. */
  #matrix(length: number): Matrix {
    if (this.#gathered?.length === length) return this.#gathered;
    const found: [string, Float32Array][] = [];
    for (const [id, hash] of this.#hashes) {
      const vector = this.#known.get(hash);
      if (vector?.length === length) found.push([id, vector]);
    }
    const rows = new Float32Array(found.length * length);
    for (const [row, [, vector]] of found.entries()) rows.set(vector, row * length);
    this.#gathered = { ids: found.map(([id]) => id), rows, length };
    return this.#gathered;
  }

  get #isPaused(): boolean {
    return this.#end.signal.aborted || performance.now() < this.#pausedUntil;
  }

  async #queryVector(query: string): Promise<Float32Array | undefined> {
    let vector = this.#queries.get(query);
    if (!vector) {
      if (this.#isPaused) return undefined;
      vector = this.#embedQuery(query);
      this.#queries.set(query, vector);
      for (const oldest of this.#queries.keys()) {
        if (this.#queries.size <= REMEMBERED_QUERIES) break;
        this.#queries.delete(oldest);
      }
    }
    const waiting = new AbortController();
    const timeout = setTimeout(QUERY_WAIT_MS, undefined, { signal: waiting.signal }).catch(() => undefined);
    try {
      return await Promise.race([vector, timeout]);
    } finally {
      waiting.abort();
    }
  }

  async #embedQuery(query: string): Promise<Float32Array | undefined> {
    const vector = await this.#unlessItFails(async (signal) => {
      const [embedded] = await this.#embedder.embed([query], signal);
      return embedded && unit(embedded);
    });
    if (!vector) this.#queries.delete(query);
    return vector;
  }

  #read(): void {
    if (this.#reading || this.#isPaused || this.#missing.size === 0) return;
    this.#reading = this.#unlessItFails((signal) => this.#readMissing(signal)).then(() => {
      this.#reading = undefined;
    });
  }

  /** Gets what the store has, computes the rest, and keeps that. */
  async #readMissing(signal: AbortSignal): Promise<void> {
    const model = await this.#embedder.id(signal);
    while (this.#missing.size > 0) {
      signal.throwIfAborted();
      const texts = new Map<string, string>();
      const ids: [string, string][] = [];
      for (const [id, text] of this.#missing) {
        const hash = this.#hashes.get(id);
        if (hash === undefined) continue;
        if (!this.#known.has(hash)) texts.set(hash, text);
        ids.push([id, hash]);
        if (texts.size === TEXTS_AT_ONCE) break;
      }
      if (texts.size > 0) await this.#readBatch(model, texts, signal);
      this.#gathered = undefined;
      // By now another text may have come in the place of one that was read.
      for (const [id, hash] of ids) if (this.#hashes.get(id) === hash) this.#missing.delete(id);
    }
    this.#forget();
  }

  async #readBatch(model: string, texts: Map<string, string>, signal: AbortSignal): Promise<void> {
    const stored = (await this.#vectors?.get(model, [...texts.keys()])) ?? new Map<string, Float32Array>();
    for (const [hash, vector] of stored) {
      texts.delete(hash);
      this.#known.set(hash, unit(vector));
    }
    if (texts.size === 0) return;
    const hashes = [...texts.keys()];
    const computed = await this.#embedder.embed([...texts.values()], signal);
    signal.throwIfAborted();
    const vectors = new Map(computed.map((vector, index) => [hashes[index] ?? '', vector]));
    for (const [hash, vector] of vectors) this.#known.set(hash, unit(vector));
    await this.#vectors?.put(model, vectors);
  }

  /** Drops the vectors of texts that are gone. */
  #forget(): void {
    const used = new Set(this.#hashes.values());
    for (const hash of this.#known.keys()) if (!used.has(hash)) this.#known.delete(hash);
  }

  /** An embedder or store that fails leaves the search by words; it is said once, until it works again. */
  async #unlessItFails<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work(this.#end.signal);
      this.#hasFailed = false;
      return result;
    } catch (error) {
      if (this.#end.signal.aborted) return undefined;
      this.#pausedUntil = performance.now() + PAUSE_MS;
      if (!this.#hasFailed) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#log(`Search goes by words alone for now, not by meaning: ${reason}`);
      }
      this.#hasFailed = true;
      return undefined;
    }
  }
}

/** The vector in its direction of length one, so that products are cosines. */
function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dotProduct(vector, vector));
  return length > 0 && Number.isFinite(length) ? vector.map((value) => value / length) : vector;
}

/** Of a vector and as many numbers of `rows` from `start` on. */
function dotProduct(vector: Float32Array, rows: Float32Array, start = 0): number {
  // Sums that do not wait for each other.
  let [even, odd] = [0, 0];
  const { length } = vector;
  for (let index = 0; index + 1 < length; index += 2) {
    even += vector[index]! * rows[start + index]!;
    odd += vector[index + 1]! * rows[start + index + 1]!;
  }
  return even + odd + (length % 2 ? vector[length - 1]! * rows[start + length - 1]! : 0);
}
