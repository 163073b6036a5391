import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** How long a session host may take to end, in milliseconds. */
const END_MS = 15_000;

/**
 * Ends the session hosts that windows have left behind, as a test does that has no use for their sessions any more.
 *
 * @param {string} dataHome What XDG_DATA_HOME was for those windows.
 */
export async function endSessionHosts(dataHome) {
  const folder = path.join(dataHome, 'python-code-mode/live-sessions');
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((name) => name.endsWith('.json'))) {
    const text = await readFile(path.join(folder, name), 'utf8').catch(() => undefined);
    if (text !== undefined) await end(JSON.parse(text).pid);
  }
}

/** @param {number} pid */
async function end(pid) {
  const deadline = Date.now() + END_MS;
  try {
    for (process.kill(pid, 'SIGTERM'); Date.now() < deadline; process.kill(pid, 0)) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}
