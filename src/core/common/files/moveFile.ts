import { lstat } from 'node:fs/promises';
import { renamePatiently } from './atomicWrite.ts';
import { isMissing } from './systemErrors.ts';

/**
 * Gives a file another name that nothing has yet. To be called under the lock that keeps others from taking the
 * name at the same moment.
 * @returns whether the name was free
 */
export async function moveFile(from: string, to: string): Promise<boolean> {
  const there = await lstat(to).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (there !== undefined) {
    // Where `a` and `A` are one file, it only gets the other spelling.
    const { ino, dev } = await lstat(from);
    if (from.toLowerCase() !== to.toLowerCase() || ino !== there.ino || dev !== there.dev) return false;
  }
  await renamePatiently(from, to);
  return true;
}
