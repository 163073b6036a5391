import type { InstallPlan } from '../../installing/installPlan.ts';

/** A program that installs packages into one environment: what it is called with. */
export interface InstallerBackend {
  readonly kind: 'uv' | 'pip';
  /** With its version: `uv 0.9.3`. */
  readonly label: string;
  /** Absolute path of the program. */
  readonly file: string;
  installArguments(plan: InstallPlan): readonly string[];
  /** @param names - normalised */
  uninstallArguments(names: readonly string[]): readonly string[];
  /** What has to be run once before all else; undefined: nothing. */
  readonly preparation?: readonly string[];
}
