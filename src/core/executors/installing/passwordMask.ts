import type { InstallerSources } from '../../deps/sources/installerSources.ts';
import { isUrl } from './pipArguments.ts';

/** Takes users and passwords out of addresses, and the passwords wherever else they stand. */
export function passwordMask(sources: InstallerSources): (text: string) => string {
  const passwords = [sources.indexUrl ?? '', ...sources.extraIndexUrls, ...sources.findLinks]
    .filter(isUrl)
    .map((url) => new URL(url).password)
    .flatMap((password) => [password, decodeURIComponent(password)])
    .filter((password) => password !== '');
  return (text) =>
    passwords.reduce(
      (masked, password) => masked.replaceAll(password, '***'),
      text.replace(/:\/\/[^\s/@]+@/g, '://***@'),
    );
}
