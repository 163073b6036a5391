import { CodeModeError } from '../../contract/errors.ts';
import { ABANDONED_MS, removeAbandoned } from './folderWalk.ts';

/**
 * Keeps a folder free of what nobody will finish any more: looked for at the first write, then once an hour at
 * most.
 */
export class Sweep {
  readonly #folder: string;
  readonly #log: (line: string) => void;
  #at = Number.NEGATIVE_INFINITY;

  constructor(folder: string, log: (line: string) => void) {
    this.#folder = folder;
    this.#log = log;
  }

  /** Never fails: whether it succeeds is nothing to the one who writes. */
  async ifDue(): Promise<void> {
    if (performance.now() - this.#at < ABANDONED_MS) return;
    this.#at = performance.now();
    await removeAbandoned(this.#folder).catch((error: unknown) => {
      this.#log(`storage: unfinished files could not be removed: ${CodeModeError.describe(error)}`);
    });
  }
}
