type Unit =
  | 'millisecond'
  | 'second'
  | 'minute'
  | 'hour'
  | 'day'
  | 'byte'
  | 'kilobyte'
  | 'megabyte'
  | 'gigabyte';
/** `short` to be read at a glance, `long` to be read out. */
export type Length = 'short' | 'long';

const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MIN = 60;
const DAY_MIN = 24 * HOUR_MIN;

/** How long something has been there, in the largest unit that fits: `12 min`. */
export function describeAge(ms: number, length: Length): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  if (minutes < 1) return `${length === 'short' ? '<' : 'less than'} ${quantity(1, 'minute', length)}`;
  if (minutes < HOUR_MIN) return quantity(minutes, 'minute', length);
  if (minutes < DAY_MIN) return quantity(Math.floor(minutes / HOUR_MIN), 'hour', length);
  return quantity(Math.floor(minutes / DAY_MIN), 'day', length);
}

/** How long something took: `12 ms`, `1.2 s`, `3 min 20 s`. */
export function describeDuration(ms: number, length: Length): string {
  if (ms < SECOND_MS) return quantity(Math.round(ms), 'millisecond', length);
  // What would be rounded to a minute is one.
  if (ms < MINUTE_MS - 50) return quantity(ms / SECOND_MS, 'second', length);
  const seconds = Math.round(ms / SECOND_MS);
  const minutes = Math.floor(seconds / 60);
  if (minutes >= HOUR_MIN) return describeAge(ms, length);
  return `${quantity(minutes, 'minute', length)} ${quantity(seconds % 60, 'second', length)}`;
}

/** An amount of memory: `180 MB`, a megabyte being a million bytes. */
export function describeMemory(bytes: number, length: Length): string {
  const megabytes = Math.max(1, Math.round(bytes / 1e6));
  if (megabytes < 1000) return quantity(megabytes, 'megabyte', length);
  return quantity(bytes / 1e9, 'gigabyte', length);
}

/** The size of a file: `12.3 kB`, a kilobyte being a thousand bytes. */
export function describeSize(bytes: number, length: Length): string {
  // A byte is short enough, and its abbreviation knows no plural.
  if (bytes < 1000) return quantity(bytes, 'byte', 'long');
  // What would be rounded to a thousand is one of the next unit.
  if (bytes < 999_950) return quantity(bytes / 1e3, 'kilobyte', length);
  if (bytes < 999_950_000) return quantity(bytes / 1e6, 'megabyte', length);
  return quantity(bytes / 1e9, 'gigabyte', length);
}

function quantity(value: number, unit: Unit, unitDisplay: Length): string {
  // English abbreviates it to "sec", the rest of the world to its symbol.
  if (unit === 'second' && unitDisplay === 'short') return `${NUMBER.format(value)} s`;
  return new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay, maximumFractionDigits: 1 }).format(
    value,
  );
}
