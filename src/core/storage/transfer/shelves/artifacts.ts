import { isDeepStrictEqual } from 'node:util';
import { copyArtifact, piecesOf } from '../../../artifacts/streams.ts';
import type { ArtifactInfo, ArtifactReader, ArtifactStore } from '../../../contract/storage.ts';
import type { ItemState } from '../compareStores.ts';
import type { TransferStore } from '../transferStore.ts';
import type { Shelf, ShelfItem } from './shelf.ts';

/** The longest JSON that is compared by what it means, in bytes. */
const MAX_JSON_BYTES = 1024 * 1024;
/** Enough that a server that is far away is not waited for each time. */
const AT_ONCE = 8;

export const artifactShelf: Shelf = {
  async compare(source, target, { signal, onProgress }) {
    const [ours, theirs] = await Promise.all([byName(source), byName(target)]);
    const inBoth = [...ours.keys()].filter((name) => theirs.has(name));
    const [sizes, otherSizes] = await Promise.all([
      source.artifacts.sizes(inBoth),
      target.artifacts.sizes(inBoth),
    ]);
    const names = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
    let done = 0;
    return await mapSome(names, async (name): Promise<ShelfItem> => {
      signal?.throwIfAborted();
      onProgress?.({ kind: 'artifacts', name, done: done++, total: names.length });
      const [mine, other] = [ours.get(name), theirs.get(name)];
      if (!mine) return { name, state: 'added' };
      if (!other) return { name, state: 'removed' };
      const mayBeSame =
        isSameInfo(mine, other) && (sizes.get(name) === otherSizes.get(name) || name.endsWith('.json'));
      const same = mayBeSame && (await isSameContent(name, source.artifacts, target.artifacts, signal));
      const state: ItemState = same ? 'same' : 'changed';
      return { name, state };
    });
  },

  async copier(from, to) {
    return async (name, signal) => {
      await copyArtifact(from.artifacts, to.artifacts, name, signal ? { signal } : {});
    };
  },

  delete: (name, from) => from.artifacts.delete(name),
};

async function byName(store: TransferStore): Promise<ReadonlyMap<string, ArtifactInfo>> {
  return new Map((await store.artifacts.list()).map((info) => [info.name, info]));
}

function isSameInfo(a: ArtifactInfo, b: ArtifactInfo): boolean {
  return a.description === b.description && isDeepStrictEqual(a.metadata, b.metadata);
}

async function isSameContent(
  name: string,
  source: ArtifactStore,
  target: ArtifactStore,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  await using ours = await source.open(name);
  await using theirs = await target.open(name);
  if (ours.dataType !== theirs.dataType) return false;
  if (ours.size !== theirs.size) return ours.dataType === 'json' && (await isSameJson(ours, theirs));
  let position = 0;
  for await (const piece of piecesOf(ours, signal ? { signal } : {})) {
    const other = await theirs.read(position, piece.length);
    if (Buffer.compare(piece, other) !== 0) return false;
    position += piece.length;
  }
  return true;
}

/** py-code-mode writes the same JSON with an indent into a folder, and without one into Redis. */
async function isSameJson(ours: ArtifactReader, theirs: ArtifactReader): Promise<boolean> {
  if (Math.max(ours.size, theirs.size) > MAX_JSON_BYTES) return false;
  const [a, b] = await Promise.all([ours.read(0, ours.size), theirs.read(0, theirs.size)]);
  try {
    return isDeepStrictEqual(JSON.parse(Buffer.from(a).toString()), JSON.parse(Buffer.from(b).toString()));
  } catch {
    return false;
  }
}

/** The results in the order of `items`; some are worked on at a time. */
async function mapSome<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
