import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { searchPath } from './searchPath.ts';

const windows = process.platform === 'win32';

/** Absolute path of uv: the first one on the search path, else where its installers put it; undefined without one. */
export async function findUv(): Promise<string | undefined> {
  const usual = [
    path.join(homedir(), '.local', 'bin'),
    path.join(homedir(), '.cargo', 'bin'),
    '/opt/homebrew/bin',
  ];
  for (const folder of [...searchPath(), ...usual]) {
    const file = path.join(folder, windows ? 'uv.exe' : 'uv');
    try {
      await access(file, constants.X_OK);
      return file;
    } catch {
      // Not there.
    }
  }
  return undefined;
}
