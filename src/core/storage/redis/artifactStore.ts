import { CodeModeError, UsageError } from '../../contract/errors.ts';
import type {
  ArtifactDataType,
  ArtifactDetails,
  ArtifactInfo,
  ArtifactReader,
  ArtifactStore,
  ArtifactWriter,
  RemovedArtifact,
} from '../../contract/storage.ts';
import { entryValue, type IndexEntry, indexTime, parseEntry, readAs } from '../artifactEntry.ts';
import { pythonJson } from '../pythonJson.ts';
import { ArtifactListing } from './artifactListing.ts';
import {
  COPY_EXPIRY,
  type ContentKind,
  PIECE_BYTES,
  RedisArtifactReader,
  WholeArtifactReader,
} from './artifactReader.ts';
import { asBuffer, checkValueSize, lostPieces, RedisArtifactWriter } from './artifactWriter.ts';
import type { RedisConnection } from './connection.ts';
import { artifactKey, type RedisKeys } from './keys.ts';
import { type Command, type RedisLink, RedisRefusal, type Reply, textOf } from './link.ts';
import { whichExist } from './reading.ts';
import type { TemporaryKeys } from './temporaryKeys.ts';
import type { RedisTransactions } from './transactions.ts';

/** How long a removed artifact can be brought back. */
const RESTORE_MS = 3600_000;

/** What the parts of a Redis store have in common. */
export interface RedisStoreParts {
  readonly connection: RedisConnection;
  readonly transactions: RedisTransactions;
  readonly keys: RedisKeys;
  readonly temporary: TemporaryKeys;
  readonly log: (line: string) => void;
}

/**
 * Artifacts as a key each, with an index of descriptions and metadata beside them.
 *
 * What has content is an artifact: content without an entry (py-code-mode was ended between the two) has no
 * description and is read by its name; an entry without content is not an artifact. Both are said in the log.
 */
export class RedisArtifactStore implements ArtifactStore {
  readonly #connection: RedisConnection;
  readonly #transactions: RedisTransactions;
  readonly #keys: RedisKeys;
  readonly #temporary: TemporaryKeys;
  readonly #listing: ArtifactListing;

  constructor({ connection, transactions, keys, temporary, log }: RedisStoreParts) {
    this.#connection = connection;
    this.#transactions = transactions;
    this.#keys = keys;
    this.#temporary = temporary;
    this.#listing = new ArtifactListing(keys, log);
  }

  async save(name: string, content: Uint8Array, details: ArtifactDetails): Promise<ArtifactInfo> {
    const key = this.#key(name);
    checkValueSize(name, content.length);
    const entry = newEntry(details);
    await this.#connection.run(couldNot(name, 'saved'), (link) =>
      link.transaction([['SET', key, asBuffer(content)], this.#setEntry(name, entryText(entry))]),
    );
    return this.#listing.infoOf(name, entry);
  }

  async create(name: string): Promise<ArtifactWriter> {
    this.#key(name);
    const pieces = this.#temporary.make();
    return new RedisArtifactWriter(name, pieces, this.#connection, {
      commit: (size, details) => this.#commit(name, pieces, size, details),
      drop: () => this.#temporary.drop(pieces),
    });
  }

