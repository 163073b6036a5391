import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { isRunning } from '../common/processes.ts';

const PREFIX = 'code-mode-python-';

let hasSwept = false;

/**
 * Makes a folder for temporary files, such as those of one interpreter; whoever made it removes it with
 * {@link removeTemporaryFolder}. The first one also removes what processes that were killed have left.
 *
 * @returns its absolute path
 */
export async function createTemporaryFolder(): Promise<string> {
  // Nobody waits for it: it goes on while Python starts.
  if (!hasSwept) void sweep(os.tmpdir());
  hasSwept = true;
  // The owner's process id tells the next sweep whether it is still in use.
  return mkdtemp(path.join(os.tmpdir(), `${PREFIX}${process.pid}-`));
}

/** Removes the folder with all that is in it; what can't be removed is left to a later sweep. */
export async function removeTemporaryFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

async function sweep(parent: string): Promise<void> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const left = entries.filter((entry) => {
    const pid = Number(entry.name.slice(PREFIX.length).split('-')[0]);
    return entry.isDirectory() && entry.name.startsWith(PREFIX) && pid > 0 && !isRunning(pid);
  });
  await Promise.all(left.map((entry) => removeTemporaryFolder(path.join(parent, entry.name))));
}
