/** What an install, add or sync did; lists hold package specifications (seed: the dicts of `install_deps`). */
export interface InstallResult {
  readonly installed: readonly string[];
  readonly alreadyPresent: readonly string[];
  readonly failed: readonly DependencyFailure[];
}

/** What an uninstall did; lists hold package names. */
export interface UninstallResult {
  readonly removed: readonly string[];
  readonly notFound: readonly string[];
  readonly failed: readonly DependencyFailure[];
}

/** What `removeDep` did: uninstalled, and taken out of the configuration or not. */
export interface RemoveResult extends UninstallResult {
  readonly removedFromConfig: boolean;
}

/** A package with the installer's own reason. */
export interface DependencyFailure {
  readonly package: string;
  readonly reason: string;
}
