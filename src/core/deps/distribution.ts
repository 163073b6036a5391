import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { systemCode } from '../common/files/systemErrors.ts';
import { isName, parseEggNeeds, parseMetadata } from './packageMetadata.ts';
import { normalizeName } from './packageSpec.ts';

/** What tells Python of an installed package: `six-1.17.0.dist-info`, or the older `six-1.17.0.egg-info`. */
export interface Distribution {
  /** Absolute path of its `.dist-info` or `.egg-info`. */
  readonly place: string;
  /** Normalised: `my-package`. */
  readonly name: string;
  /** As the package writes its name. */
  readonly title: string;
  readonly version: string;
  readonly summary: string;
  /** Normalised names of what it needs without extras, whether or not it is needed on this system. */
  readonly needs: readonly string[];
  readonly installer: string | null;
  readonly origin: string | null;
  /** Installers write the list of files last: without it one was ended half-way, or a system's packager left it out. */
  readonly hasRecord: boolean;
  /** When something came into its folder or left it, in milliseconds since 1970. */
  readonly modifiedAt: number;
}

/** Whether a name among packages is that of a {@link Distribution}. Those that pip is moving away begin with `~`. */
export function isDistribution(name: string): boolean {
  return /^[^~.].*\.(?:dist|egg)-info$/i.test(name);
}

interface Known {
  /** Changes with everything that installers do: they write files anew, and never into those that are there. */
  readonly stamp: string;
  readonly distribution: Distribution | undefined;
}

/** By place. An environment has some hundreds, a process a few environments. */
const known = new Map<string, Known>();
const MOST_KNOWN = 10_000;

/**
 * Reads what a `.dist-info` or `.egg-info` says; again only once its folder has changed.
 *
 * @param statusOf - looks at it; may be quick about it and block
 * @returns undefined where there is nothing, or not yet, that tells of a package
 */
export async function readDistribution(
  place: string,
  statusOf: (place: string) => Stats | Promise<Stats>,
): Promise<Distribution | undefined> {
  try {
    const looked = statusOf(place);
    const status = looked instanceof Promise ? await looked : looked;
    const stamp = `${status.ino} ${status.mtimeMs} ${status.size}`;
    const before = known.get(place);
    if (before?.stamp === stamp) return before.distribution;
    const distribution = await (status.isDirectory() ? readFolder : readEggFile)(place, status.mtimeMs);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(place, { stamp, distribution });
    return distribution;
  } catch {
    // Gone meanwhile, or not ours to read: Python would not see it either.
    known.delete(place);
    return undefined;
  }
}

/** What the files of a `.dist-info` or `.egg-info` say; null: there is none. */
export interface DistributionFiles {
  readonly place: string;
  readonly modifiedAt: number;
  readonly metadata: string;
  /** `requires.txt` of an `.egg-info`. */
  readonly needs: string | null;
  /** `INSTALLER`. */
  readonly installer: string | null;
  /** `direct_url.json`. */
  readonly directUrl: string | null;
  readonly hasRecord: boolean;
}

/** What was read where this process can't read. @returns undefined where it tells of no package */
export function describeDistribution(files: DistributionFiles): Distribution | undefined {
  const { place, metadata, modifiedAt, needs, installer, directUrl, hasRecord } = files;
  return describe(place, metadata, {
    modifiedAt,
    hasRecord,
    ...(needs === null ? {} : { needs: parseEggNeeds(needs) }),
    installer: installer?.trim().split('\n', 1)[0]?.trim() || null,
    origin: originOf(directUrl ?? undefined),
  });
}

async function readFolder(place: string, modifiedAt: number): Promise<Distribution | undefined> {
  const read = async (name: string) => (await readIfThere(path.join(place, name))) ?? null;
  if (/\.egg-info$/i.test(place)) {
    const [metadata, needs] = await Promise.all([read('PKG-INFO'), read('requires.txt')]);
    if (metadata === null) return undefined;
    const unknown = { installer: null, directUrl: null, hasRecord: true };
    return describeDistribution({ place, modifiedAt, metadata, needs, ...unknown });
  }
  const [metadata, installer, directUrl, record] = await Promise.all([
    read('METADATA'),
    read('INSTALLER'),
    read('direct_url.json'),
    stat(path.join(place, 'RECORD')).catch(() => undefined),
  ]);
  if (metadata === null) return undefined;
  const hasRecord = record !== undefined;
  return describeDistribution({ place, modifiedAt, metadata, needs: null, installer, directUrl, hasRecord });
}

async function readEggFile(place: string, modifiedAt: number): Promise<Distribution | undefined> {
  return describe(place, await readFile(place, 'utf8'), { modifiedAt });
}

/** @throws where it is there and can't be read now, such as for too many open files */
async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (['EMFILE', 'ENFILE', 'EIO'].includes(systemCode(error) ?? '')) throw error;
    return undefined;
  }
}

function describe(
  place: string,
  text: string,
  more: Pick<Distribution, 'modifiedAt'> &
    Partial<Pick<Distribution, 'needs' | 'hasRecord' | 'installer' | 'origin'>>,
): Distribution | undefined {
  const metadata = parseMetadata(text);
  const [, nameInPlace = '', versionInPlace = ''] =
    /^(.+?)-(.+?)(?:-py\d[\d.]*)?\.(?:dist|egg)-info$/i.exec(path.basename(place)) ?? [];
  const title = metadata.title ?? nameInPlace;
  const version = metadata.version ?? versionInPlace;
  if (!isName(title) || version === '') return undefined;
  const { summary, needs } = metadata;
  return {
    place,
    name: normalizeName(title),
    title,
    version,
    summary,
    needs,
    hasRecord: true,
    installer: null,
    origin: null,
    ...more,
  };
}

const DirectUrlSchema = z.object({
  url: z.string(),
  vcs_info: z.object({ vcs: z.string(), commit_id: z.string().optional() }).optional(),
});

/** From where, by `direct_url.json`: a folder or file of this machine, or a URL without its password. */
function originOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  try {
    const { url, vcs_info: vcs } = DirectUrlSchema.parse(JSON.parse(text), { jitless: true });
    const address = new URL(url);
    if (address.protocol === 'file:' && vcs === undefined) return fileURLToPath(address);
    address.username = address.password = '';
    return vcs === undefined ? address.href : `${vcs.vcs}+${address.href}@${vcs.commit_id ?? 'HEAD'}`;
  } catch {
    return null;
  }
}
