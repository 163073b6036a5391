import type { CallingRun } from '../../connection/hostCalls.ts';
import type { DependencyChangeOptions } from '../../contract/dependencies.ts';

/** Who wants packages changed. */
export type ChangeOrigin =
  /** A person, by a click or a command: waits for the code that runs. */
  | { readonly kind: 'person' }
  /** Code that runs, and waits for it itself. Undefined: its run is long over. */
  | { readonly kind: 'code'; readonly run: CallingRun | undefined };

/** How a change is made and followed. */
export interface ChangeOptions extends DependencyChangeOptions {
  /** By default a person. */
  readonly origin?: ChangeOrigin;
}

/** What a change came to, and what whoever imports packages has to know. */
export interface Changed<Result> {
  readonly result: Result;
  /** Normalised names of packages that are new, of another version, or gone. */
  readonly changed: readonly string[];
}
