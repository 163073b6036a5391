import type {
  DependencyChangeOptions,
  InstalledPackage,
  PackageEnvironment,
  PackageOffer,
} from '../contract/dependencies.ts';
import type { MarkerEnvironment } from './markers.ts';

/** What to bring into an environment. */
export interface InstallRequest {
  /** Checked: names with optional extras and versions, or the lines of a requirements file. */
  readonly requirements: readonly string[];
  /**
   * Absolute path of a requirements file to install from, with its options (`-r`, `--index-url`, hashes); its packages are
   * beside {@link requirements}. Undefined: none.
   */
  readonly requirementsFile?: string;
  /** Whether the newest version that fits is wanted where an older one is installed and would do. */
  readonly upgrade?: boolean;
}

/**
 * Brings packages into one environment: an executor's own. Nobody calls two of its methods that change something at the same
 * time within this process; against other processes it guards itself.
 */
export interface PackageInstaller {
  /** Where packages go and what installs them; makes nothing and starts no Python. */
  describe(signal?: AbortSignal): Promise<PackageEnvironment>;
  /** The packages that are there, by name; none where the environment is not made yet. Reads files alone. */
  installed(): Promise<readonly InstalledPackage[]>;
  /** What is known of its Python, by which environment markers are decided. Starts none. */
  markerEnvironment(): Promise<MarkerEnvironment>;
  /**
   * All or nothing: what fails or is aborted leaves the environment as it was.
   *
   * @throws InstallError with the installer's own reason; CodeModeError `cancelled`, `unsupported`, `start-failed`
   */
  install(request: InstallRequest, options: DependencyChangeOptions): Promise<void>;
  /** @param names - normalised, all of them installed. @throws as {@link install} */
  uninstall(names: readonly string[], options: DependencyChangeOptions): Promise<void>;
  /** As `Dependencies.newest`, of these packages. */
  newest(
    packages: readonly InstalledPackage[],
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, string>>>;
  /** As `Dependencies.lookUp`. @param name - normalised */
  lookUp(name: string, signal?: AbortSignal): Promise<PackageOffer | null>;
  /** Ends what is under way. */
  close(): Promise<void>;
}
