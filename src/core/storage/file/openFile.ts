import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** A regular file that is open for reading, whatever becomes of its name. */
export interface OpenFile {
  readonly handle: FileHandle;
  /** In bytes. */
  readonly size: number;
  /** Milliseconds since 1970: when it was written or put in place. */
  readonly changed: number;
}

/** Undefined where there is something else than a file; a device or pipe is not waited for. */
export async function openRegularFile(file: string): Promise<OpenFile | undefined> {
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = await handle.stat();
    if (status.isFile()) return { handle, size: status.size, changed: status.ctimeMs };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

/** At most `length` bytes from `position` on; fewer at the end only. */
export async function readPiece(
  { handle, size }: OpenFile,
  position: number,
  length: number,
): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, size - position)));
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
