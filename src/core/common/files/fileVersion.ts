import type { Stats } from 'node:fs';

/** Milliseconds within which a file system may give two changes the same time; and those that count in seconds. */
const GRAIN_MS = 50;
const COARSE_GRAIN_MS = 2100;

/** Whether both tell of the same content; to be trusted where {@link isSettled} was true of the first. */
export function isSameVersion(a: Stats | undefined, b: Stats | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.ino === b.ino && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.size === b.size;
}

/** Whether a later change would show in the file's times; right after a change, another one may not. */
export function isSettled(status: Stats, now = Date.now()): boolean {
  const changed = Math.max(status.mtimeMs, status.ctimeMs);
  return now - changed > (changed % 1000 === 0 ? COARSE_GRAIN_MS : GRAIN_MS);
}
