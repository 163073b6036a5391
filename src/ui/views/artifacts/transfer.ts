import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { CodeModeError } from '../../../core/contract/errors.ts';
import type { ArtifactDataType, ArtifactInfo, ArtifactStore } from '../../../core/contract/storage.ts';
import type { ByteSource } from '../../files/byteSource.ts';

/** How a copy is followed and stopped. */
export interface TransferOptions {
  readonly signal: AbortSignal;
  /** Bytes that were copied since the last call. */
  readonly onBytes?: (count: number) => void;
}

/** Bytes that are in memory at a time. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** Copies content into the store. @throws CodeModeError `cancelled`; nothing is kept then, and nothing was replaced */
export async function importArtifact(
  store: ArtifactStore,
  name: string,
  source: ByteSource,
  options: TransferOptions,
): Promise<ArtifactInfo> {
  await using writer = await store.create(name);
  const text = new TextCheck();
  for await (const piece of piecesOf(source, options)) {
    text.take(piece);
    await writer.write(piece);
  }
  return await writer.commit({ description: '', metadata: {}, dataType: dataTypeOf(name, text.end()) });
}

/** Copies an artifact to a file, which is replaced whole. @param file absolute @throws CodeModeError `cancelled` */
export async function exportArtifact(
  store: ArtifactStore,
  name: string,
  file: string,
  options: TransferOptions,
): Promise<void> {
  await using reader = await store.open(name);
  const unfinished = path.join(path.dirname(file), `.${randomUUID()}.part`);
  try {
    const target = await open(unfinished, 'wx');
    try {
      for await (const piece of piecesOf(reader, options)) await target.writeFile(piece);
    } finally {
      await target.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function* piecesOf(
  source: Pick<ByteSource, 'size' | 'read'>,
  { signal, onBytes }: TransferOptions,
): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < source.size; ) {
    if (signal.aborted) throw new CodeModeError('cancelled', 'Copying was cancelled.');
    const piece = await source.read(position, PIECE_BYTES);
    if (piece.length === 0) throw new CodeModeError('file', 'The file became shorter while it was copied.');
    yield piece;
    position += piece.length;
    onBytes?.(piece.length);
  }
}

/** How Python reads it back: as it would have been saved there. */
function dataTypeOf(name: string, isText: boolean): ArtifactDataType {
  if (!isText) return 'bytes';
  return /\.json$/i.test(name) ? 'json' : 'text';
}

/** Tells whether bytes that come in pieces are text. */
class TextCheck {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #isText = true;

  take(piece: Uint8Array): void {
    this.#check(() => this.#decoder.decode(piece, { stream: true }), piece);
  }

  end(): boolean {
    this.#check(() => this.#decoder.decode(), undefined);
    return this.#isText;
  }

  #check(decode: () => string, piece: Uint8Array | undefined): void {
    if (!this.#isText) return;
    try {
      decode();
      if (piece?.includes(0)) this.#isText = false;
    } catch {
      this.#isText = false;
    }
  }
}
