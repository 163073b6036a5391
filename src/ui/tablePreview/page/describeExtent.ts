import type { Extent } from '../tableContent.ts';

/** How large a table is, in words. @param columns how many are shown */
export function describeExtent({ rows, isAll, omittedColumns }: Extent, columns: number): string {
  const count = (amount: number, what: string) =>
    `${amount.toLocaleString('en')} ${what}${amount === 1 ? '' : 's'}`;
  const height = isAll ? count(rows, 'row') : `first ${count(rows, 'row')}, more when you scroll down`;
  const width =
    omittedColumns > 0
      ? `first ${count(columns, 'column')} of ${(columns + omittedColumns).toLocaleString('en')}`
      : count(columns, 'column');
  return `${height}; ${width}`;
}
