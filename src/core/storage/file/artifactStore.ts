import { copyFile, lstat, mkdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { prepareFile } from '../../common/files/atomicWrite.ts';
import { FileLock } from '../../common/files/fileLock.ts';
import { isMissing, systemCode } from '../../common/files/systemErrors.ts';
import { CodeModeError } from '../../contract/errors.ts';
import type { ArtifactDataType, ArtifactInfo, ArtifactStore } from '../../contract/storage.ts';
import { ArtifactIndex, type IndexEntry, indexTime } from './artifactIndex.ts';
import { resolveInside } from './containment.ts';
import { storageError } from './fileErrors.ts';
import { removeAbandoned, walkFolder } from './folderWalk.ts';
import { artifactSegments } from './names.ts';

const INDEX_NAME = '.artifacts.json';
const DAMAGE_RETRIES = 4;
const DAMAGE_RETRY_MS = 25;

/**
 * Artifacts as files of a folder, with an index of descriptions and metadata beside them.
 *
 * What is a file in the folder is an artifact: one without an entry (copied there by hand, or lost from the
 * index when py-code-mode wrote at the same moment) has no description and is read by its name; an entry
 * without a file is not an artifact. Hidden files need an entry. Reading makes no folder and no file.
 */
export class FileArtifactStore implements ArtifactStore {
  readonly #folder: string;
  readonly #indexPath: string;
  readonly #lock: FileLock;
  readonly #log: (line: string) => void;
  #swept = false;

  constructor(folder: string, log: (line: string) => void) {
    this.#folder = folder;
    this.#indexPath = path.join(folder, INDEX_NAME);
    this.#lock = new FileLock(`${this.#indexPath}.lock`, { log: (line) => log(`storage: ${line}`) });
    this.#log = log;
  }

  async save(
    name: string,
    content: Uint8Array,
    options: { description: string; metadata: Readonly<Record<string, unknown>>; dataType: ArtifactDataType },
  ): Promise<ArtifactInfo> {
    const segments = artifactSegments(name);
    try {
      // Looked at before anything is made: a folder of the name may be a link that leads out.
      const target = await resolveInside(this.#folder, segments);
      await mkdir(path.dirname(target), { recursive: true });
      await this.#sweep();
      await using prepared = await prepareFile(target, content);
      const entry: IndexEntry = { ...options, createdAt: indexTime(new Date()) };
      await this.#change(async (index) => {
        index.set(name, entry);
        return () => prepared.commit();
      });
      return artifactInfo(name, path.join(this.#folder, name), entry);
    } catch (error) {
      throw storageError(error, `The artifact "${name}" could not be saved`);
    }
  }

  async load(name: string): Promise<{ content: Uint8Array; dataType: ArtifactDataType }> {
    const segments = artifactSegments(name);
    try {
      const file = await resolveInside(this.#folder, segments);
      for (;;) {
        const version = await this.#indexVersion();
        const recorded = (await this.#readIndex()).get(name)?.dataType;
        const content = await readFile(file);
        // Another program may have replaced the artifact between the two.
        if (version === (await this.#indexVersion())) return { content, dataType: readAs(name, recorded) };
      }
    } catch (error) {
      if (isMissing(error) || systemCode(error) === 'EISDIR') {
        throw new CodeModeError('not-found', `There is no artifact "${name}".`, { cause: error });
      }
      throw storageError(error, `The artifact "${name}" could not be loaded`);
    }
  }

  async list(): Promise<ArtifactInfo[]> {
    try {
      const index = await this.#readIndex();
      const found: ArtifactInfo[] = [];
      for (const name of await this.#names(index)) {
        const file = path.join(this.#folder, name);
        const entry = index.get(name) ?? (await this.#unindexed(file));
        if (entry !== undefined) found.push(artifactInfo(name, file, entry));
      }
      return found;
    } catch (error) {
      throw storageError(error, 'The artifacts could not be listed');
    }
  }

  async get(name: string): Promise<ArtifactInfo | undefined> {
    const segments = artifactSegments(name);
    try {
      const file = await resolveInside(this.#folder, segments);
      const asFile = await this.#unindexed(file);
      if (asFile === undefined) return undefined;
      return artifactInfo(name, path.join(this.#folder, name), (await this.#readIndex()).get(name) ?? asFile);
    } catch (error) {
      throw storageError(error, `The artifact "${name}" could not be read`);
    }
  }

  async exists(name: string): Promise<boolean> {
    const segments = artifactSegments(name);
    try {
      return (await this.#unindexed(await resolveInside(this.#folder, segments))) !== undefined;
    } catch (error) {
      throw storageError(error, `The artifact "${name}" could not be read`);
    }
  }

  async delete(name: string): Promise<boolean> {
    const segments = artifactSegments(name);
    try {
      // The last part is not followed: what is deleted is the artifact, not what it may be a link to.
      const parent = await resolveInside(this.#folder, segments.slice(0, -1));
      const file = path.join(parent, segments.at(-1) ?? '');
      const present = async () => isArtifactFile(await lstat(file).catch(missing));
      if (!(await present()) && !(await this.#readIndex()).has(name)) return false;
      let deleted = false;
      await this.#change(async (index) => {
        const indexed = index.delete(name);
        deleted = await present();
        if (!indexed && !deleted) return undefined;
        return () => (deleted ? rm(file, { force: true }) : Promise.resolve());
      });
      return deleted;
    } catch (error) {
      throw storageError(error, `The artifact "${name}" could not be deleted`);
    }
  }

  /**
   * Changes the index and what belongs to the change, under the lock. `change` edits the index and returns
   * what to do to the files, or undefined to leave all as it is. The new index lies on the disk before the
   * files are touched, so that only two renames stand between the old state and the new one.
   */
  async #change(change: (index: ArtifactIndex) => Promise<(() => Promise<void>) | undefined>): Promise<void> {
    await this.#lock.hold(async (held) => {
      const stored = await this.#readStoredIndex();
      if (stored.damaged) await copyFile(this.#indexPath, `${this.#indexPath}.damaged`);
      const index = stored.damaged || held.tookOver ? await this.#rebuild(stored) : stored;
      const apply = await change(index);
      if (apply === undefined) return;
      await using prepared = await prepareFile(this.#indexPath, index.toString());
      held.confirm();
      await apply();
      await prepared.commit();
    });
  }

  /** The index for readers: rebuilt in memory where the file is damaged. */
  async #readIndex(): Promise<ArtifactIndex> {
    const stored = await this.#readStoredIndex();
    return stored.damaged ? await this.#rebuild(stored) : stored;
  }

  async #readStoredIndex(): Promise<ArtifactIndex> {
    for (let attempt = 1; ; attempt += 1) {
      const text = await readFile(this.#indexPath, 'utf8').catch(missing);
      const index = text === undefined ? ArtifactIndex.empty() : ArtifactIndex.parse(text);
      // py-code-mode rewrites the file in place: half of it may be there for a moment.
      if (!index.damaged || attempt === DAMAGE_RETRIES) return index;
      await delay(DAMAGE_RETRY_MS);
    }
  }

  /** What can be read of `stored`, made to match the files. */
  async #rebuild(stored: ArtifactIndex): Promise<ArtifactIndex> {
    if (stored.damaged) {
      this.#log(
        `storage: the index ${this.#indexPath} is damaged; it is rebuilt from the files, ` +
          `${stored.names().length} entries of it could be read. The next change keeps a copy of it as ${INDEX_NAME}.damaged`,
      );
    }
    const index = ArtifactIndex.parse(stored.toString());
    const names = new Set(await this.#names(stored));
    for (const name of stored.names()) if (!names.has(name)) index.delete(name);
    for (const name of names) {
      const entry = index.has(name) ? undefined : await this.#unindexed(path.join(this.#folder, name));
      if (entry) index.set(name, entry);
    }
    return index;
  }

  /** The names of all artifacts, sorted. */
  async #names(index: ArtifactIndex): Promise<string[]> {
    const { files, links } = await walkFolder(this.#folder);
    const names = files.filter((name) => isUsable(name) && (!isHidden(name) || index.has(name)));
    const linked = new Set(links);
    for (const name of index.names()) {
      // A link that leads out is not an artifact, nor is an entry whose name does.
      const segments =
        linked.size > 0 && hasLink(linked, name) && isUsable(name) ? artifactSegments(name) : undefined;
      if (segments === undefined) continue;
      const file = await resolveInside(this.#folder, segments).catch(() => undefined);
      if (file !== undefined && (await this.#unindexed(file)) !== undefined) names.push(name);
    }
    return names.sort();
  }

  /** What is known of an artifact without an entry; undefined if there is no such file. */
  async #unindexed(file: string): Promise<IndexEntry | undefined> {
    const status = await stat(file).catch(missing);
    if (!status?.isFile()) return undefined;
    return { description: '', createdAt: indexTime(status.mtime), metadata: {}, dataType: undefined };
  }

  async #indexVersion(): Promise<string> {
    const status = await stat(this.#indexPath, { bigint: true }).catch(missing);
    return status ? `${status.ino} ${status.mtimeNs} ${status.size}` : '';
  }

  async #sweep(): Promise<void> {
    if (this.#swept) return;
    this.#swept = true;
    // Housekeeping: whether it succeeds is nothing to the one who saves.
    await removeAbandoned(this.#folder).catch((error: unknown) => {
      this.#log(`storage: unfinished files could not be removed: ${CodeModeError.describe(error)}`);
    });
  }
}

function artifactInfo(name: string, file: string, entry: IndexEntry): ArtifactInfo {
  return {
    name,
    path: file,
    description: entry.description,
    metadata: entry.metadata,
    created_at: entry.createdAt,
  };
}

/** Bytes come back as bytes, JSON and whatever is named so is parsed, the rest is text if it can be. */
function readAs(name: string, recorded: ArtifactDataType | undefined): ArtifactDataType {
  if (recorded === 'bytes') return 'bytes';
  return recorded === 'json' || name.endsWith('.json') ? 'json' : 'text';
}

function isHidden(name: string): boolean {
  return name.startsWith('.') || name.includes('/.');
}

function isUsable(name: string): boolean {
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

function isArtifactFile(status: { isFile(): boolean; isSymbolicLink(): boolean } | undefined): boolean {
  return status !== undefined && (status.isFile() || status.isSymbolicLink());
}

/** For `catch`: undefined where there is no such file. */
function missing(error: unknown): undefined {
  if (isMissing(error)) return undefined;
  throw error;
}
