import { type FSWatcher, type Stats, statSync, watch } from 'node:fs';
import path from 'node:path';

/** A folder as it is now: one that was made anew under the same path is another. */
interface Place {
  readonly path: string;
  readonly inode: number;
}

/**
 * Tells what happens in a folder, though not below it, whether it is there yet or not. VS Code's own watcher misses what
 * happens in a folder that was made at one go with the one it is in, as the folders of a store are.
 */
export class FolderWatch {
  readonly #folder: string;
  readonly #onChange: (name: string) => void;
  #watcher: FSWatcher | undefined;
  #watched: Place | undefined;

  /** @param onChange takes the name of the file; '' where the folder itself has come or gone */
  constructor(folder: string, onChange: (name: string) => void) {
    this.#folder = folder;
    this.#onChange = onChange;
    this.#follow();
  }

  dispose(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** Watches the folder or, as long as that is missing, the nearest one above that is there. */
  #follow(): void {
    for (;;) {
      const nearest = nearestThere(this.#folder);
      if (nearest.path === this.#watched?.path && nearest.inode === this.#watched.inode) return;
      this.#watched = nearest;
      this.#watcher?.close();
      try {
        this.#watcher = watch(nearest.path, { persistent: false }, (_, name) => this.#onEvent(name ?? ''));
        this.#watcher.on('error', () => this.#watcher?.close());
      } catch {
        // Gone in between, or no more can be watched: what else tells of changes has to do.
        return;
      }
    }
  }

  #onEvent(name: string): void {
    if (!this.#watcher) return;
    const before = this.#watched;
    this.#follow();
    const wasThere = before?.path === this.#folder;
    if (before !== this.#watched && (wasThere || this.#watched?.path === this.#folder)) this.#onChange('');
    else if (wasThere) this.#onChange(name);
  }
}

function nearestThere(folder: string): Place {
  const status = statOf(folder);
  const above = path.dirname(folder);
  if (status || above === folder) return { path: folder, inode: status?.ino ?? 0 };
  return nearestThere(above);
}

function statOf(folder: string): Stats | undefined {
  try {
    return statSync(folder, { throwIfNoEntry: false });
  } catch {
    // Behind a file, or where nothing can be looked at.
    return undefined;
  }
}
