import type { ComparedItem, ItemState } from './compareStores.ts';
import { TRANSFER_KINDS } from './transferStore.ts';

/** A line of a report, and what it is about. */
export interface ReportLine {
  readonly text: string;
  readonly item?: ComparedItem;
}

const STATES: readonly ItemState[] = ['added', 'removed', 'changed', 'same'];
const MARKS: Readonly<Record<Exclude<ItemState, 'same'>, readonly [mark: string, what: string]>> = {
  added: ['+', 'in the target only'],
  removed: ['-', 'in the source only'],
  changed: ['~', 'changed'],
};

/** What differs between two stores, for a person: by kind and name, and how many of each at the end. */
export function comparisonReport(
  source: string,
  target: string,
  items: readonly ComparedItem[],
): ReportLine[] {
  const lines: ReportLine[] = [{ text: `source: ${source}` }, { text: `target: ${target}` }];
  for (const kind of TRANSFER_KINDS) {
    const different = items.filter((item) => item.kind === kind && item.state !== 'same');
    if (different.length > 0) lines.push({ text: kind });
    for (const item of different) {
      if (item.state === 'same') continue;
      const [mark, what] = MARKS[item.state];
      lines.push({ text: `  ${mark} ${item.name}  (${what})`, item });
    }
  }
  const count = (state: ItemState) => items.filter((item) => item.state === state).length;
  const counts = STATES.map((state) => `${count(state)} ${state === 'same' ? 'the same' : state}`);
  return [...lines, { text: `${counts.join(', ')}.` }];
}
