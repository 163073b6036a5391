import type { ArtifactInfo, ArtifactStore } from '../../core/contract/storage.ts';
import { table } from './render.ts';

/** An artifact as a list shows it. */
export interface ListedArtifact
  extends Pick<ArtifactInfo, 'name' | 'description' | 'metadata' | 'created_at'> {
  /** Bytes; null where it went away meanwhile. */
  readonly size: number | null;
}

/** Everything that a list says of the artifacts, by name. */
export async function listArtifacts(store: ArtifactStore): Promise<ListedArtifact[]> {
  const infos = await store.list();
  const sizes = await store.sizes(infos.map(({ name }) => name));
  return infos.map(({ name, description, metadata, created_at }) => ({
    name,
    size: sizes.get(name) ?? null,
    created_at,
    description,
    metadata,
  }));
}

/** A line each: name, bytes, when it was made, description. */
export function listedArtifactRows(artifacts: readonly ListedArtifact[]): string[] {
  const rows = artifacts.map(({ name, size, created_at, description }) => [
    name,
    size === null ? '' : String(size),
    created_at.slice(0, 16).replace('T', ' '),
    // A description may have lines; a list has one for each artifact.
    description.replace(/\s+/g, ' '),
  ]);
  return table(rows, new Set([1]));
}
