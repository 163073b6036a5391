import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { planMounts, type Wish } from '../../confinement/mounts.ts';
import { holdPlaceholder, protectionOf } from '../../confinement/protectedPlaces.ts';
import type { ContainerMount } from './mounts.ts';
import { whatOpens } from './openings.ts';

/** What is mounted over the writable folders of a container, so that what runs outside of it stays as it is. */
export interface ProtectedMounts {
  readonly mounts: readonly ContainerMount[];
  /** Removes the folders that were made for it, once the container has ended. */
  release(): void;
}

/**
 * Keeps in writable folders what an editor, Git, a shell or the host runs by itself, as the sandbox of `subprocess` does.
 * A folder that was opened up although that is dangerous is left as open as that.
 *
 * @param mounts what the container gets to see, checked
 * @param more absolute paths on this machine that are protected as well
 */
export async function protectMounts(
  mounts: readonly ContainerMount[],
  more: readonly string[],
): Promise<ProtectedMounts> {
  const writable = mounts.filter(({ source, writable }) => writable && whatOpens(source) === undefined);
  const places = await Promise.all(more.map(realPlace));
  const protections = await Promise.all(
    writable.map(async (mount) => ({ mount, ...(await protectionOf(mount.source, places)) })),
  );
  const releases = protections.flatMap(({ placeholders }) => placeholders).map(holdPlaceholder);
  const targets = new Set(mounts.map(({ target }) => target));
  const over = new Map<string, ContainerMount>();
  for (const { mount, folder, wishes } of protections) {
    const around: Wish = { path: folder, kind: 'writable' };
    for (const { at, source, kind } of planMounts([around, ...wishes], 'hidden')) {
      const relative = path.relative(folder, at);
      // A link of the folder may lead elsewhere, which the container does not see.
      if (relative === '' || relative.startsWith('..') || path.isAbsolute(relative)) continue;
      const target = path.posix.join(mount.target, ...relative.split(path.sep));
      // Of two for one place the later counts.
      if (!targets.has(target)) over.set(target, { source, target, writable: kind === 'writable' });
    }
  }
  return {
    mounts: [...over.values()],
    release() {
      for (const free of releases.splice(0).reverse()) free();
    },
  };
}

/** As sources of mounts are; what is not there yet is named by what it would lie in. */
async function realPlace(place: string): Promise<string> {
  const above = path.dirname(place);
  const real = await realpath(place).catch(() => undefined);
  return real ?? (above === place ? place : path.join(await realPlace(above), path.basename(place)));
}
