import { existsSync, type Stats } from 'node:fs';
import { copyFile, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { prepareFile, writeFileAtomically } from '../../common/files/atomicWrite.ts';
import { FileLock } from '../../common/files/fileLock.ts';
import { isSameVersion, isSettled } from '../../common/files/fileVersion.ts';
import { ArtifactIndex } from './artifactIndex.ts';
import { artifactNames, entryOfFile, missing } from './artifactNames.ts';

const INDEX_NAME = '.artifacts.json';
const DAMAGE_RETRIES = 4;
const DAMAGE_RETRY_MS = 25;

/** What happens to the files when the index is changed. */
export interface FileChange {
  /** Moves them. */
  apply(): Promise<void>;
  /**
   * The index for the time while files are moved, where the entry of one that appears must be there before it: an
   * entry without a file is nothing, a file without its entry has lost its description.
   */
  readonly meanwhile?: ArtifactIndex;
}

/** The index of a folder of artifacts, as a file that several programs change. */
export class IndexFile {
  readonly #folder: string;
  readonly #path: string;
  readonly #lockPath: string;
  readonly #lock: FileLock;
  readonly #log: (line: string) => void;
  /** What was read or written last; with the file's status where that would tell of every change since. */
  #known:
    | { readonly text: string; readonly index: ArtifactIndex; readonly status?: Stats | undefined }
    | undefined;
  /** The damaged text that was reported last. */
  #reported: string | undefined;

  constructor(folder: string, log: (line: string) => void) {
    this.#folder = folder;
    this.#path = path.join(folder, INDEX_NAME);
    this.#lockPath = `${this.#path}.lock`;
    this.#lock = new FileLock(this.#lockPath, { log: (line) => log(`storage: ${line}`) });
    this.#log = log;
  }

  /** For readers, who must not change it: rebuilt in memory where the file is damaged. */
  async read(): Promise<ArtifactIndex> {
    const stored = await this.#readStored();
    return stored.damaged ? await this.#rebuild(stored) : stored;
  }

  /** Undefined where there is none. */
  async status(): Promise<Stats | undefined> {
    return await stat(this.#path).catch(missing);
  }

  /** Whether somebody is about to change it. */
  isChanging(): boolean {
    return existsSync(this.#lockPath);
  }

  /**
   * Changes the index and what belongs to the change, under the lock. `plan` edits the index and says what to do to
   * the files, or undefined to leave all as it is. The new index lies on the disk before the files are touched, so
   * that only two renames stand between the old state and the new one.
   */
  async change(plan: (index: ArtifactIndex) => Promise<FileChange | undefined>): Promise<void> {
    await this.#lock.hold(async (held) => {
      const stored = await this.#readStored();
      if (stored.damaged) await copyFile(this.#path, `${this.#path}.damaged`);
      const old = stored.damaged || held.tookOver ? await this.#rebuild(stored) : stored;
      const index = old.copy();
      const change = await plan(index);
      if (change === undefined) return;
      const text = index.toString();
      await using prepared = await prepareFile(this.#path, text);
      const meanwhile = change.meanwhile?.toString();
      held.confirm();
      if (meanwhile === text) await prepared.commit();
      else if (meanwhile !== undefined) await writeFileAtomically(this.#path, meanwhile);
      try {
        held.confirm();
        await change.apply();
      } catch (error) {
        held.confirm();
        if (meanwhile !== undefined) await writeFileAtomically(this.#path, old.toString());
        throw error;
      }
      if (meanwhile !== text) await prepared.commit();
      this.#known = { text, index };
    });
  }

  async #readStored(): Promise<ArtifactIndex> {
    for (let attempt = 1; ; attempt += 1) {
      const status = await this.status();
      const known = this.#known;
      if (known?.status && isSameVersion(known.status, status)) return known.index;
      const text = await readFile(this.#path, 'utf8').catch(missing);
      if (text === undefined) return ArtifactIndex.empty();
      const index = known?.text === text ? known.index : ArtifactIndex.parse(text);
      if (!index.damaged) {
        this.#known = { text, index, status: status && isSettled(status) ? status : undefined };
        return index;
      }
      // py-code-mode rewrites the file in place: half of it may be there for a moment.
      if (attempt === DAMAGE_RETRIES) {
        this.#reportDamage(text, index);
        return index;
      }
      await delay(DAMAGE_RETRY_MS);
    }
  }

  #reportDamage(text: string, index: ArtifactIndex): void {
    if (text === this.#reported) return;
    this.#reported = text;
    this.#log(
      `storage: the index ${this.#path} is damaged; it is rebuilt from the files, ` +
        `${index.names().length} entries of it could be read. The next change keeps a copy of it as ${INDEX_NAME}.damaged`,
    );
  }

  /** What can be read of `stored`, made to match the files. */
  async #rebuild(stored: ArtifactIndex): Promise<ArtifactIndex> {
    const index = stored.copy();
    const names = new Set(await artifactNames(this.#folder, stored));
    for (const name of stored.names()) if (!names.has(name)) index.delete(name);
    for (const name of names) {
      const entry = index.has(name) ? undefined : await entryOfFile(path.join(this.#folder, name));
      if (entry) index.set(name, entry);
    }
    return index;
  }
}
