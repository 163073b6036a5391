import type { ConfiguredDependency, DependencyStatus, InstalledPackage } from '../contract/dependencies.ts';
import type { PackageInstaller } from './installer.ts';
import { evaluateMarker, type MarkerEnvironment, markerOf } from './markers.ts';
import { satisfies } from './versions.ts';

/**
 * What is configured beside what is installed, one entry a package: of several lines of a package the one whose marker holds.
 *
 * @param environment - what is known of where the packages are; markers that ask for more can't be decided
 */
export function statusOf(
  configured: readonly ConfiguredDependency[],
  installed: readonly InstalledPackage[],
  environment: MarkerEnvironment = {},
): readonly DependencyStatus[] {
  const versions = new Map(installed.map(({ name, version }) => [name, version]));
  const byName = new Map<string, Candidate>();
  for (const dependency of configured) {
    const marker = markerOf(dependency.spec);
    const applies = marker === undefined ? true : evaluateMarker(marker, environment);
    const known = byName.get(dependency.name);
    if (!known || weight(applies) > weight(known.applies))
      byName.set(dependency.name, { dependency, applies });
  }
  return [...byName.values()].map(({ dependency, applies }) => {
    const installedVersion = versions.get(dependency.name) ?? null;
    return { ...dependency, state: stateOf(dependency, applies, installedVersion), installedVersion };
  });
}

/** As {@link statusOf}, with what the installer knows of its Python; that is asked for only where there is a marker. */
export async function statusIn(
  installer: PackageInstaller,
  configured: readonly ConfiguredDependency[],
  installed: readonly InstalledPackage[],
): Promise<readonly DependencyStatus[]> {
  const hasMarkers = configured.some(({ spec }) => markerOf(spec) !== undefined);
  return statusOf(configured, installed, hasMarkers ? await installer.markerEnvironment() : {});
}

/** A configured package, and whether its marker holds; undefined: that can't be told. */
interface Candidate {
  readonly dependency: ConfiguredDependency;
  readonly applies: boolean | undefined;
}

function weight(applies: boolean | undefined): number {
  return applies === undefined ? 1 : applies ? 2 : 0;
}

function stateOf(
  { name, spec }: ConfiguredDependency,
  applies: boolean | undefined,
  version: string | null,
): DependencyStatus['state'] {
  // What is not wanted here is not missed.
  if (applies === false) return 'satisfied';
  const isPackage = name !== spec || /^[a-z0-9-]+$/.test(spec);
  if (version === null) return isPackage && applies ? 'missing' : 'unknown';
  const isSatisfied = satisfies(version, spec);
  if (isSatisfied === true) return 'satisfied';
  return isSatisfied === false && applies ? 'mismatch' : 'unknown';
}
