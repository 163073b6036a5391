import { CodeModeError } from '../contract/errors.ts';
import type { ArtifactDetails, ArtifactInfo, ArtifactReader, ArtifactWriter } from '../contract/storage.ts';

/** What Python has open: an artifact that is read, or one that is written. */
type OpenArtifact =
  | { readonly kind: 'reader'; readonly artifact: ArtifactReader }
  | { readonly kind: 'writer'; readonly artifact: ArtifactWriter };

interface Entry {
  readonly open: OpenArtifact;
  /** What is done with it, one after the other: an interrupted caller goes on while the host still works. */
  last: Promise<unknown>;
  /** Why a piece could not be written. */
  failure?: unknown;
  readonly end: () => void;
  readonly lifetime: AbortSignal;
}

/**
 * The artifacts that the Python of a session has open, by number. Each is given up with the variables that its number
 * may be in; what was being written is dropped then.
 */
export class OpenArtifacts {
  readonly #entries = new Map<number, Entry>();
  #newest = 0;

  /** @param lifetime aborted when nobody can know the number any more */
  add(open: OpenArtifact, lifetime: AbortSignal): number {
    this.#newest += 1;
    const handle = this.#newest;
    const end = () => void this.close(handle).catch(() => undefined);
    this.#entries.set(handle, { open, last: Promise.resolve(), end, lifetime });
    if (lifetime.aborted) end();
    else lifetime.addEventListener('abort', end, { once: true });
    return handle;
  }

  /** Uses a reader, after what is under way with it. @throws CodeModeError `not-found` */
  read<T>(handle: number, use: (reader: ArtifactReader) => Promise<T>): Promise<T> {
    const entry = this.#get(handle);
    const { open } = entry;
    if (open.kind !== 'reader') throw notOpen(handle);
    return enqueue(entry, () => use(open.artifact));
  }

  /**
   * Adds a piece to a writer. Resolves once the piece before it is written, so that the next one can be on its way
   * meanwhile; what this one fails with is said by the next call.
   */
  async write(handle: number, piece: Uint8Array): Promise<void> {
    const entry = this.#get(handle);
    const writer = writerOf(entry, handle);
    const before = entry.last;
    entry.last = before
      .then(() => (entry.failure === undefined ? writer.write(piece) : undefined))
      .catch((error: unknown) => {
        entry.failure = error;
      });
    await before;
    if (entry.failure !== undefined) throw entry.failure;
  }

  /** Puts what was written in its place, and gives the writer up. */
  async commit(handle: number, details: ArtifactDetails): Promise<ArtifactInfo> {
    const entry = this.#get(handle);
    const writer = writerOf(entry, handle);
    try {
      return await enqueue(entry, async () => {
        if (entry.failure !== undefined) throw entry.failure;
        return await writer.commit(details);
      });
    } finally {
      await this.close(handle);
    }
  }

  /** Gives one up, after what is under way with it; nothing where it is closed already. */
  async close(handle: number): Promise<void> {
    const entry = this.#entries.get(handle);
    if (!entry) return;
    this.#entries.delete(handle);
    entry.lifetime.removeEventListener('abort', entry.end);
    await enqueue(entry, () => Promise.resolve(entry.open.artifact[Symbol.asyncDispose]()));
  }

  #get(handle: number): Entry {
    const entry = this.#entries.get(handle);
    if (!entry) throw notOpen(handle);
    return entry;
  }
}

function writerOf({ open }: Entry, handle: number): ArtifactWriter {
  if (open.kind !== 'writer') throw notOpen(handle);
  return open.artifact;
}

function enqueue<T>(entry: Entry, work: () => Promise<T>): Promise<T> {
  const result = entry.last.then(work);
  entry.last = result.catch(() => undefined);
  return result;
}

function notOpen(handle: number): CodeModeError {
  return new CodeModeError('not-found', `No artifact is open under the number ${handle}.`, {
    hint: 'It was closed, or the variables were cleared since. Open it again.',
  });
}
