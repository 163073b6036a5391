import { type CopyOptions, piecesOf, saveStream } from '../../../core/artifacts/streams.ts';
import { draftFile } from '../../../core/common/files/atomicWrite.ts';
import type { ArtifactInfo, ArtifactStore } from '../../../core/contract/storage.ts';
import type { ByteSource } from '../../files/byteSource.ts';

/** Copies content into the store. @throws CodeModeError `cancelled`; nothing is kept then, and nothing was replaced */
export async function importArtifact(
  store: ArtifactStore,
  name: string,
  source: ByteSource,
  options: CopyOptions,
): Promise<ArtifactInfo> {
  return await saveStream(store, name, piecesOf(source, options));
}

/** Copies an artifact to a file, which is replaced whole. @param file absolute @throws CodeModeError `cancelled` */
export async function exportArtifact(
  store: ArtifactStore,
  name: string,
  file: string,
  options: CopyOptions,
): Promise<void> {
  await using reader = await store.open(name);
  await using draft = await draftFile(file);
  for await (const piece of piecesOf(reader, options)) await draft.write(piece);
  await (await draft.finish()).commit();
}
