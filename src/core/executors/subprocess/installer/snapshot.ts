import { readdir, realpath } from 'node:fs/promises';
import type { Distribution } from '../../../deps/distribution.ts';
import { readDistributions } from '../../../deps/sitePackages.ts';
import type { KnownPlaces } from '../environment/index.ts';

/** What installers change in an environment, as it was at a moment. */
export interface Snapshot {
  readonly distributions: readonly Distribution[];
  /** The names in each folder that is installed into, by its absolute path. */
  readonly entries: ReadonlyMap<string, ReadonlySet<string>>;
}

export async function takeSnapshot({ purelib, platlib, scripts }: KnownPlaces): Promise<Snapshot> {
  const packages = await distinct([purelib, platlib]);
  const folders = [...packages, scripts];
  const [distributions, names] = await Promise.all([
    Promise.all(packages.map(readDistributions)),
    Promise.all(folders.map(namesIn)),
  ]);
  return {
    distributions: distributions.flat(),
    entries: new Map(folders.map((folder, index) => [folder, names[index] ?? new Set()])),
  };
}

/** What is in `after` and was not, or not so, in `before`. */
export function addedDistributions(before: Snapshot, after: Snapshot): readonly Distribution[] {
  const old = new Set(before.distributions.map(identity));
  return after.distributions.filter((distribution) => !old.has(identity(distribution)));
}

/** Names that are new, with the folder that they are in. */
export function addedEntries(before: Snapshot, after: Snapshot): readonly { folder: string; name: string }[] {
  return [...after.entries].flatMap(([folder, names]) => {
    const old = before.entries.get(folder) ?? new Set();
    return [...names].filter((name) => !old.has(name)).map((name) => ({ folder, name }));
  });
}

export function isSame(before: Snapshot, after: Snapshot): boolean {
  return [
    addedDistributions(before, after),
    addedDistributions(after, before),
    addedEntries(before, after),
    addedEntries(after, before),
  ].every((changes) => changes.length === 0);
}

function identity({ place, version, hasRecord, modifiedAt }: Distribution): string {
  return JSON.stringify([place, version, hasRecord, modifiedAt]);
}

/** Without what is hidden, such as locks, and what Python compiles by itself. */
async function namesIn(folder: string): Promise<ReadonlySet<string>> {
  const names = await readdir(folder).catch(() => []);
  return new Set(names.filter((name) => !name.startsWith('.') && name !== '__pycache__'));
}

async function distinct(folders: readonly string[]): Promise<readonly string[]> {
  const real = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  return folders.filter((_, index) => real.indexOf(real[index] ?? '') === index);
}
