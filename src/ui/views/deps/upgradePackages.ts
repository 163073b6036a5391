import type { InstallResult } from '../../../core/contract/dependencies.ts';
import type { WorkspaceDependencies } from '../../store/workspaceDependencies.ts';
import { PackageGraph } from './packageGraph.ts';
import { say, tellInstalled } from './tellChange.ts';

/** Brings packages to the newest version that their configuration allows. @param what - they, for people */
export async function upgradePackages(
  dependencies: WorkspaceDependencies,
  names: readonly string[],
  what: string,
): Promise<void> {
  const result: InstallResult = await dependencies.withProgress(`Upgrading ${what}`, (packages, followed) =>
    packages.upgrade(names, followed),
  );
  tellInstalled(result, 'There is nothing newer that the configuration allows.');
}

/** Upgrades those that somebody wanted; what these need follows as they allow it. */
export async function upgradeAll(dependencies: WorkspaceDependencies): Promise<void> {
  const newer = await dependencies.findNewer();
  const { topLevel } = new PackageGraph((await dependencies.known()).report);
  const outdated = topLevel.filter(({ name }) => newer[name] !== undefined);
  if (outdated.length === 0) return say('$(check) All packages are the newest.');
  const titles = outdated.map(({ title }) => title).join(', ');
  await upgradePackages(
    dependencies,
    outdated.map(({ name }) => name),
    titles,
  );
}

/** Asks the index for newer versions, which the view shows from then on. */
export async function checkNewer(dependencies: WorkspaceDependencies): Promise<void> {
  const count = Object.keys(await dependencies.findNewer()).length;
  if (count === 0) return say('$(check) All packages are the newest.');
  say(
    count === 1
      ? 'There is a newer version of one package.'
      : `There are newer versions of ${count.toLocaleString('en')} packages.`,
  );
}
