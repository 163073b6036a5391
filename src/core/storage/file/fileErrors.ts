import { reasonOf, systemCode } from '../../common/files/systemErrors.ts';
import { CodeModeError } from '../../contract/errors.ts';

/**
 * A failed file operation in words for a person.
 * @param what what could not be done: `The artifact "a.txt" could not be saved`
 */
export function storageError(error: unknown, what: string): CodeModeError {
  if (CodeModeError.is(error)) return error;
  const hint = hintFor(systemCode(error));
  return new CodeModeError('storage', `${what}: ${reasonOf(error)}.`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

function hintFor(code: string | undefined): string | undefined {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'Free some space and try again. What was there before is unchanged.';
    case 'EACCES':
    case 'EPERM':
      return 'Allow writing to the base folder, or choose another one.';
    case 'EROFS':
      return 'Choose a base folder that can be written.';
    case 'ENAMETOOLONG':
      return 'Choose a shorter name.';
    case 'EISDIR':
    case 'ENOTEMPTY':
    case 'ENOTDIR':
    case 'EEXIST':
      return 'Choose another name.';
    case 'EMFILE':
    case 'ENFILE':
      return 'Close other programs and try again.';
    default:
      return undefined;
  }
}
