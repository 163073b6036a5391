import { createHash, randomBytes } from 'node:crypto';
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';
import { canonical } from '../../common/files/canonical.ts';
import { ensurePrivateFolder } from '../../common/files/privateFolder.ts';
import { reasonOf } from '../../common/files/systemErrors.ts';
import { CodeModeError } from '../../contract/errors.ts';
import { isServed, removeSocket } from './address.ts';

/** Where a session host can be reached and by whom: readable for its owner only. */
const AnnouncementSchema = z.object({
  baseFolder: z.string(),
  /** The folders whose sessions it has or had. */
  workspaceFolders: z.array(z.string()),
  protocol: z.number(),
  version: z.string(),
  /** A Unix domain socket's path or a named pipe's name. */
  address: z.string().min(1),
  token: z.string().min(1),
  pid: z.number().int().positive(),
});
export type Announcement = z.infer<typeof AnnouncementSchema>;

/** Folder for the announcements' files; a test chooses its own. */
export interface AnnouncementOptions {
  readonly folder?: string;
}

/**
 * Announces a host.
 *
 * @returns whether it is announced now: false where another already serves the same base folder
 */
export async function publish(
  announcement: Announcement,
  options: AnnouncementOptions = {},
): Promise<boolean> {
  const folder = announcementsFolder(options);
  await ensurePrivateFolder(folder);
  const file = announcementFile(folder, announcement.baseFolder);
  const draft = await writeDraft(file, announcement);
  try {
    if (await linkUnlessTaken(draft, file)) return true;
    const existing = await readAnnouncement(file);
    if (existing && (await isServed(existing.address))) return false;
    // Whoever wrote it has gone without tidying up.
    await rm(file, { force: true });
    if (existing) await removeSocket(existing.address);
    return await linkUnlessTaken(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Changes an announcement, unless another has taken its place. */
export async function update(announcement: Announcement, options: AnnouncementOptions = {}): Promise<void> {
  const file = announcementFile(announcementsFolder(options), announcement.baseFolder);
  if ((await readAnnouncement(file))?.token !== announcement.token) return;
  const draft = await writeDraft(file, announcement);
  try {
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Takes an announcement back, unless another has taken its place. */
export async function withdraw(announcement: Announcement, options: AnnouncementOptions = {}): Promise<void> {
  const file = announcementFile(announcementsFolder(options), announcement.baseFolder);
  if ((await readAnnouncement(file))?.token === announcement.token) await rm(file, { force: true });
  await removeSocket(announcement.address);
}

/** The host of `folder` or of the nearest folder above it, and that folder. */
export async function findByWorkspaceFolder(
  folder: string,
  options: AnnouncementOptions = {},
): Promise<{ readonly announcement: Announcement; readonly workspaceFolder: string } | undefined> {
  const announcements = await readAll(announcementsFolder(options));
  for (let at = await canonical(folder); ; at = path.dirname(at)) {
    const announcement = announcements.find(({ workspaceFolders }) => workspaceFolders.includes(at));
    if (announcement) return { announcement, workspaceFolder: at };
    if (path.dirname(at) === at) return undefined;
  }
}

/** The host whose sessions keep their files in `baseFolder`. */
export async function findByBaseFolder(
  baseFolder: string,
  options: AnnouncementOptions = {},
): Promise<Announcement | undefined> {
  return readAnnouncement(announcementFile(announcementsFolder(options), await canonical(baseFolder)));
}

/** The folder of the announcements. */
export function announcementsFolder({ folder }: AnnouncementOptions): string {
  return folder ?? path.join(envPaths('python-code-mode', { suffix: '' }).data, 'live-sessions');
}

/** The announcement's file of a base folder, by its canonical name. */
export function announcementFile(folder: string, baseFolder: string): string {
  // A home folder may be shared by machines, a socket is not.
  const key = createHash('sha256').update(`${hostname()}\0${baseFolder}`).digest('hex').slice(0, 32);
  return path.join(folder, `${key}.json`);
}

/** What keeps a host from being found. */
export function cannotAnnounce(folder: string, cause: unknown): CodeModeError {
  return new CodeModeError(
    'file',
    `The session host can't be announced in "${folder}": ${reasonOf(cause)}.`,
    {
      hint: 'Make room there, and make the folder writable for this user.',
      cause,
    },
  );
}

async function writeDraft(file: string, announcement: Announcement): Promise<string> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, JSON.stringify(announcement), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    // A full disk leaves the beginning of it.
    await rm(draft, { force: true });
    throw error;
  }
  return draft;
}

async function readAll(folder: string): Promise<readonly Announcement[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith('.json')).map((name) => path.join(folder, name));
  return (await Promise.all(files.map(readAnnouncement))).filter((found) => found !== undefined);
}

async function readAnnouncement(file: string): Promise<Announcement | undefined> {
  try {
    return AnnouncementSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // Missing, half removed or of another version: nobody there, as far as this version can tell.
    return undefined;
  }
}

async function linkUnlessTaken(source: string, target: string): Promise<boolean> {
  try {
    await link(source, target);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
