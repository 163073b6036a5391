import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { STATUS_CODES } from 'node:http';
import { fileURLToPath } from 'node:url';
import { isMissing, reasonOf } from '../../common/files/systemErrors.ts';
import { CodeModeError, InstallError } from '../../contract/errors.ts';
import { type HttpAnswer, headerOf } from '../../http/exchange.ts';
import { connectionFailure } from '../../http/failures.ts';
import { ACCEPTED_ENCODINGS, readBody } from '../../http/reading.ts';
import { normalizeName } from '../packageSpec.ts';
import type { PackageSources } from '../sources/packageSources.ts';
import { versionOf } from './fileNames.ts';
import { INDEX_CALLER } from './indexCaller.ts';
import { ACCEPTED_PAGES, PageError, parseIndexPage } from './indexPage.ts';
import type { IndexFile, IndexProject } from './indexProject.ts';
import { type IndexRequestOptions, IndexRequests } from './indexRequests.ts';
import { saveFile } from './savedFile.ts';
import { filesInFolder } from './wheelFolders.ts';

/** A page is taken to be as it was for so long; then the index is asked whether it has changed. */
const FRESH_MS = 5 * 60_000;
const MOST_PAGES = 500;
const MAX_PAGE_BYTES = 100_000_000;
/** A download that breaks off is begun anew. */
const MAX_ATTEMPTS = 3;

interface KnownPage {
  /** Undefined: there is none. */
  readonly files: readonly IndexFile[] | undefined;
  readonly etag: string | undefined;
  readonly askedAt: number;
}

/** Bytes that have come, and how many there will be; undefined: nobody knows. */
export type OnBytes = (received: number, total: number | undefined) => void;

/**
 * What can be installed, by name: files of the first index that has the package (extra indexes before the main one, so that
 * nobody can put a package of the same name in the place of one's own), beside those of the folders of wheels.
 */
export class PackageIndex implements AsyncDisposable {
  readonly #sources: PackageSources;
  readonly #requests: IndexRequests;
  /** By address, the one that was asked for longest ago first. */
  readonly #pages = new Map<string, KnownPage>();

  constructor(sources: PackageSources, options: IndexRequestOptions) {
    this.#sources = sources;
    this.#requests = new IndexRequests(sources, options);
  }

  /**
   * @param name - of a package, normalised or not
   * @returns undefined: no index and no folder has it
   * @throws InstallError where an index can't be asked; CodeModeError `cancelled`
   */
  async project(name: string, signal?: AbortSignal): Promise<IndexProject | undefined> {
    const project = normalizeName(name);
    const { wheelFolders, offline } = this.#sources;
    const ofFolders = await Promise.all(wheelFolders.map((folder) => filesInFolder(folder, project)));
    const ofPages = offline ? [] : await this.#filesOfPages(project, signal);
    const ofIndex = offline ? undefined : await this.#filesOfIndexes(project, signal);
    const files = [...ofFolders.flat(), ...ofPages, ...(ofIndex ?? [])];
    return files.length > 0 || ofIndex ? { name: project, files } : undefined;
  }

