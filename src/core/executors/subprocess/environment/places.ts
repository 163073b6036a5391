import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { defaultCacheFolder } from './cacheFolder.ts';
import type { PythonEnvironment } from './environment.ts';
import type { PackagePlaces } from './inspect.ts';
import { rememberedFacts } from './knownFacts.ts';
import { CONFIGURATION_FILE } from './layout.ts';
import { minorVersion } from './versions.ts';

const windows = process.platform === 'win32';

/** As {@link PackagePlaces}; where the standard library is, an environment alone does not tell. */
export type KnownPlaces = Omit<PackagePlaces, 'stdlib'> & { readonly stdlib: string | undefined };

/**
 * Where the packages of an environment are, without a start of its interpreter.
 * @returns undefined where only its interpreter could tell
 */
export async function packagePlaces(
  { executable, folder, version }: PythonEnvironment,
  cacheFolder = defaultCacheFolder(),
): Promise<KnownPlaces | undefined> {
  const facts = await rememberedFacts(executable, cacheFolder);
  if (facts) return facts.packages;
  if (folder === undefined || (await sharesBase(folder))) return undefined;
  const library = windows ? path.join(folder, 'Lib') : await libraryIn(path.join(folder, 'lib'), version);
  const packages = path.join(library, 'site-packages');
  return {
    purelib: packages,
    platlib: packages,
    scripts: path.join(folder, windows ? 'Scripts' : 'bin'),
    stdlib: undefined,
    folders: [packages],
  };
}

/** `lib/python3.12`, or `lib/python3.13t` of an interpreter without the global lock. */
async function libraryIn(folder: string, version: string): Promise<string> {
  const name = `python${minorVersion(version)}`;
  const names = await readdir(folder).catch((): string[] => []);
  return path.join(folder, names.includes(name) || !names.includes(`${name}t`) ? name : `${name}t`);
}

/** Whether an environment sees the packages of the installation that it is based on. */
async function sharesBase(folder: string): Promise<boolean> {
  const text = await readFile(path.join(folder, CONFIGURATION_FILE), 'utf8').catch(() => '');
  return /^\s*include-system-site-packages\s*=\s*true\s*$/im.test(text);
}
