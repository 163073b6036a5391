import type { InstalledPackage, PackageOffer } from '../../contract/dependencies.ts';
import { compareVersions, isPrerelease } from '../versions.ts';
import { versionOf } from './fileNames.ts';
import type { IndexFile, IndexProject } from './indexProject.ts';

/** Whether an environment can install a file. */
export type Fits = (file: IndexFile) => boolean;

/**
 * The versions of a package that an environment can install: those with a file that fits and was not taken back.
 *
 * @param noneFits - why an environment for which no file fits can install none: `It has no wheel for Pyodide; ...`
 */
export function offerOf({ name, files }: IndexProject, fits: Fits, noneFits: string): PackageOffer {
  const versions = versionsOf({ name, files: files.filter((file) => !file.yanked && fits(file)) });
  if (versions.length > 0) return { name, versions, problem: null };
  const isThere = versionsOf({ name, files: files.filter((file) => !file.yanked) }).length > 0;
  return { name, versions, problem: isThere ? noneFits : 'The package index has no version of it.' };
}

/** Where the newest versions are asked for. */
export interface ProjectSource {
  project(name: string, signal?: AbortSignal): Promise<IndexProject | undefined>;
}

/**
 * The newest versions by normalised name of those packages for which there is a newer one that fits. Packages that came
 * from no index are left out, and a pre-release is followed by pre-releases.
 *
 * @throws as {@link ProjectSource}
 */
export async function newestOf(
  index: ProjectSource,
  packages: readonly InstalledPackage[],
  fits: Fits,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const failed = new AbortController();
  const until = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const newer = async ({ name, version }: InstalledPackage) => {
    const project = await index.project(name, until);
    if (!project) return [];
    const files = project.files.filter((file) => !file.yanked && fits(file));
    const [newest] = versionsOf({ name, files }, isPrerelease(version));
    return newest !== undefined && compareVersions(newest, version) > 0 ? [[name, newest] as const] : [];
  };
  try {
    const found = await Promise.all(packages.filter(({ origin }) => origin === null).map(newer));
    return Object.fromEntries(found.flat());
  } finally {
    // Where one fails, the others are not waited for.
    failed.abort();
  }
}

/**
 * Newest first; what is no version is left out.
 * @param withPrereleases - by default only where there is nothing else
 */
function versionsOf({ name, files }: IndexProject, withPrereleases = false): readonly string[] {
  const versions = [...new Set(files.map((file) => versionOf(file, name)))]
    .filter((version) => version !== undefined)
    .filter((version) => isPrerelease(version) !== undefined)
    .sort((a, b) => compareVersions(b, a));
  const finals = withPrereleases ? [] : versions.filter((version) => !isPrerelease(version));
  return finals.length > 0 ? finals : versions;
}
