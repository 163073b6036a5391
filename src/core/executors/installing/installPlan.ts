import type { InstallRequest } from '../../deps/installer.ts';
import type { InstallerSources } from '../../deps/sources/installerSources.ts';

/** What an installer is told beside the packages. */
export interface InstallerOptions {
  readonly sources: InstallerSources;
  /** Whether packages may be built, which runs code of theirs. */
  readonly buildsFromSource: boolean;
}

/** What to install, and how. */
export interface InstallPlan extends InstallRequest, InstallerOptions {
  /** Without what they need, and also what is there already: to put back what an installer has left half-done. */
  readonly isRepair?: boolean;
  /** Whether only what is cached or in folders is used; by default as the sources say. */
  readonly offline?: boolean;
}

/** How an installer ended. */
export interface InstallerEnd {
  readonly succeeded: boolean;
  /** What it printed, at most the last lines, masked. */
  readonly lines: readonly string[];
  /** How it ended where it could say nothing of that: `it was killed by SIGKILL`; undefined: by itself. */
  readonly brokenOff: string | undefined;
}
