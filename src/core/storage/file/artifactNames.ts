import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isMissing } from '../../common/files/systemErrors.ts';
import type { ArtifactInfo } from '../../contract/storage.ts';
import { type IndexEntry, indexTime } from '../artifactEntry.ts';
import { artifactSegments } from '../names.ts';
import type { ArtifactIndex } from './artifactIndex.ts';
import { resolveInside } from './containment.ts';
import { walkFolder } from './folderWalk.ts';

/**
 * The names of all artifacts of a folder, sorted. What is a file is an artifact; hidden ones and links need an
 * entry in the index, and a link that leads out is none, nor is an entry whose name does.
 */
export async function artifactNames(folder: string, index: ArtifactIndex): Promise<string[]> {
  const { files, links } = await walkFolder(folder);
  const names = files.filter((name) =>
    index.has(name) ? isArtifactName(name) : !isHidden(name) && isArtifactName(name),
  );
  if (links.length > 0) {
    const linked = new Set(links);
    for (const name of index.names()) {
      if (!hasLink(linked, name) || !isArtifactName(name)) continue;
      const file = await resolveInside(folder, artifactSegments(name)).catch(() => undefined);
      if (file !== undefined && (await entryOfFile(file)) !== undefined) names.push(name);
    }
  }
  return names.sort();
}

/** What is known of an artifact without an entry; undefined if there is no such file. */
export async function entryOfFile(file: string): Promise<IndexEntry | undefined> {
  return entryOfStatus(await stat(file).catch(missing));
}

/** As {@link entryOfFile}, of what `stat` said. */
export function entryOfStatus(status: Stats | undefined): IndexEntry | undefined {
  if (!status?.isFile()) return undefined;
  return { description: '', createdAt: indexTime(status.mtime), metadata: {}, dataType: undefined };
}

/** Whether it is an artifact only where the index says so. */
export function isHidden(name: string): boolean {
  return name.startsWith('.') || name.includes('/.');
}

/**
 * Where an artifact is. Not by `join`: for the listing of a large store that would take longer than anything else.
 */
export function artifactPath(folder: string, name: string): string {
  return folder + path.sep + (path.sep === '/' ? name : name.replaceAll('/', path.sep));
}

export function artifactInfo(folder: string, name: string, entry: IndexEntry): ArtifactInfo {
  return {
    name,
    path: artifactPath(folder, name),
    description: entry.description,
    metadata: entry.metadata,
    created_at: entry.createdAt,
  };
}

/** Undefined where there is no such file. */
export function orMissing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    return missing(error);
  }
}

/** For `catch`: undefined where there is no such file. */
export function missing(error: unknown): undefined {
  if (isMissing(error)) return undefined;
  throw error;
}

/** Whether an artifact can have that name. */
export function isArtifactName(name: string): boolean {
  try {
    artifactSegments(name);
    return true;
  } catch {
    return false;
  }
}

/** Whether `name` or a folder of it is one of `links`. */
function hasLink(links: ReadonlySet<string>, name: string): boolean {
  for (let end = name.length; end > 0; end = name.lastIndexOf('/', end - 1)) {
    if (links.has(name.slice(0, end))) return true;
  }
  return false;
}
