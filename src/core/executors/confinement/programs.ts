import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { CodeModeError } from '../../contract/errors.ts';

/** Every system has it; its scripts here are fixed, what varies are their arguments. */
export const SHELL = '/bin/sh';

/** The programs that confine, and the package that usually brings each. */
const PACKAGES = { bwrap: 'bubblewrap', socat: 'socat' } as const;
export type ConfiningProgram = keyof typeof PACKAGES;

/** The absolute path of a program on the search path; undefined where it is not installed. */
export function findProgram(name: ConfiningProgram): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const candidate = path.join(folder, name);
    // Not from a relative folder: what that is depends on where we are.
    if (path.isAbsolute(folder) && isExecutable(candidate)) return candidate;
  }
  return undefined;
}

/** @throws CodeModeError that says what to install */
export function requireProgram(name: ConfiningProgram): string {
  const found = findProgram(name);
  if (found) return found;
  throw new CodeModeError('start-failed', 'Python cannot be confined.', { hint: howToInstall(name) });
}

/** For a person: what to install where a program is missing. */
export function howToInstall(name: ConfiningProgram): string {
  return `Install ${PACKAGES[name]} (the program "${name}"), for example: sudo apt install ${PACKAGES[name]}`;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
