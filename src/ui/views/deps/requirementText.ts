import type { DependencyStatus, InstalledPackage } from '../../../core/contract/dependencies.ts';

/** The name and the extras that a requirement begins with: `requests[socks]` of `requests[socks]>=2; python_version > "3"`. */
function withoutVersions(spec: string): string {
  return /^\s*[A-Za-z0-9._-]+(?:\s*\[[^\]]*\])?/u.exec(spec)?.[0].replace(/\s+/gu, '') ?? spec.trim();
}

/** The requirement of one version alone, with the extras of another requirement of the package. */
export function pinned(spec: string, version: string): string {
  return `${withoutVersions(spec)}==${version}`;
}

/** The requirement of the version that another one pins, or a newer one. A local version, which has no order, is left out. */
export function unpinned(spec: string): string {
  const version = spec.replace(/^.*==+\s*/u, '').replace(/\+.*$/u, '');
  return `${withoutVersions(spec)}>=${version}`;
}

/** Whether a requirement wants one version alone: not `==2.*`. */
export function isPinned(spec: string): boolean {
  return /^[^<>=!~;@]*===?[^<>=!~,;*]+$/u.test(spec);
}

/** An installed package as a line of a requirements file: with its version, or where it is from where that is no index. */
export function requirementOf({ title, version, origin }: InstalledPackage): string {
  return origin === null ? `${title}==${version}` : `${title} @ ${origin}`;
}

/** The configured packages as a requirements file, with the versions that are installed; others as they are written. */
export function configuredRequirements(configured: readonly DependencyStatus[]): string {
  return lines(
    configured.map(({ spec, installedVersion, state }) =>
      installedVersion === null || state === 'unknown' ? spec : pinned(spec, installedVersion),
    ),
  );
}

/** All that is installed as a requirements file. */
export function installedRequirements(installed: readonly InstalledPackage[]): string {
  return lines(installed.map(requirementOf));
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}
