import { TRANSFER_KINDS, type TransferKind } from '../../core/storage/transfer/transferStore.ts';

/** The items of each kind that has some, in the order of the kinds. */
export function groupByKind<Item extends { readonly kind: TransferKind }>(
  items: readonly Item[],
): [TransferKind, Item[]][] {
  return TRANSFER_KINDS.map((kind): [TransferKind, Item[]] => [
    kind,
    items.filter((item) => item.kind === kind),
  ]).filter(([, ofKind]) => ofKind.length > 0);
}

/** Rows of cells as lines, each column as wide as its widest cell. @param right - the columns that are flush right */
export function table(
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, index) => (right.has(index) ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!)))
      .join('  ')
      .trimEnd(),
  );
}
