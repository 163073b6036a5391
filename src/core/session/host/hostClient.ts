import { canonical } from '../../common/files/canonical.ts';
import { FileLock } from '../../common/files/fileLock.ts';
import { ensurePrivateFolder } from '../../common/files/privateFolder.ts';
import { systemCode } from '../../common/files/systemErrors.ts';
import { isRunning } from '../../common/processes.ts';
import { CodeModeError } from '../../contract/errors.ts';
import { type AttachedSessionManager, attachTo, type ClientOptions } from '../attached.ts';
import { isServed } from '../remote/address.ts';
import {
  type AnnouncementOptions,
  announcementFile,
  announcementsFolder,
  cannotAnnounce,
  findByBaseFolder,
  withdraw,
} from '../remote/announcement.ts';
import { launchHost } from './launchHost.ts';

/** Whose host to attach to, and who attaches. */
export interface HostClientOptions extends ClientOptions, AnnouncementOptions {
  /** Absolute path of the base folder that the host is for. */
  readonly baseFolder: string;
  /** Absolute path of the built `dist` folder, where the host's program is. */
  readonly distFolder: string;
}

/** How long a host may take to end, in milliseconds. */
const END_MS = 10_000;

/**
 * Attaches to the host of a base folder, which is started where there is none. Of several that ask at the same time, one
 * starts it.
 *
 * @throws CodeModeError `other-version`, `host-lost` (it does not answer), `start-failed`, `file`
 */
export async function attachToHost(options: HostClientOptions): Promise<AttachedSessionManager> {
  const live = await findHost(options);
  if (live) return live;
  return inLock(options, async () => {
    // Somebody else may have started it by now.
    const started = await findHost(options);
    if (started) return started;
    await launchHost(options);
    const manager = await findHost(options);
    if (manager) return manager;
    throw new CodeModeError('start-failed', 'The session host has ended right after its start.', {
      hint: 'Try again; the log says what it said.',
    });
  });
}

/**
 * Attaches to the host of a base folder if one runs. One of another version that has no session is ended.
 * @throws CodeModeError `other-version`, `host-lost`
 */
export async function findHost(options: HostClientOptions): Promise<AttachedSessionManager | undefined> {
  const announcement = await findByBaseFolder(options.baseFolder, options);
  if (!announcement) return undefined;
  const manager = await attachTo(announcement, options, options);
  if (!manager || manager.hostVersion === options.version || (await manager.list()).length > 0)
    return manager;
  // Somebody else of this version may have ended it under the call.
  const ends = await manager.endIfUnused().catch((error: unknown) => {
    if (CodeModeError.is(error, 'host-lost')) return true;
    throw error;
  });
  if (!ends) return manager;
  await manager[Symbol.asyncDispose]();
  await untilGone(announcement.address, announcement.pid);
  return undefined;
}

/**
 * Ends the host of a base folder and its sessions, whatever version it is.
 * @throws CodeModeError `host-lost` where it does not end
 */
export async function endHost(options: HostClientOptions): Promise<void> {
  const announcement = await findByBaseFolder(options.baseFolder, options);
  if (!announcement) return;
  const { address, pid } = announcement;
  // The process id may be another's by now where nobody listens any more.
  if (await isServed(address)) {
    process.kill(pid, 'SIGTERM');
    if (!(await untilGone(address, pid))) {
      throw new CodeModeError('host-lost', `The session host (process ${pid}) does not end.`, {
        hint: 'End that process.',
      });
    }
  }
  await withdraw(announcement, options);
}

async function untilGone(address: string, pid: number): Promise<boolean> {
  const deadline = performance.now() + END_MS;
  while ((await isServed(address)) || isRunning(pid)) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

async function inLock<T>(options: HostClientOptions, action: () => Promise<T>): Promise<T> {
  const folder = announcementsFolder(options);
  try {
    await ensurePrivateFolder(folder);
    const file = `${announcementFile(folder, await canonical(options.baseFolder))}.lock`;
    return await new FileLock(file, { log: options.log ?? (() => undefined) }).hold(action);
  } catch (error) {
    if (CodeModeError.is(error) || systemCode(error) === undefined) throw error;
    throw cannotAnnounce(folder, error);
  }
}
