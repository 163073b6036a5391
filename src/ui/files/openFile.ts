import { open } from 'node:fs/promises';
import { CodeModeError } from '../../core/contract/errors.ts';
import type { ByteSource } from './byteSource.ts';

/** Opens a file to be read in pieces. @param path absolute @throws CodeModeError `not-found`, `file` */
export async function openFile(path: string): Promise<ByteSource> {
  const file = await open(path).catch((error: unknown) => {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new CodeModeError(
      isMissing ? 'not-found' : 'file',
      isMissing ? 'The file is not there any more.' : `The file cannot be opened: ${String(error)}.`,
      { cause: error },
    );
  });
  try {
    const { size } = await file.stat();
    return {
      size,
      read: async (position, length) => {
        const wanted = Math.max(0, Math.min(length, size - position));
        const bytes = new Uint8Array(wanted);
        let filled = 0;
        while (filled < wanted) {
          const { bytesRead } = await file.read(bytes, filled, wanted - filled, position + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return bytes.subarray(0, filled);
      },
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
