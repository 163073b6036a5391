/** The oldest Python that is supported. */
export const OLDEST = '3.9';
/** The newest one that is tried; newer ones are used where nothing else is there. */
export const NEWEST = '3.14';

/** Whether a version such as `3.12` or `3.12.1` is not too old. */
export function isSupported(version: string): boolean {
  return compareVersions(version, OLDEST) >= 0;
}

/** `3.12` of `3.12.1`: what decides where packages lie and which of them fit. */
export function minorVersion(version: string): string {
  return version.split('.', 2).join('.');
}

/** Below 0 where `a` is the older one. Parts that are missing count as 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let part = 0; part < 3; part += 1) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
