import { link, lstat, rm } from 'node:fs/promises';
import { renamePatiently } from './atomicWrite.ts';
import { isMissing, systemCode } from './systemErrors.ts';

/**
 * Gives a file another name that nothing has yet: one that appears there at the same moment is not replaced. A crash may leave
 * both names.
 * @returns whether the name was free
 */
export async function moveFile(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (code === 'EEXIST') return await respell(from, to);
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw error;
    // A file system without hard links.
    if (await exists(to)) return await respell(from, to);
    await renamePatiently(from, to);
    return true;
  }
  await rm(from, { force: true });
  return true;
}

/** Where `a` and `A` are one file. */
async function respell(from: string, to: string): Promise<boolean> {
  if (from.toLowerCase() !== to.toLowerCase()) return false;
  const [a, b] = await Promise.all([lstat(from), lstat(to)]);
  if (from === to || a.ino !== b.ino || a.dev !== b.dev) return from === to;
  await renamePatiently(from, to);
  return true;
}

async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
