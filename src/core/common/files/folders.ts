import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from './systemErrors.ts';

/**
 * Makes a folder and those above it that are missing, as `mkdir -p`. Node's own recursive mkdir never returns below a
 * folder that takes none, such as /proc.
 */
export async function makeFolders(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    const parent = path.dirname(folder);
    if (code !== 'ENOENT' || parent === folder) throw error;
    await makeFolders(parent);
    // Another process may have made it in between.
    await mkdir(folder).catch((again: unknown) => {
      if (systemCode(again) !== 'EEXIST') throw again;
    });
  }
}
