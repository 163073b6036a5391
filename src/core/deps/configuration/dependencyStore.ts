import type { Event } from '../../common/events.ts';
import type { ConfiguredDependency } from '../../contract/dependencies.ts';

/** Where packages can be configured. Nothing is read or connected to before the first call. */
export interface DependencyStore extends AsyncDisposable {
  /** All that is written there, what names no package as well. @throws CodeModeError `storage` */
  list(): Promise<readonly ConfiguredDependency[]>;
  /** Replaces what is there for the same package. @throws UsageError, CodeModeError `storage` */
  save(spec: string): Promise<void>;
  /** False: it was not there. @param name - normalised. @throws CodeModeError `storage` */
  delete(name: string): Promise<boolean>;
  /** Absolute path of a file that an installer can read all of it from; undefined: there is none. */
  requirementsFile(): Promise<string | undefined>;
  /** The files that {@link list} read last or looked for: a change of theirs is one of the store. */
  readonly files: readonly string[];
  /** Somebody changed it; undefined: {@link files} are all that there is. */
  readonly onDidChange?: Event<void>;
}
