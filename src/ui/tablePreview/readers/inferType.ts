/** How programs write that there is no value, or none that is a number. */
const MISSING = /^(?:|nan|na|n\/a|null|none|nat|[-+]?inf(?:inity)?)$/i;
const INTEGER = /^[-+]?\d+$/;
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
const BOOLEAN = /^(?:true|false)$/i;
const DATE = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[-+]\d\d:?\d\d)?)?$/;

const KINDS = [
  ['integer', INTEGER],
  ['number', NUMBER],
  ['boolean', BOOLEAN],
  ['date', DATE],
] as const;

/** What kind of text all of these are; what is missing says nothing. */
export function inferType(cells: readonly string[]): 'integer' | 'number' | 'boolean' | 'date' | 'text' {
  const present = cells.map((cell) => cell.trim()).filter((cell) => !MISSING.test(cell));
  if (present.length === 0) {
    // Nothing but NaN is a column of numbers.
    return cells.some((cell) => /nan|inf/i.test(cell)) ? 'number' : 'text';
  }
  const found = KINDS.find(([, pattern]) => present.every((cell) => pattern.test(cell)));
  return found ? found[0] : 'text';
}