  /**
   * Gets a file whole, or not at all.
   *
   * @param to - absolute path of the file to make; one that is there is replaced
   * @throws InstallError where it can't be had, or is another one than the index says; CodeModeError `cancelled`
   */
  async download(file: IndexFile, to: string, signal?: AbortSignal, onBytes?: OnBytes): Promise<void> {
    if (file.url.startsWith('file:')) return await this.#copy(file, to, onBytes);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#downloadOnce(file, to, signal, onBytes);
      } catch (error) {
        if (CodeModeError.is(error)) throw error;
        if (attempt < MAX_ATTEMPTS) continue;
        const { host } = new URL(file.url);
        throw connectionFailure(INDEX_CALLER, { label: `The download of ${file.filename}`, host }, error);
      }
    }
  }

  /** Ends what is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#requests[Symbol.asyncDispose]();
  }

  async #filesOfPages(project: string, signal: AbortSignal | undefined): Promise<readonly IndexFile[]> {
    const pages = await Promise.all(this.#sources.linkPages.map((page) => this.#files(page, signal)));
    return pages.flatMap((page) => page ?? []).filter((file) => versionOf(file, project) !== undefined);
  }

  async #filesOfIndexes(
    project: string,
    signal: AbortSignal | undefined,
  ): Promise<readonly IndexFile[] | undefined> {
    const { indexUrl, extraIndexUrls } = this.#sources;
    for (const index of [...extraIndexUrls, indexUrl]) {
      const page = `${index.replace(/\/*$/, '')}/${project}/`;
      const files = page.startsWith('file:')
        ? await filesOfFolderPage(page)
        : await this.#files(page, signal);
      if (files) return files;
    }
    return undefined;
  }

  async #files(address: string, signal: AbortSignal | undefined): Promise<readonly IndexFile[] | undefined> {
    const known = this.#pages.get(address);
    if (known && Date.now() - known.askedAt < FRESH_MS) return known.files;
    const headers = {
      accept: ACCEPTED_PAGES,
      'accept-encoding': ACCEPTED_ENCODINGS,
      ...(known?.etag === undefined ? {} : { 'if-none-match': known.etag }),
    };
    const page = await this.#requests.get(address, headers, signal, async (answer) => {
      if (answer.status === 304 && known) return { ...known, askedAt: Date.now() };
      const etag = headerOf(answer, 'etag');
      return { files: await readPage(answer, address), etag, askedAt: Date.now() };
    });
    this.#pages.delete(address);
    this.#pages.set(address, page);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > MOST_PAGES && oldest !== undefined) this.#pages.delete(oldest);
    return page.files;
  }

  async #downloadOnce(
    file: IndexFile,
    to: string,
    signal: AbortSignal | undefined,
    onBytes: OnBytes | undefined,
  ): Promise<void> {
    // What a server would pack is packed already.
    await this.#requests.get(file.url, { 'accept-encoding': 'identity' }, signal, async (answer) => {
      if (answer.status !== 200) throw statusFailure(`The download of ${file.filename}`, answer.status);
      const length = headerOf(answer, 'content-length');
      const total = file.size ?? (length === undefined ? undefined : Number(length));
      await saveFile(file, answer.body, to, (received) => onBytes?.(received, total));
    });
  }

  async #copy(file: IndexFile, to: string, onBytes: OnBytes | undefined): Promise<void> {
    const place = fileURLToPath(file.url);
    try {
      await saveFile(file, createReadStream(place), to, (received) => onBytes?.(received, file.size));
    } catch (error) {
      if (CodeModeError.is(error)) throw error;
      throw new InstallError(`${place} can't be read: ${reasonOf(error)}.`, { cause: error });
    }
  }
}

/** @returns undefined: there is no such page */
async function readPage(answer: HttpAnswer, address: string): Promise<readonly IndexFile[] | undefined> {
  const label = `The package index at ${new URL(address).host}`;
  if (answer.status === 404 || answer.status === 410) return undefined;
  if (answer.status !== 200) throw statusFailure(label, answer.status);
  const { bytes, isCut } = await readBody(answer, MAX_PAGE_BYTES, INDEX_CALLER).catch((error: unknown) => {
    throw connectionFailure(INDEX_CALLER, { label, host: answer.url.host }, error);
  });
  const mediaType = (headerOf(answer, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return pageFiles(isCut ? '' : bytes.toString('utf8'), mediaType, answer.url.href, label);
}

/** An index that is a folder, as a mirror on a disk is. */
async function filesOfFolderPage(page: string): Promise<readonly IndexFile[] | undefined> {
  const place = fileURLToPath(new URL('index.html', page));
  try {
    return pageFiles(await readFile(place, 'utf8'), 'text/html', page, `The package index in ${place}`);
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (CodeModeError.is(error)) throw error;
    throw new InstallError(`${place} can't be read: ${reasonOf(error)}.`, { cause: error });
  }
}

function pageFiles(text: string, mediaType: string, base: string, label: string): readonly IndexFile[] {
  try {
    return parseIndexPage(text, mediaType, base);
  } catch (error) {
    if (!(error instanceof PageError)) throw error;
    throw INDEX_CALLER.failure(
      `${label} is none: ${error.message}.`,
      `Check ${INDEX_CALLER.address}: it usually ends with /simple/.`,
    );
  }
}

function statusFailure(label: string, status: number): CodeModeError {
  const reason = STATUS_CODES[status] === undefined ? '' : ` ${STATUS_CODES[status]}`;
  return INDEX_CALLER.failure(
    `${label} answered ${status}${reason}.`,
    status >= 500 || status === 429 ? 'Try again later.' : `Check ${INDEX_CALLER.address}.`,
  );
}
