import type { InstalledPackage } from '../../contract/dependencies.ts';
import { CodeModeError, InstallError } from '../../contract/errors.ts';

/** One package before and after. */
export interface VersionChange {
  /** Normalised. */
  readonly name: string;
  /** Undefined: it was not there. */
  readonly from: string | undefined;
  /** Undefined: it is gone. */
  readonly to: string | undefined;
}

/** What is of another version, new or gone, by name. */
export function differenceOf(
  before: readonly InstalledPackage[],
  after: readonly InstalledPackage[],
): readonly VersionChange[] {
  const old = versionsOf(before);
  const now = versionsOf(after);
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((name) => old.get(name) !== now.get(name))
    .sort()
    .map((name) => ({ name, from: old.get(name), to: now.get(name) }));
}

function versionsOf(packages: readonly InstalledPackage[]): ReadonlyMap<string, string> {
  return new Map(packages.map(({ name, version }) => [name, version]));
}

/** `numpy 1.26.4 -> 2.1.0 was installed, six 1.17.0 was removed`; empty where nothing has changed. */
export function sayChanges(changes: readonly VersionChange[]): string {
  return changes
    .map(({ name, from, to }) => {
      if (to === undefined) return `${name} ${from} was removed`;
      return `${name} ${from === undefined ? to : `${from} -> ${to}`} was installed`;
    })
    .join(', ');
}

/** The error with what has changed all the same; itself where nothing has. */
export function withChanges(error: unknown, changes: readonly VersionChange[]): unknown {
  if (changes.length === 0) return error;
  const said = `Changed all the same: ${sayChanges(changes)}.`;
  if (!CodeModeError.is(error)) return new InstallError(`${String(error)}\n${said}`, { cause: error });
  const { code, message, hint } = error;
  const options = { ...(hint === undefined ? {} : { hint }), cause: error };
  return new CodeModeError(code, `${message}\n${said}`, options);
}
