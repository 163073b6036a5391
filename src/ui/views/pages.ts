/** How many rows are shown at once: a tree of thousands would hold up the window. */
export const PAGE = 500;

/** The first rows, and how many are left out. */
export function firstRows<T>(rows: readonly T[], shown: number): { rows: readonly T[]; more: number } {
  return rows.length > shown ? { rows: rows.slice(0, shown), more: rows.length - shown } : { rows, more: 0 };
}
