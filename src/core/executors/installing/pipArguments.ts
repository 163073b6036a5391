import type { InstallerSources } from '../../deps/sources/installerSources.ts';
import type { InstallPlan } from './installPlan.ts';

/** What pip is always called with, before its command: it asks nobody, and what it prints is read line by line. */
export const PIP_FLAGS: readonly string[] = ['--no-input', '--no-color', '--disable-pip-version-check'];

/** pip's command, and what follows it. */
export function pipInstall(plan: InstallPlan): readonly string[] {
  const { requirements, requirementsFile, upgrade, sources } = plan;
  return [
    'install',
    '--progress-bar',
    'off',
    '--no-warn-script-location',
    ...wheelFoldersOf(sources).flatMap((folder) => ['--find-links', folder]),
    ...(plan.offline || sources.offline ? ['--no-index'] : []),
    ...(plan.buildsFromSource ? [] : ['--only-binary', ':all:']),
    ...(plan.isRepair ? ['--no-deps', '--force-reinstall'] : []),
    ...(upgrade ? ['--upgrade'] : []),
    ...(requirementsFile === undefined ? [] : ['--requirement', requirementsFile]),
    '--',
    ...requirements,
  ];
}

/** @param names - normalised */
export function pipUninstall(names: readonly string[]): readonly string[] {
  return ['uninstall', '--yes', '--', ...names];
}

/**
 * The environment variables that tell pip where packages come from: everybody can read a command line, and these may have
 * passwords.
 */
export function pipVariables(sources: InstallerSources): Readonly<Record<string, string>> {
  const { indexUrl, extraIndexUrls, certificateFile } = sources;
  const pages = sources.findLinks.filter(isUrl);
  return {
    ...(indexUrl === undefined ? {} : { PIP_INDEX_URL: indexUrl }),
    ...(extraIndexUrls.length === 0 ? {} : { PIP_EXTRA_INDEX_URL: extraIndexUrls.join(' ') }),
    ...(pages.length === 0 ? {} : { PIP_FIND_LINKS: pages.join(' ') }),
    ...(certificateFile === undefined ? {} : { PIP_CERT: certificateFile }),
  };
}

/** Absolute paths of those places that are folders; they have no passwords. */
export function wheelFoldersOf({ findLinks }: InstallerSources): readonly string[] {
  return findLinks.filter((place) => !isUrl(place));
}

/** Whether packages are looked for on a page rather than in a folder. */
export function isUrl(place: string): boolean {
  return /^https?:/i.test(place);
}
