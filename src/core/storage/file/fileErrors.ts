import { CodeModeError } from '../../contract/errors.ts';

/** The system's code of a failed file operation: `ENOENT`; undefined for other errors. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether a file operation failed because there is nothing at that path. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/**
 * A failed file operation in words for a person.
 * @param what what could not be done: `The artifact "a.txt" could not be saved`
 */
export function storageError(error: unknown, what: string): CodeModeError {
  if (CodeModeError.is(error)) return error;
  const code = systemCode(error);
  const [reason, hint] = explain(code, error);
  return new CodeModeError('storage', `${what}: ${reason}.`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

function explain(code: string | undefined, error: unknown): [reason: string, hint?: string] {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return ['the disk is full', 'Free some space and try again. What was there before is unchanged.'];
    case 'EACCES':
    case 'EPERM':
      return ['permission was denied', 'Allow writing to the base folder, or choose another one.'];
    case 'EROFS':
      return ['the disk is read-only', 'Choose a base folder that can be written.'];
    case 'ENAMETOOLONG':
      return ['the name is too long', 'Choose a shorter name.'];
    case 'EISDIR':
    case 'ENOTEMPTY':
      return ['there is a folder of that name', 'Choose another name.'];
    case 'ENOTDIR':
    case 'EEXIST':
      return ['a part of its path is a file, not a folder', 'Choose another name.'];
    case 'EMFILE':
    case 'ENFILE':
      return ['too many files are open', 'Close other programs and try again.'];
    default:
      return [error instanceof Error ? error.message : String(error)];
  }
}
