/** A column of a table. */
export interface Column {
  readonly name: string;
  /** In words, such as `integer` or `timestamp`. */
  readonly type: string;
  /** Whether its cells are aligned as numbers are. */
  readonly isNumeric: boolean;
}

/** What a cell shows; null where there is no value. */
export type Cell = string | null;

/** How much of a table has been seen so far. */
export interface Extent {
  readonly rows: number;
  /** Whether there are no more rows than these. */
  readonly isAll: boolean;
  /** Why the rows behind these cannot be read. */
  readonly problem?: string;
  /** Columns that are not shown, of a table with very many. */
  readonly omittedColumns: number;
}
