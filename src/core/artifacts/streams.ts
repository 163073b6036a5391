import type { ArtifactDetails, ArtifactInfo, ArtifactReader, ArtifactStore } from '../contract/storage.ts';

/** Bytes that are read at once. */
const PIECE = 4 * 1024 * 1024;

/** The content of an artifact piece by piece, from its beginning. */
export async function* piecesOf(reader: ArtifactReader): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < reader.size; ) {
    const piece = await reader.read(position, PIECE);
    if (piece.byteLength === 0) return;
    position += piece.byteLength;
    yield piece;
  }
}

/**
 * Saves what a stream gives, in bounded memory; where it fails, what had the name before stays.
 * @param content such as a Node `Readable` of bytes, or {@link piecesOf}
 */
export async function saveStream(
  store: ArtifactStore,
  name: string,
  content: AsyncIterable<Uint8Array>,
  details: ArtifactDetails,
): Promise<ArtifactInfo> {
  await using writer = await store.create(name);
  for await (const piece of content) await writer.write(piece);
  return await writer.commit(details);
}

/**
 * Copies an artifact with its description and metadata to another store, in bounded memory.
 * @throws CodeModeError `not-found`
 */
export async function copyArtifact(
  from: ArtifactStore,
  to: ArtifactStore,
  name: string,
): Promise<ArtifactInfo> {
  await using reader = await from.open(name);
  const { dataType, metadata } = reader;
  const description = (await from.get(name))?.description ?? '';
  return await saveStream(to, name, piecesOf(reader), { description, metadata, dataType });
}
