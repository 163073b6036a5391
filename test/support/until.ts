import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** Less than any test may take, so that the failure says what was waited for; much more than a busy machine needs. */
const WAIT_MS = 25_000;
const PAUSE_MS = 10;

/**
 * Looks again and again until there is something to see.
 *
 * @param what What is waited for, in words, for the failure.
 * @param look Gives what is there; `false`, `undefined` and `null` are nothing yet.
 * @param ms Milliseconds to look for it; 25 s unless told.
 * @returns What was seen first.
 * @throws AssertionError when there was nothing in this time.
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  ms: number = WAIT_MS,
): Promise<Exclude<T, false | null | undefined>> {
  for (const deadline = Date.now() + ms; ; await sleep(PAUSE_MS)) {
    const seen = await look();
    if (seen !== false && seen !== undefined && seen !== null) {
      return seen as Exclude<T, false | null | undefined>;
    }
    assert.ok(Date.now() < deadline, `in ${ms / 1000} s: ${what}`);
  }
}
