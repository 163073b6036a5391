import { CodeModeError } from '../contract/errors.ts';
import type { ArtifactDetails, ArtifactInfo, ArtifactStore } from '../contract/storage.ts';
import { ContentGuess } from './contentGuess.ts';

/** Bytes that are read at once. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** Content that can be read in pieces, such as an `ArtifactReader`. */
export interface PiecedContent {
  /** In bytes. */
  readonly size: number;
  /** At most `length` bytes from `position` on. */
  read(position: number, length: number): Promise<Uint8Array>;
}

/** How a copy is followed and stopped. */
export interface CopyOptions {
  readonly signal?: AbortSignal;
  /** Bytes that were copied since the last call. */
  readonly onBytes?: (count: number) => void;
}

/**
 * Content piece by piece, from its beginning.
 * @throws CodeModeError `cancelled`, `file` where it became shorter meanwhile
 */
export async function* piecesOf(
  content: PiecedContent,
  { signal, onBytes }: CopyOptions = {},
): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < content.size; ) {
    if (signal?.aborted) throw new CodeModeError('cancelled', 'Copying was cancelled.');
    const piece = await content.read(position, PIECE_BYTES);
    if (piece.byteLength === 0) {
      throw new CodeModeError('file', 'The content became shorter while it was copied.', {
        hint: 'Try again once nobody writes to it.',
      });
    }
    yield piece;
    position += piece.byteLength;
    onBytes?.(piece.byteLength);
  }
}

/**
 * Saves what a stream gives, in bounded memory; where it fails, what had the name before stays.
 *
 * @param content such as a Node `Readable` of bytes, or {@link piecesOf}
 * @param details where they do not say how it is read back, it is as Python would have saved it
 */
export async function saveStream(
  store: ArtifactStore,
  name: string,
  content: AsyncIterable<Uint8Array>,
  { description, metadata, dataType, createdAt }: Partial<ArtifactDetails> = {},
): Promise<ArtifactInfo> {
  await using writer = await store.create(name);
  const guess = new ContentGuess();
  for await (const piece of content) {
    if (dataType === undefined) guess.add(piece);
    await writer.write(piece);
  }
  return await writer.commit({
    description: description ?? '',
    metadata: metadata ?? {},
    dataType: dataType ?? guess.dataTypeOf(name),
    ...(createdAt === undefined ? {} : { createdAt }),
  });
}

/**
 * Copies an artifact with all that is kept of it to another store, in bounded memory.
 * @throws CodeModeError `not-found`, `cancelled`
 */
export async function copyArtifact(
  from: ArtifactStore,
  to: ArtifactStore,
  name: string,
  options: CopyOptions = {},
): Promise<ArtifactInfo> {
  await using reader = await from.open(name);
  const { dataType, metadata } = reader;
  const info = await from.get(name);
  return await saveStream(to, name, piecesOf(reader, options), {
    metadata,
    dataType,
    ...(info && { description: info.description, createdAt: info.created_at }),
  });
}
