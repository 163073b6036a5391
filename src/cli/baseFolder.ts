import { mkdtemp, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { makeFolders } from '../core/common/files/folders.ts';
import { CodeModeError } from '../core/contract/errors.ts';

/**
 * Makes the base folder where it is missing and checks that it can be written to, by writing: permission bits
 * alone say nothing about read-only mounts or about root.
 *
 * @returns the absolute path
 * @throws CodeModeError `storage`
 */
export async function usableBaseFolder(folder: string): Promise<string> {
  const absolute = path.resolve(folder);
  try {
    await makeFolders(absolute);
    await rmdir(await mkdtemp(path.join(absolute, '.write-test-')));
    return absolute;
  } catch (error) {
    const cause = error as NodeJS.ErrnoException;
    throw new CodeModeError('storage', `The base folder "${folder}" ${reason(cause)}.`, {
      hint: 'Choose a folder that can be written to with --base DIR, or leave --base out: nothing is kept then.',
      cause,
    });
  }
}

function reason(cause: NodeJS.ErrnoException): string {
  switch (cause.code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return "can't be used: a file is in the way";
    case 'EACCES':
    case 'EPERM':
      return "can't be written to: permission denied";
    case 'EROFS':
      return "can't be written to: it is on a read-only file system";
    case 'ENOSPC':
      return "can't be written to: the disk is full";
    default:
      return `can't be written to (${cause.code ?? cause.message})`;
  }
}
