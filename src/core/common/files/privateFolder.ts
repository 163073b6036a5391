import { chmod, lstat, mkdir } from 'node:fs/promises';
import { CodeModeError } from '../../contract/errors.ts';

/** Makes a folder that nobody else can enter. @throws where it belongs to someone else or is not a folder */
export async function ensurePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (process.platform === 'win32') return;
  // Not followed: a link that someone else put there must not lead to their folder.
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new CodeModeError('file', `"${folder}" is not a folder of this user.`, { hint: 'Remove it.' });
  }
  if ((found.mode & 0o077) !== 0) await chmod(folder, 0o700);
}
