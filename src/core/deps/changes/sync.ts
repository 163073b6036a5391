import { readFile } from 'node:fs/promises';
import type {
  ConfiguredDependency,
  DependencyStatus,
  InstalledPackage,
  InstallResult,
} from '../../contract/dependencies.ts';
import { statusIn } from '../status.ts';
import { tryEach } from './attempts.ts';
import { Change, type ChangeContext } from './changeContext.ts';
import { specOf } from './configured.ts';
import { differenceOf } from './difference.ts';
import type { Changed, ChangeOptions } from './origin.ts';

/** An option of a line of its own, or behind a package: `-r other.txt`, `six==1.17.0 --hash=sha256:…`. */
const OPTION = /(?:^|\s)--?[A-Za-z]/m;
const COMMENT = /(?:^|\s)#.*$/gm;

/** Installs what is configured. */
export class Sync {
  readonly #context: ChangeContext;

  constructor(context: ChangeContext) {
    this.#context = context;
  }

  /** As `Dependencies.sync`. */
  async sync(options: ChangeOptions): Promise<Changed<InstallResult>> {
    const statuses = await this.#statuses();
    const lacking = statuses.filter(isLacking).map(({ spec }) => spec);
    if (lacking.length === 0) return { result: complete(statuses), changed: [] };
    this.#context.rules.checkTrust();
    const change = new Change(this.#context, { action: 'sync', packages: lacking }, options);
    await change.approve();
    return await change.inTurn((before, lookAfter) => this.#install(change, before, lookAfter));
  }

  async #install(
    change: Change,
    before: readonly InstalledPackage[],
    lookAfter: () => Promise<readonly InstalledPackage[]>,
  ): Promise<InstallResult> {
    const { installer, configuration } = this.#context;
    const configured = await configuration.list();
    const statuses = await statusIn(installer, configured, before);
    const requirementsFile = await configuration.requirementsFile();
    const isInFile = ({ source }: ConfiguredDependency) =>
      requirementsFile !== undefined && source === 'requirements.txt';
    const request = {
      requirements: configured.filter((entry) => !isInFile(entry)).map(({ spec }) => spec),
      ...(requirementsFile === undefined ? {} : { requirementsFile }),
    };
    // Without the options of its file a package may come from elsewhere, or without its hash.
    const isFree = requirementsFile === undefined || !(await hasOptions(requirementsFile));
    const failed = await tryEach(
      statuses.filter(isLacking).map(({ spec }) => spec),
      {
        together: (following) => installer.install(request, following),
        alone: (spec) => {
          const name = statuses.find((status) => status.spec === spec)?.name;
          // A package may have several lines, each with a marker of its own.
          const lines = configured.filter((entry) => entry.name === name);
          if (lines.some((entry) => isInFile(entry) && !(isFree && standsAlone(entry)))) return undefined;
          const requirements = lines.map((entry) => entry.spec);
          return (following) => installer.install({ requirements }, following);
        },
      },
      change.attemptOptions(before),
    );
    const failures = new Set(failed.map((failure) => failure.package));
    const succeeded = statuses.filter(({ spec }) => !failures.has(spec));
    return { ...tellApart(succeeded, before, await lookAfter()), failed };
  }

  async #statuses(): Promise<readonly DependencyStatus[]> {
    const { installer, configuration } = this.#context;
    const [configured, installed] = await Promise.all([configuration.list(), installer.installed()]);
    return await statusIn(installer, configured, installed);
  }
}

function isLacking({ state }: DependencyStatus): boolean {
  return state !== 'satisfied';
}

/** What an environment marker leaves out is not there, and not missing. */
function complete(statuses: readonly DependencyStatus[]): InstallResult {
  const there = statuses.filter(({ installedVersion }) => installedVersion !== null);
  return { installed: [], alreadyPresent: there.map(({ spec }) => spec), failed: [] };
}

/** What an environment marker leaves out is in neither list. */
function tellApart(
  statuses: readonly DependencyStatus[],
  before: readonly InstalledPackage[],
  after: readonly InstalledPackage[],
): Pick<InstallResult, 'installed' | 'alreadyPresent'> {
  const changed = new Set(differenceOf(before, after).map(({ name }) => name));
  const there = new Set(after.map(({ name }) => name));
  // A path or a URL names no package: the installer has seen to it, and whether it changed something is known.
  const isNameless = ({ name, spec }: DependencyStatus) => name === spec && !there.has(name);
  const isNew = (status: DependencyStatus) =>
    changed.has(status.name) || (isNameless(status) && status.state === 'unknown' && changed.size > 0);
  const specsOf = (found: readonly DependencyStatus[]) => found.map(({ spec }) => spec);
  return {
    installed: specsOf(statuses.filter(isNew)),
    alreadyPresent: specsOf(statuses.filter((status) => !isNew(status) && there.has(status.name))),
  };
}

/** Whether a line means the same without its file; a path starts from the file's folder. */
function standsAlone(entry: ConfiguredDependency): boolean {
  return specOf(entry) !== undefined || /[@;]/.test(entry.spec);
}

async function hasOptions(file: string): Promise<boolean> {
  return OPTION.test((await readFile(file, 'utf8')).replaceAll(COMMENT, ''));
}
