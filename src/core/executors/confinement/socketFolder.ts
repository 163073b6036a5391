import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isRunning } from '../../common/processes.ts';

const PREFIX = 'python-code-mode-proxy-';
/** A folder's name ends with the id of its process and six characters of chance. */
const NAME = new RegExp(`^${PREFIX}(\\d+)-.{6}$`);
/** Linux allows 108 bytes for a socket's path. */
const MAX_SOCKET_PATH = 100;

const swept = new Set<string>();

/**
 * Makes a folder for a socket that nobody else can enter; whoever made it removes it. The first one also removes what
 * processes that were killed have left.
 * @param socket the name that the socket is to have in it
 */
export async function makeSocketFolder(socket: string): Promise<string> {
  for (const parent of [process.env.XDG_RUNTIME_DIR ?? '', tmpdir()]) {
    const address = path.join(parent, `${PREFIX}${process.pid}-XXXXXX`, socket);
    if (!path.isAbsolute(address) || Buffer.byteLength(address) > MAX_SOCKET_PATH) continue;
    const made = await makeIn(parent).catch(() => undefined);
    // A runtime folder of another login, or one that is gone: the next one.
    if (made) return made;
  }
  return makeIn('/tmp');
}

async function makeIn(parent: string): Promise<string> {
  if (!swept.has(parent)) {
    swept.add(parent);
    await sweep(parent);
  }
  return mkdtemp(path.join(parent, `${PREFIX}${process.pid}-`));
}

async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const owner = Number(NAME.exec(name)?.[1] ?? process.pid);
    if (isRunning(owner)) continue;
    // What belongs to another user stays.
    await rm(path.join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
