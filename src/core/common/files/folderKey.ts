import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import path from 'node:path';

/** Windows limits the length of paths. */
const NAME_CHARACTERS = 24;

/**
 * What stands for a folder in the name of another: `project-1f0a9c3b77`. The same for every spelling of its path; a file
 * name on every system.
 */
export async function folderKey(folder: string): Promise<string> {
  const absolute = path.resolve(folder);
  const real = await realpath(absolute).catch(() => absolute);
  const name = path
    .basename(real)
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .slice(0, NAME_CHARACTERS);
  const hash = createHash('sha256').update(real).digest('hex').slice(0, 10);
  return `${name.replace(/^-+|-+$/g, '') || 'workspace'}-${hash}`;
}
