import { existsSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

/** What a confined process is to find at a path. */
export interface Wish {
  readonly path: string;
  /**
   * `shown`: readable at least. `readOnly`: readable and nothing more, whatever is around it. `pinned`: as it would be
   * otherwise, but in its place for ever.
   */
  readonly kind: 'hidden' | 'shown' | 'writable' | 'pinned' | 'readOnly';
}

/** What is mounted at one place of a confined process's file tree. */
export interface Mount {
  readonly at: string;
  /** The path on this machine that is shown there. */
  readonly source: string;
  readonly kind: 'hidden' | 'readable' | 'writable';
  readonly folder: boolean;
}

/** How a wish is mounted. */
const MOUNTED: Readonly<Record<Wish['kind'], Mount['kind']>> = {
  hidden: 'hidden',
  shown: 'readable',
  writable: 'writable',
  pinned: 'writable',
  readOnly: 'readable',
};

/** Of two wishes for one path the later in this list counts. */
const ORDER: readonly Wish['kind'][] = ['hidden', 'shown', 'writable', 'pinned', 'readOnly'];

/**
 * What to mount so that `wishes` come true, in the order in which to do it: of two paths the deeper one decides.
 * A path that does not exist needs nothing.
 * @param root what is found where no wish reaches
 */
export function planMounts(wishes: readonly Wish[], root: 'hidden' | 'readable'): Mount[] {
  const places = wishes.flatMap(findPlaces);
  places.sort((a, b) => depth(a.at) - depth(b.at) || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  const mounts: Mount[] = [];
  for (const { at, source, folder, kind, isLink } of places) {
    const before = mounts.findLast((mount) => isAtOrBelow(mount.at, at))?.kind ?? root;
    // A link is there by itself, unless what is around it is hidden.
    if ((isLink || kind === 'shown') && before !== 'hidden') continue;
    if (kind === 'hidden' && before === 'hidden') continue;
    // Nothing can be moved where nothing can be written. A mount itself cannot be moved.
    if (kind === 'pinned' && before !== 'writable') continue;
    mounts.push({ at, source, folder, kind: MOUNTED[kind] });
  }
  return mounts;
}

/** Whether `candidate` is `folder` or below it; both absolute and normalized. */
export function isAtOrBelow(folder: string, candidate: string): boolean {
  return candidate === folder || candidate.startsWith(folder === '/' ? '/' : `${folder}/`);
}

interface Place {
  readonly at: string;
  readonly source: string;
  readonly folder: boolean;
  readonly kind: Wish['kind'];
  /** Whether `at` is another name for `source`. */
  readonly isLink: boolean;
}

/** Where a wish's path is: its real path and, where that differs and is to be found, the path as it was named. */
function findPlaces(wish: Wish): Place[] {
  // Nearly all of some two hundred are missing, which is known in a microsecond each; waiting would take longer.
  if (!existsSync(wish.path)) return [];
  const source = realpathSync.native(wish.path);
  const folder = statSync(source).isDirectory();
  const named = path.resolve(wish.path);
  const places = [{ at: source, source, folder, kind: wish.kind, isLink: false }];
  if (wish.kind !== 'hidden' && named !== source) places.push({ ...places[0]!, at: named, isLink: true });
  return places;
}

function depth(place: string): number {
  return place === '/' ? 0 : place.split('/').length;
}
