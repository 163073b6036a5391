/** What has changed in an environment. */
export interface PackageChange {
  /** Normalised names of packages that are new, of another version, or gone. */
  readonly names: readonly string[];
}

/** The code that may use an environment while its packages change. */
export interface CodeLine {
  /**
   * Does the work after the code that runs or waits, and before what comes later; at once where no Python runs. Starts none.
   *
   * @throws CodeModeError `cancelled` where the signal is aborted before its turn has come
   */
  whileIdle<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T>;
  /**
   * Lets Python see what has changed; nothing where none runs.
   * @returns names of imported modules that are of another version now, or gone
   */
  refresh(change: PackageChange): Promise<readonly string[]>;
}
