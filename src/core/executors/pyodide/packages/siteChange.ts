import { constants } from 'node:fs';
import {
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { renamePatiently } from '../../../common/files/atomicWrite.ts';
import { systemCode } from '../../../common/files/systemErrors.ts';
import { InstallError } from '../../../contract/errors.ts';
import type { Distribution } from '../../../deps/distribution.ts';
import { readDistributions } from '../../../deps/sitePackages.ts';
import { SITE_PACKAGES } from '../runtime/files.ts';
import { formatRecord, parseRecord, recordedFile } from './record.ts';
import type { WheelArchive } from './wheelArchive.ts';

/** What is to be another way in an environment. */
export interface SiteChange {
  /** Normalised names of packages that go, also those that another version replaces. */
  readonly remove: ReadonlySet<string>;
  readonly add: readonly WheelArchive[];
}

const STAGING = 'staging-';
const FORMER = 'former';

/**
 * Changes the packages of an environment, all or nothing: the folder of all packages is made anew beside the one that is
 * there, of links to the files that stay, and takes its place at once. To be called by whoever holds the environment.
 *
 * @param folder - absolute path of the environment
 * @throws InstallError; the signal's reason, and what fails on the disk
 */
export async function changeSite(
  folder: string,
  { remove, add }: SiteChange,
  signal: AbortSignal | undefined,
): Promise<void> {
  const site = path.join(folder, SITE_PACKAGES);
  const staging = await mkdtemp(path.join(folder, STAGING));
  try {
    const next = path.join(staging, SITE_PACKAGES);
    await mkdir(next);
    for (const wheel of add) await unpackWheel(wheel, next, signal);
    await linkFiles(site, next, await filesOf(site, remove), signal);
    signal?.throwIfAborted();
    await replaceFolder(site, next, path.join(staging, FORMER));
  } finally {
    await rm(staging, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

/**
 * Puts in order what a change has left that was killed. To be called by whoever holds the environment.
 *
 * @param folder - absolute path of the environment
 */
export async function recoverSite(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => name.startsWith(STAGING));
  for (const name of left) {
    const site = path.join(folder, SITE_PACKAGES);
    const isThere = await stat(site).catch(() => undefined);
    if (!isThere) await rename(path.join(folder, name, FORMER), site).catch(() => undefined);
    await rm(path.join(folder, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

async function unpackWheel(
  wheel: WheelArchive,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { files, description } = await wheel.unpack(target, signal);
  const installer = recordedFile(`${description}/INSTALLER`, 'code-mode\n');
  await writeFile(path.join(target, installer.path), 'code-mode\n');
  const record = `${description}/RECORD`;
  const others = files.filter((file) => file.path !== installer.path);
  await writeFile(path.join(target, record), formatRecord([...others, installer], record));
}

/**
 * The files of packages, by their own account: paths relative to the folder of all packages, with slashes. One that leads
 * elsewhere is among them as it is written, and so stands for no file.
 *
 * @throws InstallError for a package that does not say which files are its own
 */
async function filesOf(site: string, names: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const going = (await readDistributions(site)).filter(({ name }) => names.has(name));
  const lists = await Promise.all(
    going.map(async (distribution) => {
      const files = parseRecord(await recordOf(distribution)).map((file) => path.posix.normalize(file));
      const description = path.basename(distribution.place);
      const own = (await readdir(distribution.place)).map((file) => `${description}/${file}`);
      return [...files, ...own];
    }),
  );
  return new Set(lists.flat());
}

async function recordOf({ place, title }: Distribution): Promise<string> {
  try {
    return await readFile(path.join(place, 'RECORD'), 'utf8');
  } catch (cause) {
    throw new InstallError(`The package ${title} does not say which files are its own.`, {
      hint: `Remove its files in ${path.dirname(place)} by hand.`,
      cause,
    });
  }
}

/** Shows the files of a folder in another, but for those of packages that go; what is there already stays. */
async function linkFiles(
  from: string,
  to: string,
  going: ReadonlySet<string>,
  signal: AbortSignal | undefined,
  inside = '',
): Promise<void> {
  signal?.throwIfAborted();
  const entries = await readdir(path.join(from, inside), { withFileTypes: true });
  const staying = entries.filter(
    (entry) => !entry.isDirectory() && !isOfGoing(`${inside}${entry.name}`, going),
  );
  if (staying.length > 0) await mkdir(path.join(to, inside), { recursive: true });
  await Promise.all(
    staying.map(({ name }) => linkFile(path.join(from, inside, name), path.join(to, inside, name))),
  );
  for (const entry of entries) {
    if (entry.isDirectory()) await linkFiles(from, to, going, signal, `${inside}${entry.name}/`);
  }
}

/** Also what Python has compiled from a file goes with it. */
function isOfGoing(file: string, going: ReadonlySet<string>): boolean {
  const [, folder, module] = /^(.*\/|)__pycache__\/([^/]+?)\.[^/]+\.pyc$/.exec(file) ?? [];
  return going.has(file) || (module !== undefined && going.has(`${folder}${module}.py`));
}

async function linkFile(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return;
    // Some file systems know no links.
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
}

async function replaceFolder(folder: string, next: string, former: string): Promise<void> {
  await renamePatiently(folder, former);
  try {
    await renamePatiently(next, folder);
  } catch (error) {
    await renamePatiently(former, folder);
    throw error;
  }
}
