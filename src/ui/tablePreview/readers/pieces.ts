import { CodeModeError } from '../../../core/contract/errors.ts';
import type { ByteSource } from '../../files/byteSource.ts';

/** What was found in a piece of a file. */
export interface ParsedPiece<Row> {
  readonly rows: readonly Row[];
  /** Bytes that these rows take: the next piece begins behind them. */
  readonly consumed: number;
  /** Whether no row follows, whatever else the file has. */
  readonly isEnd?: boolean;
  /** Why what follows cannot be read. */
  readonly problem?: string;
}

/** Finds the whole rows at the start of some bytes; those that the file ends with where `isLast`. */
export type ParsePiece<Row> = (bytes: Buffer, isLast: boolean, firstRow: number) => ParsedPiece<Row>;

/** Where a piece lies, in bytes and in rows. */
interface Piece {
  readonly position: number;
  readonly length: number;
  readonly firstRow: number;
  readonly rows: number;
}

const PIECE_BYTES = 256 * 1024;
/** No row is longer than that. */
const MAX_ROW_BYTES = 16 * 1024 * 1024;
/** Pieces whose rows are kept. */
const KEPT_PIECES = 8;

/**
 * The rows of a file in which one follows the other and only reading tells where. Where pieces of it begin is kept for
 * what has been read, rows of the last few pieces only: memory does not grow with the file.
 */
export class PiecedRows<Row> {
  readonly #source: ByteSource;
  readonly #parse: ParsePiece<Row>;
  readonly #pieces: Piece[] = [];
  readonly #kept = new Map<Piece, readonly Row[]>();
  #position: number;
  #isAll = false;
  #problem: string | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param start the byte that the first row begins at */
  constructor(source: ByteSource, start: number, parse: ParsePiece<Row>) {
    this.#source = source;
    this.#position = start;
    this.#parse = parse;
  }

  /** Rows that have been seen. */
  get known(): number {
    const last = this.#pieces.at(-1);
    return last ? last.firstRow + last.rows : 0;
  }

  get isAll(): boolean {
    return this.#isAll;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  /** Rows from `from` on, fewer at the end; reads on as far as that takes. */
  async rows(from: number, count: number): Promise<Row[]> {
    const mine = this.#turn.then(() => this.#rows(from, count));
    // One after the other: both would read the same next piece.
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #rows(from: number, count: number): Promise<Row[]> {
    while (!this.#isAll && this.known < from + count) await this.#readOn();
    const found: Row[] = [];
    for (let index = this.#pieceWith(from); index < this.#pieces.length && found.length < count; index++) {
      const piece = this.#pieces[index]!;
      const rows = await this.#rowsOf(piece);
      found.push(...rows.slice(Math.max(0, from - piece.firstRow), from + count - piece.firstRow));
    }
    return found;
  }

  /** The place of the piece with a row, found by halving. */
  #pieceWith(row: number): number {
    let low = 0;
    let high = this.#pieces.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const piece = this.#pieces[middle]!;
      if (piece.firstRow + piece.rows <= row) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async #rowsOf(piece: Piece): Promise<readonly Row[]> {
    const kept = this.#kept.get(piece);
    if (kept) {
      this.#keep(piece, kept);
      return kept;
    }
    const isLast = piece.position + piece.length >= this.#source.size;
    const bytes = await this.#read(piece.position, piece.length);
    const { rows } = this.#parse(bytes, isLast, piece.firstRow);
    this.#keep(piece, rows);
    return rows;
  }

  async #readOn(): Promise<void> {
    for (let length = PIECE_BYTES; ; length *= 4) {
      const bytes = await this.#read(this.#position, length);
      const isLast = this.#position + bytes.length >= this.#source.size;
      const firstRow = this.known;
      const { rows, consumed, isEnd, problem } = this.#parse(bytes, isLast, firstRow);
      if (rows.length > 0) {
        const piece = { position: this.#position, length: consumed, firstRow, rows: rows.length };
        this.#pieces.push(piece);
        this.#keep(piece, rows);
        this.#position += consumed;
      }
      this.#problem = problem;
      this.#isAll = isLast || isEnd === true || problem !== undefined;
      if (rows.length > 0 || this.#isAll) return;
      if (length >= MAX_ROW_BYTES) {
        this.#problem = `Row ${firstRow + 1} is longer than ${MAX_ROW_BYTES / 1024 / 1024} MB; perhaps a quote or bracket before it is not closed.`;
        this.#isAll = true;
        return;
      }
    }
  }

  async #read(position: number, length: number): Promise<Buffer> {
    const wanted = Math.min(length, this.#source.size - position);
    const bytes = await this.#source.read(position, wanted);
    if (bytes.length < wanted) {
      throw new CodeModeError('file', 'The file became shorter while it was read.', {
        hint: 'Open it anew.',
      });
    }
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #keep(piece: Piece, rows: readonly Row[]): void {
    this.#kept.delete(piece);
    this.#kept.set(piece, rows);
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > KEPT_PIECES && !oldest.done) this.#kept.delete(oldest.value);
  }
}
