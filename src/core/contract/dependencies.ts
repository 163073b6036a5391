import type { Event } from '../common/events.ts';

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

/** Where a package is configured. What is added goes to the store: `requirements.txt` of the base folder, or Redis. */
export type DependencySource = 'requirements.txt' | 'redis' | 'settings' | 'pyproject.toml';

/** A package that somebody wants to be there. Plain data. */
export interface ConfiguredDependency {
  /** By which packages are the same: `my-package`; what names no package stands here as it is written. */
  readonly name: string;
  /** As it is written: `pandas>=2.0`. */
  readonly spec: string;
  readonly source: DependencySource;
  /** Absolute path of the file that says it, which may be one that `requirements.txt` includes; null: no file does. */
  readonly file: string | null;
  /** Counted from 1; null: no file says it. */
  readonly line: number | null;
}

/** A configured package beside what is installed. Plain data. */
export interface DependencyStatus extends ConfiguredDependency {
  /** `unknown`: only the installer can tell, such as for a URL. */
  readonly state: 'satisfied' | 'missing' | 'mismatch' | 'unknown';
  /** Null: none is installed. */
  readonly installedVersion: string | null;
}

/** A package of an environment. Plain data. */
export interface InstalledPackage {
  /** Normalised: `my-package`. */
  readonly name: string;
  /** As the package writes its name: `My_Package`. */
  readonly title: string;
  readonly version: string;
  /** One line; empty where it says nothing. */
  readonly summary: string;
  /** Normalised names of the installed packages that it needs here. */
  readonly requires: readonly string[];
  /** What installed it, by its own account: `uv`, `pip`, `conda`; null: it does not say. */
  readonly installer: string | null;
  /** The URL or folder that it was installed from where that is no index; null: an index, or it does not say. */
  readonly origin: string | null;
}

/** The environment that an executor's packages are in. Plain data. */
export interface PackageEnvironment {
  /** For people: `.venv`, `managed, Python 3.12`, `sandbox of this workspace`. */
  readonly label: string;
  /** Absolute path on this machine of the folder that its packages are in; null: it is on none, or is not made yet. */
  readonly folder: string | null;
  /** With its version: `uv 0.9.3`; null: none can be used. */
  readonly installer: string | null;
  /** Why packages can't be installed here, with what to do; null: they can. */
  readonly problem: string | null;
}

/** Everything that is known of the packages of a session. Plain data. */
export interface DependencyReport {
  readonly environment: PackageEnvironment;
  /** One entry a package. */
  readonly configured: readonly DependencyStatus[];
  /** By name. */
  readonly installed: readonly InstalledPackage[];
  /** Whether packages may be added and removed at run time; listing and syncing always goes. */
  readonly allowsRuntimeChanges: boolean;
}

/** What the package index has of a package, for an environment. Plain data. */
export interface PackageOffer {
  /** Normalised. */
  readonly name: string;
  /** Those that this environment can install, newest first, no yanked ones; pre-releases only where there is nothing else. */
  readonly versions: readonly string[];
  /** Why {@link versions} is empty: `It has no wheel for Pyodide; the executor "subprocess" can build it.` Else null. */
  readonly problem: string | null;
}

/** How a change of packages is followed. */
export interface DependencyChangeOptions {
  /** Ends the installer; the error says what has changed by then. */
  readonly signal?: AbortSignal;
  /** Lines of the installer, and what it waits for. */
  readonly onProgress?: (line: string) => void;
}

/**
 * The packages of an executor's own environment. Specifications and names are checked before any installer starts; changes
 * wait for each other and, made from outside of a run, for the code that runs.
 */
export interface Dependencies {
  /** Something was installed, removed or configured. */
  readonly onDidChange: Event<void>;
  /** Starts no Python. @throws CodeModeError */
  report(): Promise<DependencyReport>;
  /** The configured packages as they are written, one entry a package. */
  list(): Promise<readonly string[]>;
  /**
   * Installs packages and writes those that are there then to the store.
   * @throws UsageError, RuntimeDepsDisabledError, UnsupportedError, CodeModeError `cancelled`, `untrusted`
   */
  add(packages: readonly string[], options?: DependencyChangeOptions): Promise<InstallResult>;
  /** Uninstalls packages and takes them out of the store. @throws as {@link add} */
  remove(names: readonly string[], options?: DependencyChangeOptions): Promise<RemoveResult>;
  /** As {@link add}, without the store. */
  install(packages: readonly string[], options?: DependencyChangeOptions): Promise<InstallResult>;
  /** As {@link remove}, without the store. */
  uninstall(names: readonly string[], options?: DependencyChangeOptions): Promise<UninstallResult>;
  /** Brings packages to the newest version that their configuration allows; the store stays as it is. @throws as {@link add} */
  upgrade(names: readonly string[], options?: DependencyChangeOptions): Promise<InstallResult>;
  /** Installs what is configured and missing. @throws UnsupportedError, CodeModeError `cancelled`, `untrusted` */
  sync(options?: DependencyChangeOptions): Promise<InstallResult>;
  /** The newest versions by normalised name of those installed packages for which there is a newer one. Asks the index. */
  newest(signal?: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** What the index has under a name; null: nothing. @throws UsageError for what is no name, CodeModeError where no index answers */
  lookUp(name: string, signal?: AbortSignal): Promise<PackageOffer | null>;
}
