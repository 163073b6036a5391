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

/** New content that is still being written. */
export interface FileDraft extends AsyncDisposable {
  /** Adds to the end; to be awaited before the next one. */
  write(chunk: Uint8Array): Promise<void>;
  /** Brings it to the disk; nothing can be added any more. Disposing the draft still drops it. */
  finish(): Promise<PreparedFile>;
}

/** A path in the folder of `file` for what is nobody's content. */
export function temporaryPath(file: string): string {
  const name = `${TEMPORARY_PREFIX}${process.pid}-${randomBytes(6).toString('hex')}`;
  return path.join(path.dirname(file), name);
}

/** Begins a file in the folder of `target`, which it is to replace; disposing drops it. */
export async function draftFile(target: string): Promise<FileDraft> {
  const temporary = temporaryPath(target);
  // A file that only its owner may read stays so when it is replaced.
  const mode = await stat(target).then(
    (status) => status.mode & 0o777,
    () => 0o666,
  );
  const file = await open(temporary, 'wx', mode);
  // Never fails: what led here says more, and what cannot be removed now is swept later.
  const discard = async () => {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
  };
  return {
    async write(chunk) {
      for (let written = 0; written < chunk.byteLength; ) {
        written += (await file.write(chunk, written)).bytesWritten;
      }
    },
    async finish() {
      await file.sync().catch((error: unknown) => {
        // Some network and virtual file systems know no such call.
        if (!['EINVAL', 'ENOSYS', 'ENOTSUP'].includes(systemCode(error) ?? '')) throw error;
      });
      await file.close();
      return { commit: () => renamePatiently(temporary, target), [Symbol.asyncDispose]: discard };
    },
    [Symbol.asyncDispose]: discard,
  };
}

/** Writes `content` to a file in the folder of `target` and brings it to the disk; disposing drops it. */
export async function prepareFile(target: string, content: Uint8Array | string): Promise<PreparedFile> {
  const draft = await draftFile(target);
  try {
    await draft.write(typeof content === 'string' ? Buffer.from(content) : content);
    return await draft.finish();
  } catch (error) {
    await draft[Symbol.asyncDispose]();
    throw error;
  }
}

/** Replaces `target` whole by `content`. */
export async function writeFileAtomically(target: string, content: Uint8Array | string): Promise<void> {
  await using prepared = await prepareFile(target, content);
  await prepared.commit();
}

/** Renames, and replaces what is there. Windows refuses that while someone, such as a virus scanner, has it open. */
export async function renamePatiently(from: string, to: string): Promise<void> {
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
