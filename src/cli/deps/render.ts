import type {
  DependencyFailure,
  DependencyStatus,
  InstalledPackage,
  InstallResult,
  RemoveResult,
} from '../../core/contract/dependencies.ts';
import { table } from '../store/render.ts';

/** An installed package of which there is a newer version. Plain data. */
export interface OutdatedPackage {
  /** Normalised. */
  readonly name: string;
  readonly version: string;
  readonly newest: string;
}

const STATES: Readonly<Record<DependencyStatus['state'], string>> = {
  satisfied: '',
  missing: 'missing',
  mismatch: 'another version is wanted',
  unknown: 'unknown',
};

/** What is configured, what of it is installed, what is wrong and who says it, as lines. */
export function configuredRows(configured: readonly DependencyStatus[]): string[] {
  return table(
    configured.map(({ spec, installedVersion, state, source, line }) => [
      spec,
      installedVersion ?? '-',
      line === null ? source : `${source}:${line}`,
      STATES[state],
    ]),
  );
}

export function installedRows(installed: readonly InstalledPackage[]): string[] {
  return table(installed.map(({ title, version, summary }) => [title, version, summary]));
}

export function outdatedRows(outdated: readonly OutdatedPackage[]): string[] {
  return table(outdated.map(({ name, version, newest }) => [name, version, newest]));
}

/** What was installed and what was there, as lines. */
export function installLines({ installed, alreadyPresent }: InstallResult): string[] {
  return lines({ Installed: installed, 'Already there': alreadyPresent });
}

/** What was uninstalled and what was not there, as lines. */
export function removeLines({ removed, notFound, removedFromConfig }: RemoveResult): string[] {
  return [
    ...lines({ Uninstalled: removed, 'Not installed': notFound }),
    removedFromConfig ? 'Taken out of the configuration.' : 'The configuration had none of it.',
  ];
}

/** What failed, with the installer's own reasons, as lines. */
export function failureLines(failed: readonly DependencyFailure[]): string[] {
  return failed.map(({ package: name, reason }) => `code-mode: ${name}: ${reason}`);
}

function lines(what: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(what)
    .filter(([, packages]) => packages.length > 0)
    .map(([label, packages]) => `${label}: ${packages.join(', ')}`);
}
