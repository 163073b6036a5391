import { normalizeName } from '../packageSpec.ts';
import type { IndexFile } from './indexProject.ts';

/** What the name of a wheel says: `six-1.17.0-py2.py3-none-any.whl`. */
export interface WheelName {
  /** Normalised. */
  readonly name: string;
  readonly version: string;
  /** Python tag, ABI tag and platform tag of each environment that it is for: `py3-none-any`. */
  readonly tags: readonly string[];
}

const WHEEL = /^([^-]+)-([^-]+)(?:-\d[^-]*)?-([^-]+)-([^-]+)-([^-]+)\.whl$/i;
const SOURCES = /\.(?:tar\.gz|tgz|zip|tar\.bz2|tar\.xz|tar)$/i;

/** @returns undefined for what is no wheel */
export function parseWheelName(filename: string): WheelName | undefined {
  const [, name, version, pythons, abis, platforms] = WHEEL.exec(filename) ?? [];
  if (!name || !version || !pythons || !abis || !platforms) return undefined;
  const tags = [pythons, abis, platforms]
    .map((part) => part.toLowerCase().split('.'))
    .reduce((begun, parts) => begun.flatMap((tag) => parts.map((part) => `${tag}-${part}`)));
  // A file's name has no "+" or "!" everywhere: both are "_" there.
  return { name: normalizeName(name), version: version.replaceAll('_', '+'), tags };
}

/** Whether the name is that of an archive of sources, which has to be built. */
export function isSourceArchive(filename: string): boolean {
  return SOURCES.test(filename);
}

/**
 * The version that a file of a package is of, by its name.
 * @param project - normalised
 * @returns undefined for a file of another package, and for what is neither a wheel nor an archive of sources
 */
export function versionOf({ filename }: Pick<IndexFile, 'filename'>, project: string): string | undefined {
  const wheel = parseWheelName(filename);
  if (wheel) return wheel.name === project ? wheel.version : undefined;
  if (!isSourceArchive(filename)) return undefined;
  const stem = filename.replace(SOURCES, '');
  // Older archives have "-" in their names as well: only the project tells where the version begins.
  for (let end = stem.indexOf('-'); end > 0; end = stem.indexOf('-', end + 1)) {
    if (normalizeName(stem.slice(0, end)) === project && /^v?\d/.test(stem.slice(end + 1)))
      return stem.slice(end + 1);
  }
  return undefined;
}
