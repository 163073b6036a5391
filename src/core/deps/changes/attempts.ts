import type {
  DependencyChangeOptions,
  DependencyFailure,
  InstalledPackage,
} from '../../contract/dependencies.ts';
import { CodeModeError } from '../../contract/errors.ts';
import type { PackageInstaller } from '../installer.ts';
import { differenceOf, withChanges } from './difference.ts';

/** How an installer is tried. */
export interface AttemptOptions {
  readonly installer: PackageInstaller;
  /** The packages that are there. */
  readonly before: readonly InstalledPackage[];
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
  /** Takes secrets out of the installer's reasons. */
  readonly mask: (text: string) => string;
}

/** What an installer does with some packages. */
export interface Attempts {
  together(options: DependencyChangeOptions): Promise<void>;
  /** Undefined: this package can't be tried without the others. */
  alone(packageText: string): ((options: DependencyChangeOptions) => Promise<void>) | undefined;
}

/**
 * Tries all packages in one go, and where that fails one after the other, so that only those fail that are to blame.
 *
 * @returns those that failed, each with the installer's own reason
 * @throws what is not about a package: CodeModeError `cancelled`, `unsupported`, `start-failed`
 */
export async function tryEach(
  packages: readonly string[],
  attempts: Attempts,
  options: AttemptOptions,
): Promise<readonly DependencyFailure[]> {
  if (packages.length === 0) return [];
  const attempting = new Attempting(options);
  const shared = await attempting.try((change) => attempts.together(change));
  if (shared === undefined) return [];
  if (packages.length > 1) options.tell(`Together that failed; one after the other: ${packages.join(', ')}`);
  const failed: DependencyFailure[] = [];
  for (const name of packages) {
    const alone = packages.length === 1 ? undefined : attempts.alone(name);
    const reason = alone ? await attempting.try(alone) : shared;
    if (reason !== undefined) failed.push({ package: name, reason });
  }
  return failed;
}

/** Attempts at one environment, one after the other. */
class Attempting {
  readonly #options: AttemptOptions;
  /** The packages that are there; undefined: they have changed since somebody looked. */
  #before: readonly InstalledPackage[] | undefined;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#before = options.before;
  }

  /** Why it failed, with what has changed all the same; undefined: it did not. */
  async try(attempt: (options: DependencyChangeOptions) => Promise<void>): Promise<string | undefined> {
    const { installer, signal, tell, mask } = this.#options;
    const before = this.#before ?? (await installer.installed());
    signal.throwIfAborted();
    this.#before = undefined;
    try {
      await attempt({ signal, onProgress: tell });
      return undefined;
    } catch (error) {
      if (signal.aborted || !CodeModeError.is(error, 'install-failed')) throw error;
      this.#before = await installer.installed();
      return mask(CodeModeError.describe(withChanges(error, differenceOf(before, this.#before))));
    }
  }
}
