import { isSourceArchive, parseWheelName } from '../../deps/index/fileNames.ts';
import type { IndexFile } from '../../deps/index/indexProject.ts';
import type { Fits } from '../../deps/index/offers.ts';
import { satisfies } from '../../deps/versions.ts';
import { isForPlatform, type WheelPlatform } from './platformTags.ts';

/** What files of packages have to be for. */
export interface Installation {
  /** `3.12.1`; undefined: any that is supported. */
  readonly version: string | undefined;
  /** Without the global interpreter lock: its wheels are others. */
  readonly freeThreaded: boolean;
  readonly platform: WheelPlatform;
  /** Whether archives of sources will do. */
  readonly buildsFromSource: boolean;
}

/** Which files an environment can install. */
export function fittingFiles(installation: Installation): Fits {
  return (file) =>
    isForVersion(file, installation) &&
    (isFittingWheel(file, installation) || isFittingArchive(file, installation));
}

function isForVersion({ requiresPython }: IndexFile, { version }: Installation): boolean {
  // What can't be understood is the installer's to judge.
  return (
    requiresPython === undefined || version === undefined || satisfies(version, requiresPython) !== false
  );
}

function isFittingArchive({ filename }: IndexFile, { buildsFromSource }: Installation): boolean {
  return buildsFromSource && isSourceArchive(filename);
}

function isFittingWheel({ filename }: IndexFile, installation: Installation): boolean {
  return (parseWheelName(filename)?.tags ?? []).some((tag) => {
    const [python = '', abi = '', platform = ''] = tag.split('-');
    return (
      isForPython(python, abi, installation) &&
      (platform === 'any' || isForPlatform(platform, installation.platform))
    );
  });
}

function isForPython(python: string, abi: string, { version, freeThreaded }: Installation): boolean {
  const [, kind, digits = ''] = /^(py|cp)3(\d*)$/.exec(python) ?? [];
  if (version === undefined) return kind !== undefined;
  const current = Number(version.split('.')[1]);
  const minor = digits === '' ? 0 : Number(digits);
  if (kind === undefined || minor > current) return false;
  if (abi === 'none') return kind === 'py' || minor === current;
  if (abi === 'abi3') return kind === 'cp' && !freeThreaded;
  return minor === current && abi === `cp3${current}${freeThreaded ? 't' : ''}`;
}
