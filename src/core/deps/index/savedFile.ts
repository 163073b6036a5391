import { createHash } from 'node:crypto';
import { draftFile } from '../../common/files/atomicWrite.ts';
import { reasonOf } from '../../common/files/systemErrors.ts';
import { InstallError } from '../../contract/errors.ts';
import type { IndexFile } from './indexProject.ts';

/**
 * Writes what comes into a file; it is there when all has come and is what the index says, else nothing is.
 *
 * @param to - absolute path
 * @param onProgress - told how many bytes have come
 * @throws InstallError where it can't be written or is another file; what `pieces` throw
 */
export async function saveFile(
  file: IndexFile,
  pieces: AsyncIterable<Uint8Array>,
  to: string,
  onProgress: (received: number) => void,
): Promise<void> {
  await using draft = await onDisk(to, draftFile(to));
  const hash = createHash('sha256');
  let received = 0;
  for await (const piece of pieces) {
    hash.update(piece);
    await onDisk(to, draft.write(piece));
    received += piece.byteLength;
    onProgress(received);
  }
  if (file.sha256 !== undefined && hash.digest('hex') !== file.sha256) {
    throw new InstallError(
      `${file.filename} is another file than the package index says: its hash differs.`,
      {
        hint: 'It may have been damaged on the way, or exchanged. Try again; if it stays so, ask whoever runs the index.',
      },
    );
  }
  await using prepared = await onDisk(to, draft.finish());
  await onDisk(to, prepared.commit());
}

async function onDisk<T>(to: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new InstallError(`${to} could not be written: ${reasonOf(error)}.`, {
      hint: 'Make room on the disk, or check that you may write there.',
      cause: error,
    });
  }
}
