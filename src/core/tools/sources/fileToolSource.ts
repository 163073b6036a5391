import { type Dirent, type Stats, statSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Emitter } from '../../common/events.ts';
import { isSameVersion, isSettled } from '../../common/files/fileVersion.ts';
import { FolderWatch } from '../../common/files/folderWatch.ts';
import { isMissing, reasonOf } from '../../common/files/systemErrors.ts';
import { inParallel, inSlices } from '../../common/slices.ts';
import { CodeModeError } from '../../contract/errors.ts';
import { resolveInside } from '../../storage/file/containment.ts';
import { isToolFile, MAX_DEFINITION_BYTES, TOO_LARGE } from '../definition/entries.ts';
import type { SourceEntry, ToolSource } from './toolSource.ts';

/** Milliseconds after which files are looked at again, whatever the watch says. */
const LOOK_MS = 1000;
/** Milliseconds for which changes are gathered: one save is several of them. */
const GATHER_MS = 50;
/** Files that are read at the same time. */
const PARALLEL_READS = 16;

/** What one version of a file was found to be. */
interface KnownFile {
  readonly status: Stats | undefined;
  /** Whether a later version would have another status. */
  readonly settled: boolean;
  readonly found: SourceEntry;
}

/** The YAML files of a folder. They are read once, and again when the watch or a look at them tells of a change. */
export class FileToolSource implements ToolSource {
  readonly #folder: string;
  readonly #changed = new Emitter<void>();
  #known = new Map<string, KnownFile>();
  #entries: readonly SourceEntry[] = [];
  #folderStatus: Stats | undefined;
  #isFolderSettled = true;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** Whether the watch has told of something since. */
  #isStale = true;
  #looking: Promise<void> | undefined;
  #watch: FolderWatch | undefined;
  #gathering: NodeJS.Timeout | undefined;
  #isDisposed = false;

  readonly onDidChange = this.#changed.event;

  /** @param folder - absolute path; it need not be there yet */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async list(): Promise<readonly SourceEntry[]> {
    // One look at a time; the one that is under way may have begun before the change that the caller knows of.
    while (this.#looking) await this.#looking;
    if (this.#isDisposed || this.#isFresh()) return this.#entries;
    this.#watch ??= new FolderWatch(this.#folder, (name) => this.#onEvent(name));
    this.#looking = this.#look().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
    return this.#entries;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#watch?.dispose();
    clearTimeout(this.#gathering);
    this.#changed.dispose();
    await this.#looking;
  }

  /** What comes or goes shows in the folder's own times at once, the watch is a moment behind. */
  #isFresh(): boolean {
    return (
      !this.#isStale &&
      performance.now() - this.#lookedAt < LOOK_MS &&
      this.#isFolderSettled &&
      isSameVersion(this.#folderStatus, statusOf(this.#folder))
    );
  }

  #onEvent(name: string): void {
    if (name !== '' && !isToolFile(name)) return;
    this.#isStale = true;
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      void this.list();
    }, GATHER_MS).unref();
  }

  async #look(): Promise<void> {
    const isFirst = this.#lookedAt < 0;
    this.#isStale = false;
    this.#lookedAt = performance.now();
    this.#folderStatus = statusOf(this.#folder);
    this.#isFolderSettled = this.#folderStatus === undefined || isSettled(this.#folderStatus);
    const known = new Map<string, KnownFile>();
    for (const each of await this.#lookAtFiles()) if (each) known.set(each.found.entry, each);
    this.#known = known;
    const entries = [...known.values()].map(({ found }) => found);
    const isSame =
      entries.length === this.#entries.length && entries.every((one, i) => one === this.#entries[i]);
    if (isSame) return;
    this.#entries = entries;
    if (!isFirst) this.#changed.fire();
  }

  async #lookAtFiles(): Promise<(KnownFile | undefined)[]> {
    let entries: Dirent[];
    try {
      entries = await readdir(this.#folder, { withFileTypes: true });
    } catch (error) {
      if (isMissing(error)) return [];
      const problem = `The folder of the tools can't be read: ${reasonOf(error)}.`;
      return [this.#knownAs(path.basename(this.#folder), undefined, { problem })];
    }
    const files = entries.filter(isCandidate).sort(byName);
    const found = new Array<KnownFile | undefined>(files.length);
    const toRead: number[] = [];
    await inSlices(files.keys(), (index) => {
      const { name } = files[index]!;
      const known = this.#known.get(name);
      const status = statusOf(path.join(this.#folder, name));
      // Without a look at where a link leads now.
      const isKnown = known?.settled && files[index]!.isFile() && isSameVersion(known.status, status);
      if (isKnown) found[index] = known;
      else toRead.push(index);
    });
    await inParallel(toRead, PARALLEL_READS, async (index) => {
      found[index] = await this.#read(files[index]!.name);
    });
    return found;
  }

  async #read(name: string): Promise<KnownFile | undefined> {
    const file = path.join(this.#folder, name);
    try {
      const real = await resolveInside(this.#folder, [name]);
      const status = await stat(real);
      if (!status.isFile()) return undefined;
      if (status.size > MAX_DEFINITION_BYTES)
        return this.#knownAs(name, status, { file, problem: TOO_LARGE });
      // Fatal: what is not UTF-8 would come out with other characters in it.
      const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(real));
      return this.#knownAs(name, status, { file, text });
    } catch (error) {
      return isMissing(error)
        ? undefined
        : this.#knownAs(name, undefined, { file, problem: problemOf(error) });
    }
  }

  /** @param content - that is what it was, where it says the same */
  #knownAs(
    entry: string,
    status: Stats | undefined,
    content: { file?: string } & ({ text: string } | { problem: string }),
  ): KnownFile {
    const before = this.#known.get(entry)?.found;
    const found = { entry, ...content };
    const settled = status !== undefined && isSettled(status);
    return { status, settled, found: before && isEqual(before, found) ? before : found };
  }
}

function isCandidate(entry: Dirent): boolean {
  return isToolFile(entry.name) && (entry.isFile() || entry.isSymbolicLink());
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}

function isEqual(a: SourceEntry, b: SourceEntry): boolean {
  if ('text' in a) return 'text' in b && a.text === b.text;
  return 'problem' in b && a.problem === b.problem;
}

function statusOf(place: string): Stats | undefined {
  try {
    return statSync(place, { throwIfNoEntry: false });
  } catch {
    // Nothing that can be looked at.
    return undefined;
  }
}

function problemOf(error: unknown): string {
  if (error instanceof TypeError) return 'The file is not UTF-8 text.';
  if (CodeModeError.is(error)) return CodeModeError.describe(error);
  return `The file can't be read: ${reasonOf(error)}.`;
}
