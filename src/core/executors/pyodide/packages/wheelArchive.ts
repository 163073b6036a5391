import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { systemCode } from '../../../common/files/systemErrors.ts';
import { CodeModeError, InstallError } from '../../../contract/errors.ts';
import { parseMetadata } from '../../../deps/packageMetadata.ts';
import { normalizeName } from '../../../deps/packageSpec.ts';
import type { RecordedFile } from './record.ts';

/** The description in a wheel. */
export interface WheelDescription {
  /** Normalised. */
  readonly name: string;
  readonly version: string;
  /** Its METADATA. */
  readonly metadata: string;
}

const MOST_FILES = 50_000;
const MOST_BYTES = 2 ** 31;
const MOST_METADATA_BYTES = 2 ** 24;

const FILE_TYPE = 0o170000;
const SYMBOLIC_LINK = 0o120000;

/** Parts of a path that lead elsewhere; on Windows also what it takes for a drive, a device or another name. */
const UNSAFE_PART =
  process.platform === 'win32'
    ? /^\.{1,2}$|[\\:*?"<>|\p{Cc}]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu
    : /^\.{1,2}$|[\\\p{Cc}]/u;

/**
 * A wheel on the disk. What it says is not trusted: it is read whole or refused, with a reason.
 *
 * @throws InstallError from all of its methods
 */
export class WheelArchive {
  readonly #file: string;
  readonly #filename: string;

  /** @param filename - for messages: the file itself may be kept under another name */
  constructor(file: string, filename: string) {
    this.#file = file;
    this.#filename = filename;
  }

  /** What the wheel says of itself. */
  async describe(): Promise<WheelDescription> {
    return this.#read(async (archive) => {
      const { entries, description } = await this.#list(archive);
      return this.#metadataOf(archive, entries, description);
    });
  }

  /**
   * Unpacks what belongs among the packages; scripts, headers and other data have no place there.
   *
   * @param target - absolute path of the folder of all packages; a file that another package has brought is replaced
   * @returns the files, and the name of the folder that describes the package
   */
  async unpack(
    target: string,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly files: readonly RecordedFile[]; readonly description: string }> {
    return this.#read(async (archive) => {
      const { entries, description } = await this.#list(archive);
      const files: RecordedFile[] = [];
      for (const [place, entry] of placesOf(entries, description)) {
        signal?.throwIfAborted();
        const file = path.join(target, place);
        await mkdir(path.dirname(file), { recursive: true });
        const written = await writeEntry(archive, entry, file);
        files.push({ path: place, ...written });
      }
      return { files, description };
    });
  }

  /** The files in the wheel by their checked paths, and the folder that describes the package. */
  async #list(
    archive: ZipFile,
  ): Promise<{ readonly entries: ReadonlyMap<string, Entry>; readonly description: string }> {
    const entries = new Map<string, Entry>();
    const known = new Set<string>();
    let bytes = 0;
    for await (const entry of archive.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      this.#check(entry);
      // Some systems don't tell upper from lower case.
      const plain = entry.fileName.normalize('NFC').toLowerCase();
      if (known.has(plain)) throw this.#refuse(`it has ${JSON.stringify(entry.fileName)} twice`);
      known.add(plain);
      entries.set(entry.fileName, entry);
      bytes += entry.uncompressedSize;
      if (entries.size > MOST_FILES || bytes > MOST_BYTES) throw this.#refuse('it is absurdly large');
    }
    const folders = new Set([...entries.keys()].map((name) => name.split('/')[0] ?? ''));
    const descriptions = [...folders].filter((name) => name.endsWith('.dist-info'));
    const [description] = descriptions;
    if (description === undefined || descriptions.length > 1 || !entries.has(`${description}/METADATA`)) {
      throw this.#refuse('it does not describe its package');
    }
    return { entries, description };
  }

  #check(entry: Entry): void {
    const mode = entry.externalFileAttributes >>> 16;
    if ((mode & FILE_TYPE) === SYMBOLIC_LINK)
      throw this.#refuse(`${JSON.stringify(entry.fileName)} is a link`);
    const parts = entry.fileName.split('/');
    if (parts.some((part) => part === '' || UNSAFE_PART.test(part))) {
      throw this.#refuse(`${JSON.stringify(entry.fileName)} is no safe path`);
    }
    if (!entry.canDecodeFileData()) throw this.#refuse('it is encrypted, or compressed in an unknown way');
  }

  async #metadataOf(
    archive: ZipFile,
    entries: ReadonlyMap<string, Entry>,
    description: string,
  ): Promise<WheelDescription> {
    const entry = entries.get(`${description}/METADATA`);
    if (!entry || entry.uncompressedSize > MOST_METADATA_BYTES) {
      throw this.#refuse('its description is absurdly large');
    }
    const metadata = (await buffer(await archive.openReadStreamPromise(entry))).toString('utf8');
    const { title, version } = parseMetadata(metadata);
    if (title === undefined || version === undefined)
      throw this.#refuse('it does not say which package it is');
    return { name: normalizeName(title), version, metadata };
  }

  async #read<T>(action: (archive: ZipFile) => Promise<T>): Promise<T> {
    let archive: ZipFile | undefined;
    try {
      // Entries are looked at twice, so that the file stays open until the end.
      archive = await openPromise(this.#file, { autoClose: false, strictFileNames: true });
      return await action(archive);
    } catch (error) {
      // The disk is full, or the like; what the archive does wrong has codes of another form.
      const isOurs = CodeModeError.is(error) || /^E[A-Z0-9]+$/.test(systemCode(error) ?? '');
      if (isOurs || (error instanceof Error && error.name === 'AbortError')) throw error;
      throw this.#refuse(error instanceof Error ? error.message : String(error), error);
    } finally {
      archive?.close();
    }
  }

  #refuse(reason: string, cause?: unknown): InstallError {
    return new InstallError(`The wheel ${this.#filename} can't be used: ${reason}.`, {
      hint: 'Take another version of the package, or tell its author.',
      cause,
    });
  }
}

/** Where each file goes among the packages: what a wheel keeps apart as its library goes where the rest of it goes. */
function placesOf(entries: ReadonlyMap<string, Entry>, description: string): ReadonlyMap<string, Entry> {
  const data = description.replace(/\.dist-info$/, '.data');
  const places = new Map<string, Entry>();
  for (const [name, entry] of entries) {
    const [folder, kind, ...rest] = name.split('/');
    const isLibrary = (kind === 'purelib' || kind === 'platlib') && rest.length > 0;
    // Written anew for what is there then.
    if (name === `${description}/RECORD` || name.startsWith(`${description}/RECORD.`)) continue;
    if (folder !== data) places.set(name, entry);
    else if (isLibrary) places.set(rest.join('/'), entry);
  }
  return places;
}

async function writeEntry(
  archive: ZipFile,
  entry: Entry,
  file: string,
): Promise<Pick<RecordedFile, 'sha256' | 'size'>> {
  const hash = createHash('sha256');
  let size = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.byteLength;
      done(null, chunk);
    },
  });
  // Another package may have it as well; what is there is never written into, for other environments may share it.
  await rm(file, { force: true });
  await pipeline(
    await archive.openReadStreamPromise(entry),
    measure,
    createWriteStream(file, { flags: 'wx' }),
  );
  return { sha256: hash.digest('base64url'), size };
}
