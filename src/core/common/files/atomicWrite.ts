import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemCode } from './systemErrors.ts';

/** How the names of unfinished files begin; they are never anyone's content. */
export const TEMPORARY_PREFIX = '.tmp-';

/** New content that lies on the disk, beside the file that it is to replace. */
export interface PreparedFile extends AsyncDisposable {
  /** Puts it in place: whoever reads sees the old content or the new, never a part. */
  commit(): Promise<void>;
}

/** Writes `content` to a file in the folder of `target` and brings it to the disk; disposing drops it. */
export async function prepareFile(target: string, content: Uint8Array | string): Promise<PreparedFile> {
  const temporary = path.join(
    path.dirname(target),
    `${TEMPORARY_PREFIX}${process.pid}-${randomBytes(6).toString('hex')}`,
  );
  const discard = () => rm(temporary, { force: true });
  try {
    // A file that only its owner may read stays so when it is replaced.
    const mode = await stat(target).then(
      (status) => status.mode & 0o777,
      () => 0o666,
    );
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync().catch((error: unknown) => {
        // Some network and virtual file systems know no such call.
        if (!['EINVAL', 'ENOSYS', 'ENOTSUP'].includes(systemCode(error) ?? '')) throw error;
      });
    } finally {
      await file.close();
    }
  } catch (error) {
    await discard().catch(() => undefined);
    throw error;
  }
  return { commit: () => renamePatiently(temporary, target), [Symbol.asyncDispose]: discard };
}

/** Replaces `target` whole by `content`. */
export async function writeFileAtomically(target: string, content: Uint8Array | string): Promise<void> {
  await using prepared = await prepareFile(target, content);
  await prepared.commit();
}

/** Windows refuses to replace a file while someone, such as a virus scanner, has it open. */
async function renamePatiently(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await rename(from, to);
    } catch (error) {
      const busy = ['EPERM', 'EACCES', 'EBUSY'].includes(systemCode(error) ?? '');
      if (process.platform !== 'win32' || !busy || attempt === 20) throw error;
      await delay(5 * attempt);
    }
  }
}
