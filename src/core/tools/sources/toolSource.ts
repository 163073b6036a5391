import type { Event } from '../../common/events.ts';

/** One definition as its source has it: a text, or why there is none. An object that stays the same has not changed. */
export type SourceEntry = {
  /** Name of its file, or its field in Redis. */
  readonly entry: string;
  /** Absolute path of its file; undefined: it is kept elsewhere. */
  readonly file?: string;
} & ({ readonly text: string } | { readonly problem: string });

/** Where definitions of tools are kept. */
export interface ToolSource extends AsyncDisposable {
  /**
   * All that there are, in an order that stays. Never rejects: what can't be read is an entry with a problem. The same array
   * as before where nothing has changed. Nothing is read, watched or connected to before the first call.
   */
  list(): Promise<readonly SourceEntry[]>;
  /** There is something else than what {@link list} gave last. */
  readonly onDidChange: Event<void>;
}
