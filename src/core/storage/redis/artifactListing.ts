import { CodeModeError } from '../../contract/errors.ts';
import type { ArtifactInfo } from '../../contract/storage.ts';
import { type IndexEntry, parseEntry } from '../artifactEntry.ts';
import { artifactKey, type RedisKeys } from './keys.ts';
import { type RedisLink, textOf } from './link.ts';
import { namesOfContent, readHash, whichExist } from './reading.ts';

/** For what the index has lost. */
const UNINDEXED: IndexEntry = {
  description: '',
  createdAt: '1970-01-01T00:00:00+00:00',
  metadata: {},
  dataType: undefined,
};
/** Names that a line of the log shows. */
const SHOWN_NAMES = 5;

/** What was read of an entry, with its text. */
interface Known {
  readonly text: string;
  /** Undefined where the name cannot be used. */
  readonly info: ArtifactInfo | undefined;
}

/** Lists artifacts by what has content and what the index says; where the two do not agree, it is said in the log once. */
export class ArtifactListing {
  readonly #keys: RedisKeys;
  readonly #log: (line: string) => void;
  readonly #reported = new Set<string>();
  /** As they were at the last listing: most entries are the same the next time. */
  #known: ReadonlyMap<string, Known> = new Map();

  constructor(keys: RedisKeys, log: (line: string) => void) {
    this.#keys = keys;
    this.#log = log;
  }

  /** All artifacts, by name. */
  async read(link: RedisLink): Promise<ArtifactInfo[]> {
    const prefix = this.#keys.artifact('');
    const [index, content] = await Promise.all([
      readHash(link, this.#keys.artifactIndex),
      namesOfContent(link, prefix),
    ]);
    const names = [...index.keys()];
    const doubtful = content ? names.filter((name) => !content.has(name)) : names;
    const missing = new Set(doubtful);
    for (const name of await whichExist(link, prefix, doubtful)) missing.delete(name);
    this.#report(missing, 'the index names artifacts without content, which are left out');

    const known = new Map<string, Known>();
    const infos: ArtifactInfo[] = [];
    for (const [name, text] of index) {
      if (missing.has(name)) continue;
      const before = this.#known.get(name);
      const now = before?.text === text ? before : { text, info: this.#usableInfo(name, text) };
      known.set(name, now);
      if (now.info) infos.push(now.info);
    }
    this.#known = known;
    if (content) infos.push(...(await this.#unindexed(link, index, content)));
    return infos.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @param text the entry, or null where the index has none */
  info(name: string, text: string | null): ArtifactInfo {
    let entry: IndexEntry | undefined = UNINDEXED;
    if (text !== null) {
      entry = parseEntry(text);
      if (!entry) this.#report([name], 'index entries cannot be read');
    }
    return this.infoOf(name, entry ?? UNINDEXED);
  }

  infoOf(name: string, { description, metadata, createdAt }: IndexEntry): ArtifactInfo {
    return { name, path: this.#keys.artifact(name), description, metadata, created_at: createdAt };
  }

  /** What has content and no entry. */
  async #unindexed(
    link: RedisLink,
    index: ReadonlyMap<string, string>,
    content: ReadonlySet<string>,
  ): Promise<ArtifactInfo[]> {
    const names = [...content].filter((name) => !index.has(name));
    // It may have been saved, or deleted, since the index was read.
    const entries = await Promise.all(
      names.map(async (name) => textOf(await link.send(['HGET', this.#keys.artifactIndex, name]))),
    );
    const doubtful = names.filter((_, at) => entries[at] === null);
    const lost = new Set(await whichExist(link, this.#keys.artifact(''), doubtful));
    this.#report(lost, 'the index has lost artifacts, which are listed without a description');
    const present = names.flatMap((name, at): [string, string | null][] => {
      const text = entries[at] ?? null;
      return text !== null || lost.has(name) ? [[name, text]] : [];
    });
    return present.flatMap(([name, text]) => this.#usableInfo(name, text) ?? []);
  }

  /** Undefined for a name that this store cannot use; another program may have given it. */
  #usableInfo(name: string, text: string | null): ArtifactInfo | undefined {
    try {
      artifactKey(this.#keys, name);
    } catch (error) {
      this.#report([name], `an artifact is left out: ${CodeModeError.describe(error)}`);
      return undefined;
    }
    return this.info(name, text);
  }

  #report(names: Iterable<string>, line: string): void {
    const fresh = [...names].filter((name) => !this.#reported.has(name));
    if (fresh.length === 0) return;
    for (const name of fresh) this.#reported.add(name);
    const shown = fresh.slice(0, SHOWN_NAMES).map((name) => JSON.stringify(name));
    if (fresh.length > SHOWN_NAMES) shown.push(`and ${fresh.length - SHOWN_NAMES} more`);
    this.#log(`storage: ${line}: ${shown.join(', ')}`);
  }
}