  async load(name: string): Promise<{ content: Uint8Array; dataType: ArtifactDataType }> {
    const key = this.#key(name);
    return await this.#connection.run(couldNot(name, 'loaded'), async (link) => {
      const first = await this.#beginning(link, name);
      if (first.size <= PIECE_BYTES) return { content: first.content, dataType: first.dataType };
      const whole = await this.#ofOneVersion(link, name, [['GET', key]], first.size);
      const [content] = whole.replies;
      if (!Buffer.isBuffer(content)) throw noArtifact(name);
      return { content, dataType: kindOf(name, whole.entry).dataType };
    });
  }

  async open(name: string): Promise<ArtifactReader> {
    const key = this.#key(name);
    return await this.#connection.run(couldNot(name, 'opened'), async (link) => {
      const first = await this.#beginning(link, name);
      if (first.size <= PIECE_BYTES) return new WholeArtifactReader(first.content, first);
      const { size, entry, dataType, metadata } = first;
      const copied = await this.#openCopy(link, name, key);
      if (copied) return copied;
      const direct = {
        name,
        key,
        isCopy: false,
        indexKey: this.#keys.artifactIndex,
        close: async () => undefined,
      };
      return new RedisArtifactReader(this.#connection, { ...direct, size, entry, dataType, metadata });
    });
  }

  async list(): Promise<ArtifactInfo[]> {
    return await this.#connection.run('The artifacts could not be listed', (link) =>
      this.#listing.read(link),
    );
  }

  async sizes(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return await this.#connection.run('The sizes of the artifacts could not be read', async (link) => {
      const lengths = await Promise.all(names.map((name) => lengthOf(link, this.#keys.artifact(name))));
      const sizes = new Map<string, number>();
      const empty: string[] = [];
      names.forEach((name, at) => {
        const length = lengths[at];
        if (length) sizes.set(name, length);
        else if (length === 0) empty.push(name);
      });
      for (const name of await whichExist(link, this.#keys.artifact(''), empty)) sizes.set(name, 0);
      return sizes;
    });
  }

  async get(name: string): Promise<ArtifactInfo | undefined> {
    const key = this.#key(name);
    return await this.#connection.run(couldNot(name, 'read'), async (link) => {
      const [present, entry] = await link.inTurn([['EXISTS', key], this.#getEntry(name)]);
      if (present !== 1) return undefined;
      return this.#listing.info(name, textOf(entry));
    });
  }

  async exists(name: string): Promise<boolean> {
    const key = this.#key(name);
    return await this.#connection.run(
      couldNot(name, 'read'),
      async (link) => (await link.send(['EXISTS', key])) === 1,
    );
  }

  async rename(name: string, newName: string): Promise<ArtifactInfo> {
    const from = this.#key(name);
    const to = this.#key(newName);
    let moved: string | null = null;
    await this.#transactions.run(couldNot(name, 'renamed'), [from, to], async (link, repeated) => {
      const [present, taken, entry, newEntry] = await Promise.all([
        link.send(['EXISTS', from]),
        link.send(['EXISTS', to]),
        this.#entryText(link, name),
        this.#entryText(link, newName),
      ]);
      if (repeated && present !== 1 && taken === 1 && newEntry === moved)
        return { commands: [], result: undefined };
      if (present !== 1) throw noArtifact(name);
      if (taken === 1)
        throw new UsageError(`There is an artifact "${newName}" already.`, 'Choose another name.');
      moved = entry;
      const commands: Command[] = [['RENAME', from, to], this.#deleteEntry(name)];
      commands.push(entry === null ? this.#deleteEntry(newName) : this.#setEntry(newName, entry));
      return { commands, result: undefined };
    });
    return this.#listing.info(newName, moved);
  }

  async delete(name: string): Promise<boolean> {
    const key = this.#key(name);
    return await this.#connection.run(couldNot(name, 'deleted'), async (link, repeated) => {
      const [deleted] = (await link.freeingTransaction([['DEL', key], this.#deleteEntry(name)])) ?? [];
      // The first time may have done it already.
      return repeated || deleted === 1;
    });
  }

  async remove(name: string): Promise<RemovedArtifact | undefined> {
    const key = this.#key(name);
    const removed = this.#temporary.make();
    let entry: string | null = null;
    const present = await this.#transactions.run(couldNot(name, 'deleted'), [key], async (link, repeated) => {
      if (repeated && (await link.send(['EXISTS', removed])) === 1) return { commands: [], result: true };
      const [there, text] = await Promise.all([link.send(['EXISTS', key]), this.#entryText(link, name)]);
      if (there !== 1)
        return { commands: text === null ? [] : [this.#deleteEntry(name)], result: false, frees: true };
      entry = text;
      const commands = [
        ['RENAME', key, removed],
        ['PEXPIRE', removed, String(RESTORE_MS)],
        this.#deleteEntry(name),
      ];
      return { commands, result: true, frees: true };
    });
    if (present) return { restore: () => this.#restore(name, removed, entry) };
    this.#temporary.forget(removed);
    return undefined;
  }

  async #commit(name: string, pieces: string, size: number, details: ArtifactDetails): Promise<ArtifactInfo> {
    if (size === 0) return await this.save(name, new Uint8Array(), details);
    const key = this.#key(name);
    const entry = newEntry(details);
    const text = entryText(entry);
    await this.#transactions.run(couldNot(name, 'saved'), [pieces], async (link, repeated) => {
      if ((await link.send(['STRLEN', pieces])) === size) {
        const commands = [['RENAME', pieces, key], ['PERSIST', key], this.#setEntry(name, text)];
        return { commands, result: undefined };
      }
      if (repeated && (await this.#entryText(link, name)) === text)
        return { commands: [], result: undefined };
      throw lostPieces(name);
    });
    this.#temporary.forget(pieces);
    return this.#listing.infoOf(name, entry);
  }

  async #restore(name: string, removed: string, entry: string | null): Promise<void> {
    const key = this.#key(name);
    await this.#transactions.run(couldNot(name, 'restored'), [key, removed], async (link, repeated) => {
      const [taken, kept] = await Promise.all([link.send(['EXISTS', key]), link.send(['EXISTS', removed])]);
      if (kept !== 1) {
        if (repeated && taken === 1) return { commands: [], result: undefined };
        throw new CodeModeError('not-found', `The artifact "${name}" can no longer be brought back.`);
      }
      if (taken === 1) {
        throw new UsageError(
          `There is another artifact "${name}" by now.`,
          'Rename that one, and try again.',
        );
      }
      const commands: Command[] = [
        ['RENAME', removed, key],
        ['PERSIST', key],
      ];
      if (entry !== null) commands.push(this.#setEntry(name, entry));
      return { commands, result: undefined };
    });
    this.#temporary.forget(removed);
  }

  /** The version that is there, and as much of it as comes in one piece. */
  async #beginning(link: RedisLink, name: string) {
    const key = this.#keys.artifact(name);
    const beginning: Command = ['GETRANGE', key, '0', String(PIECE_BYTES - 1)];
    const {
      entry,
      replies: [present, size, content],
    } = await this.#ofOneVersion(link, name, [['EXISTS', key], ['STRLEN', key], beginning], PIECE_BYTES);
    if (present !== 1 || !Buffer.isBuffer(content)) throw noArtifact(name);
    return { size: Number(size), content, entry, ...kindOf(name, entry) };
  }

  /** Reads that belong together, with the index entry that belongs to them. */
  async #ofOneVersion(
    link: RedisLink,
    name: string,
    commands: readonly Command[],
    expectedBytes: number,
  ): Promise<{ entry: string | null; replies: readonly Reply[] }> {
    for (;;) {
      const getEntry = this.#getEntry(name);
      const [before, ...replies] = await link.inTurn([getEntry, ...commands, getEntry], expectedBytes);
      const entry = textOf(before);
      // Somebody may have replaced it in between.
      if (textOf(replies.pop()) === entry) return { entry, replies };
    }
  }

  /** Undefined where the server makes no copy: before 6.2, or without memory for it, or where the user may not. */
  async #openCopy(link: RedisLink, name: string, key: string): Promise<ArtifactReader | undefined> {
    const copy = this.#temporary.make();
    const close = () => this.#temporary.drop(copy);
    const version = { name, key: copy, isCopy: true, indexKey: this.#keys.artifactIndex, close };
    try {
      const [copied, , size, entry] =
        (await link.transaction([
          ['COPY', key, copy],
          ['PEXPIRE', copy, COPY_EXPIRY],
          ['STRLEN', copy],
          this.#getEntry(name),
        ])) ?? [];
      if (copied !== 1) throw noArtifact(name);
      const text = textOf(entry);
      const opened = { ...version, size: Number(size), entry: text, ...kindOf(name, text) };
      return new RedisArtifactReader(this.#connection, opened);
    } catch (error) {
      await close();
      if (error instanceof RedisRefusal) return undefined;
      throw error;
    }
  }

  #key(name: string): string {
    return artifactKey(this.#keys, name);
  }

  #setEntry(name: string, text: string): Command {
    return ['HSET', this.#keys.artifactIndex, name, text];
  }

  #getEntry(name: string): Command {
    return ['HGET', this.#keys.artifactIndex, name];
  }

  #deleteEntry(name: string): Command {
    return ['HDEL', this.#keys.artifactIndex, name];
  }

  async #entryText(link: RedisLink, name: string): Promise<string | null> {
    return textOf(await link.send(this.#getEntry(name)));
  }
}

function couldNot(name: string, done: string): string {
  return `The artifact "${name}" could not be ${done}`;
}

function noArtifact(name: string): CodeModeError {
  return new CodeModeError('not-found', `There is no artifact "${name}".`);
}

function newEntry(details: ArtifactDetails): IndexEntry {
  return { createdAt: indexTime(new Date()), ...details };
}

function entryText(entry: IndexEntry): string {
  return pythonJson(entryValue(entry));
}

function kindOf(name: string, text: string | null): ContentKind {
  const entry = text === null ? undefined : parseEntry(text);
  return { dataType: readAs(name, entry?.dataType), metadata: entry?.metadata ?? {} };
}

/** Undefined where the key holds something else than content. */
async function lengthOf(link: RedisLink, key: string): Promise<number | undefined> {
  try {
    return Number(await link.send(['STRLEN', key]));
  } catch (error) {
    if (error instanceof RedisRefusal && error.code === 'WRONGTYPE') return undefined;
    throw error;
  }
}
