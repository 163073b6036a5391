import type { Cell, Column, Extent } from '../tableContent.ts';

/** A table, of which rows are read as they are asked for. */
export interface TableReader {
  /** More may come to light while rows are read, at the end. */
  readonly columns: readonly Column[];
  readonly extent: Extent;
  /**
   * Rows from `from` on (0 is the first), fewer at the end; each with a cell for each column.
   * @throws CodeModeError `file` for what is no table
   */
  rows(from: number, count: number): Promise<readonly (readonly Cell[])[]>;
}

/** Columns that are shown at most: more than that are no table to look at. */
export const MAX_COLUMNS = 500;
/** Characters that a cell shows at most. */
const MAX_CELL = 1_000;

/** Shortens what is too long to be shown in a cell. */
export function shorten(text: string): string {
  return text.length > MAX_CELL ? `${text.slice(0, MAX_CELL)}…` : text;
}

/** Shows a value of JavaScript in a cell. */
export function cellOf(value: unknown): Cell {
  if (value === null) return null;
  if (value === undefined) return '';
  if (typeof value === 'string') return shorten(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'NaT' : value.toISOString();
  if (value instanceof Uint8Array)
    return shorten(`0x${Buffer.from(value.subarray(0, MAX_CELL)).toString('hex')}`);
  if (typeof value !== 'object') return String(value);
  const plain = (_: string, part: unknown) => {
    if (typeof part === 'bigint') return Number.isSafeInteger(Number(part)) ? Number(part) : String(part);
    return part instanceof Uint8Array ? cellOf(part) : part;
  };
  return shorten(JSON.stringify(value, plain));
}
