import type { Event } from '../../common/events.ts';
import type { ConfiguredDependency } from '../../contract/dependencies.ts';

/** Which packages a session wants: those of its store, of the settings and of `pyproject.toml`. Nothing is read before the first call. */
export interface DependencyConfiguration extends AsyncDisposable {
  /** Somebody changed what is configured, here or elsewhere. */
  readonly onDidChange: Event<void>;
  /**
   * In the order of the files, one entry a package: what the store says counts before the settings, and these before
   * `pyproject.toml`; several where a package has lines for different environments, each with its marker. What a
   * requirements file includes is there as well, lines that name no package too.
   *
   * @throws CodeModeError `storage`, `settings` for what can't be read, with file and line
   */
  list(): Promise<readonly ConfiguredDependency[]>;
  /** What the settings and `pyproject.toml` say, as it is written (seed: `get_configured_deps`). @throws CodeModeError `settings` */
  fixed(): readonly string[];
  /** Absolute path of the store's requirements file where it is there; undefined: there is none. */
  requirementsFile(): Promise<string | undefined>;
  /**
   * Writes a package to the store, in place of what it said of that package.
   *
   * @throws UsageError; UnsupportedError where there is no store; CodeModeError `storage`, also where it has lines for
   *   different environments or lies in a file outside of the workspace
   */
  save(spec: string): Promise<void>;
  /** Takes a package out of the store; false: it was not in it. @param name - normalised. @throws CodeModeError `storage` */
  delete(name: string): Promise<boolean>;
}
