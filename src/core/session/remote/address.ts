import { randomBytes } from 'node:crypto';
import { access, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensurePrivateFolder } from '../../common/files/privateFolder.ts';
import { CodeModeError } from '../../contract/errors.ts';

/** Linux allows 108 bytes for a socket's path, macOS 104. */
const MAX_SOCKET_PATH = 100;

/** A new secret, 256 bits, as text. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** A fresh address for a socket, in a folder that only this user can enter. */
export async function newAddress(): Promise<string> {
  const name = `session-${process.pid}-${randomBytes(6).toString('hex')}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\python-code-mode-${name}`;
  const owner = process.getuid?.() ?? 'user';
  const candidates = [process.env.XDG_RUNTIME_DIR, tmpdir(), '/tmp'].filter((folder) => !!folder) as string[];
  for (const parent of candidates) {
    const folder = path.join(parent, `python-code-mode-${owner}`);
    const address = path.join(folder, `${name}.sock`);
    if (Buffer.byteLength(address) > MAX_SOCKET_PATH) continue;
    try {
      // Not made where it is missing: whoever keeps such folders would remove it with the socket.
      await access(parent);
      await ensurePrivateFolder(folder);
      return address;
    } catch {
      // A runtime folder of another login, or one that is gone: the next candidate.
    }
  }
  throw new CodeModeError(
    'file',
    `There is no private folder for a socket (tried ${candidates.join(', ')}).`,
    {
      hint: 'Make the temporary folder writable for this user.',
    },
  );
}

/**
 * Connects to an address. @throws the socket's error, or one for a time-out after `milliseconds`
 */
export async function connectTo(address: string, milliseconds: number): Promise<Socket> {
  const socket = connect(address);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('Nobody answers.')), milliseconds);
    socket.once('connect', resolve);
    socket.once('error', reject);
    socket.once('close', () => clearTimeout(timer));
    socket.once('connect', () => clearTimeout(timer));
  });
  return socket;
}

/** Whether somebody listens at an address. */
export async function isServed(address: string): Promise<boolean> {
  try {
    (await connectTo(address, 2000)).destroy();
    return true;
  } catch {
    return false;
  }
}

/** Removes what a socket leaves on the disk. */
export async function removeSocket(address: string): Promise<void> {
  if (process.platform !== 'win32') await rm(address, { force: true });
}
