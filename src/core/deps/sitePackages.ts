import { statSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { InstalledPackage } from '../contract/dependencies.ts';
import { type Distribution, isDistribution, readDistribution } from './distribution.ts';

/** Milliseconds for which packages are looked at without giving others their turn. */
const QUICK_MS = 4;

/**
 * The packages in the folders that Python looks for them in, by name: one entry a package, that which Python would find.
 * Starts nothing; what can't be read or is half-written is left out.
 *
 * @param folders - absolute paths in Python's order; those that are missing have none
 */
export async function readSitePackages(folders: readonly string[]): Promise<readonly InstalledPackage[]> {
  return installedPackages(await Promise.all((await distinctFolders(folders)).map(readDistributions)));
}

/** As {@link readSitePackages}, of what the folders are known to have, in their order. */
export function installedPackages(
  folders: readonly (readonly Distribution[])[],
): readonly InstalledPackage[] {
  const found = new Map<string, Distribution>();
  for (const distributions of folders) {
    const here = new Map<string, Distribution>();
    for (const distribution of distributions) {
      const other = here.get(distribution.name);
      if (other === undefined || isRather(distribution, other)) here.set(distribution.name, distribution);
    }
    for (const [name, distribution] of here) if (!found.has(name)) found.set(name, distribution);
  }
  return [...found.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, title, version, summary, needs, installer, origin }) => ({
      name,
      title,
      version,
      summary,
      requires: needs.filter((needed) => needed !== name && found.has(needed)),
      installer,
      origin,
    }));
}

/** All that a folder has, also several of one package; those that tell of none are left out. */
export async function readDistributions(folder: string): Promise<readonly Distribution[]> {
  const names = await readdir(folder).catch(() => []);
  // Most are known, and looking at them is several times as quick without a turn of the thread pool for each; what a slow
  // disk takes longer for is not to hold others up.
  const until = performance.now() + QUICK_MS;
  const statusOf = (place: string) => (performance.now() < until ? statSync(place) : stat(place));
  const found = await Promise.all(
    names.filter(isDistribution).map((name) => readDistribution(path.join(folder, name), statusOf)),
  );
  return found.filter((distribution) => distribution !== undefined);
}

/** Of two of one package in one folder, one is what an installer that was ended half-way left. */
function isRather(one: Distribution, other: Distribution): boolean {
  return one.hasRecord === other.hasRecord ? one.modifiedAt > other.modifiedAt : one.hasRecord;
}

/** On many systems `lib64` is a link to `lib`. */
async function distinctFolders(folders: readonly string[]): Promise<readonly string[]> {
  const real = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  return folders.filter((_, index) => real.indexOf(real[index] ?? '') === index);
}
