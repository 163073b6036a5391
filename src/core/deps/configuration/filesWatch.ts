import path from 'node:path';
import type { Subscription } from '../../common/events.ts';
import { FolderWatch } from '../../common/files/folderWatch.ts';

/** Milliseconds for which changes are gathered: one save is several of them. */
const GATHER_MS = 50;

/** Tells when one of some files changes, comes or goes, whichever folders they are in. */
export class FilesWatch implements Subscription {
  readonly #onChange: () => void;
  readonly #watches = new Map<string, FolderWatch>();
  #files: ReadonlySet<string> = new Set();
  #gathering: NodeJS.Timeout | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** @param files - absolute paths: these instead of those before */
  follow(files: Iterable<string>): void {
    this.#files = new Set(files);
    const folders = new Set([...this.#files].map((file) => path.dirname(file)));
    for (const [folder, watch] of this.#watches) {
      if (folders.has(folder)) continue;
      watch.dispose();
      this.#watches.delete(folder);
    }
    for (const folder of folders) {
      if (this.#watches.has(folder)) continue;
      this.#watches.set(folder, new FolderWatch(folder, (name) => this.#onEvent(folder, name)));
    }
  }

  dispose(): void {
    for (const watch of this.#watches.values()) watch.dispose();
    this.#watches.clear();
    clearTimeout(this.#gathering);
  }

  /** @param name - '' where the folder itself has come or gone */
  #onEvent(folder: string, name: string): void {
    if (name !== '' && !this.#files.has(path.join(folder, name))) return;
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#onChange();
    }, GATHER_MS).unref();
  }
}
