import type { Cell } from '../tableContent.ts';

type Row = readonly Cell[];

/** Rows that are asked for at once. */
const BLOCK_ROWS = 100;
/** Blocks that are kept: memory does not grow with the table. */
const KEPT_BLOCKS = 60;

/** The rows around those in sight, in blocks. */
export class RowCache {
  readonly #ask: (from: number, count: number) => void;
  readonly #blocks = new Map<number, readonly Row[]>();
  readonly #asked = new Set<number>();

  /** @param ask asks for rows, which {@link put} gets when they come */
  constructor(ask: (from: number, count: number) => void) {
    this.#ask = ask;
  }

  get(row: number): Row | undefined {
    return this.#blocks.get(Math.floor(row / BLOCK_ROWS))?.[row % BLOCK_ROWS];
  }

  /** Asks for those of the rows that are not here. */
  want(from: number, count: number): void {
    const last = Math.floor((from + Math.max(1, count) - 1) / BLOCK_ROWS);
    for (let block = Math.floor(from / BLOCK_ROWS); block <= last; block++) {
      const known = this.#blocks.get(block);
      // One that was not whole when it came may have more by now.
      const isWhole = known !== undefined && (known.length === BLOCK_ROWS || block !== last);
      if (known) this.#keep(block, known);
      if (isWhole || this.#asked.has(block)) continue;
      if (known && from + count <= block * BLOCK_ROWS + known.length) continue;
      this.#asked.add(block);
      this.#ask(block * BLOCK_ROWS, BLOCK_ROWS);
    }
  }

  put(from: number, rows: readonly Row[]): void {
    const block = Math.floor(from / BLOCK_ROWS);
    this.#asked.delete(block);
    this.#keep(block, rows);
    const oldest = this.#blocks.keys().next();
    if (this.#blocks.size > KEPT_BLOCKS && !oldest.done) this.#blocks.delete(oldest.value);
  }

  clear(): void {
    this.#blocks.clear();
    this.#asked.clear();
  }

  #keep(block: number, rows: readonly Row[]): void {
    this.#blocks.delete(block);
    this.#blocks.set(block, rows);
  }
}
