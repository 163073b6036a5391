import { z } from 'zod';
import { type ArtifactDataType, ArtifactDataTypeSchema } from '../../contract/storage.ts';

const UNKNOWN_TIME = '1970-01-01T00:00:00+00:00';
/** Where the index says how an artifact's content is read back. */
const DATA_TYPE_KEY = '_data_type';

const EntrySchema = z.object({
  description: z.string().catch(''),
  created_at: z
    .string()
    .refine((time) => !Number.isNaN(Date.parse(time)))
    .catch(UNKNOWN_TIME),
  metadata: z.record(z.string(), z.unknown()).catch({}),
});

/** What the index says of one artifact. */
export interface IndexEntry {
  readonly description: string;
  /** ISO 8601 with offset. */
  readonly createdAt: string;
  /** Without the key that keeps the data type. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Undefined where the index does not say. */
  readonly dataType: ArtifactDataType | undefined;
}

/**
 * The index `.artifacts.json` as py-code-mode writes it. Entries that are not changed keep their very text:
 * Python's integers and NaN would not survive JavaScript, nor would keys of later versions.
 */
export class ArtifactIndex {
  /** JSON text of the entries by name. */
  readonly #entries: Map<string, string>;
  /** What {@link get} has read of them. */
  readonly #read: Map<string, IndexEntry>;
  /** Whether a part of the text could not be read; what could be is kept. */
  readonly damaged: boolean;

  private constructor(entries: Map<string, string>, damaged: boolean, read = new Map<string, IndexEntry>()) {
    this.#entries = entries;
    this.damaged = damaged;
    this.#read = read;
  }

  static empty(): ArtifactIndex {
    return new ArtifactIndex(new Map(), false);
  }

  static parse(text: string): ArtifactIndex {
    const { entries, complete } = splitObject(text.replace(/^\uFEFF/, ''));
    let damaged = !complete;
    const read = new Map<string, IndexEntry>();
    const members = complete ? objectsOf(text) : undefined;
    if (members === undefined) {
      for (const [name, entry] of entries) {
        if (isObject(parsePythonJson(entry))) continue;
        entries.delete(name);
        damaged = true;
      }
    } else if (!LARGE_INTEGER.test(text)) {
      for (const [name, member] of members) read.set(name, asEntry(member));
    }
    return new ArtifactIndex(entries, damaged, read);
  }

  /** One of its own to change, without what is damaged. */
  copy(): ArtifactIndex {
    return new ArtifactIndex(new Map(this.#entries), false, new Map(this.#read));
  }

  names(): string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  get(name: string): IndexEntry | undefined {
    let entry = this.#read.get(name);
    if (entry === undefined) {
      const text = this.#entries.get(name);
      if (text === undefined) return undefined;
      entry = asEntry(parsePythonJson(quoteLargeIntegers(text)));
      this.#read.set(name, entry);
    }
    return entry;
  }

  set(name: string, entry: IndexEntry): void {
    const { dataType } = entry;
    const value = {
      description: entry.description,
      created_at: entry.createdAt,
      metadata: { ...entry.metadata, ...(dataType === undefined ? {} : { [DATA_TYPE_KEY]: dataType }) },
    };
    this.setText(name, JSON.stringify(value, null, 2).replaceAll('\n', '\n  '));
  }

  /** The entry to the letter, as {@link setText} takes it. */
  text(name: string): string | undefined {
    return this.#entries.get(name);
  }

  setText(name: string, text: string): void {
    this.#entries.set(name, text);
    this.#read.delete(name);
  }

  delete(name: string): boolean {
    this.#read.delete(name);
    return this.#entries.delete(name);
  }

  /** The text of the file, in ASCII: py-code-mode reads it in the system's encoding, whatever that is. */
  toString(): string {
    if (this.#entries.size === 0) return '{}';
    const lines = [...this.#entries].map(([name, entry]) => `  ${JSON.stringify(name)}: ${entry}`);
    return escapeNonAscii(`{\n${lines.join(',\n')}\n}`);
  }
}

/** A moment as the index keeps it: ISO 8601 with offset, as Python's `isoformat()`. */
export function indexTime(moment: Date): string {
  return moment.toISOString().replace('Z', '000+00:00');
}

function escapeNonAscii(text: string): string {
  return text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Such as a JavaScript number would round; a safe one may have as many digits. */
const LARGE_INTEGER = /\d{16}/;

/** Integers that a JavaScript number would round come out as their digits in text: nothing is silently wrong. */
function quoteLargeIntegers(text: string): string {
  if (!LARGE_INTEGER.test(text)) return text;
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (part) =>
    /^-?\d+$/.test(part) && !Number.isSafeInteger(Number(part)) ? `"${part}"` : part,
  );
}

function asEntry(value: unknown): IndexEntry {
  const entry = EntrySchema.parse(value);
  const { [DATA_TYPE_KEY]: dataType, ...metadata } = entry.metadata;
  return {
    description: entry.description,
    createdAt: entry.created_at,
    metadata,
    dataType: ArtifactDataTypeSchema.safeParse(dataType).data,
  };
}

/** The common case, read by one parse of the whole: the members where all of them are objects. */
function objectsOf(text: string): [string, unknown][] | undefined {
  try {
    const members = Object.entries(JSON.parse(text));
    return members.every(([, value]) => isObject(value)) ? members : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Python writes NaN and Infinity, which JSON has not: they become null. Undefined for what is no JSON either. */
function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const plain = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (part) =>
      part.startsWith('"') ? part : 'null',
    );
    try {
      return JSON.parse(plain);
    } catch {
      return undefined;
    }
  }
}

/** The members of a JSON object as text, without reading the values; up to the first place that is broken. */
function splitObject(text: string): { entries: Map<string, string>; complete: boolean } {
  const entries = new Map<string, string>();
  let at = skipSpace(text, 0);
  if (text[at] !== '{') return { entries, complete: false };
  at = skipSpace(text, at + 1);
  if (text[at] === '}') return { entries, complete: skipSpace(text, at + 1) === text.length };
  for (;;) {
    const keyEnd = endOfValue(text, at);
    const key = text[at] === '"' ? parseKey(text.slice(at, keyEnd)) : undefined;
    const colon = skipSpace(text, keyEnd);
    if (key === undefined || text[colon] !== ':') return { entries, complete: false };
    const start = skipSpace(text, colon + 1);
    const end = endOfValue(text, start);
    const next = skipSpace(text, end);
    if (end === start || (text[next] !== ',' && text[next] !== '}')) return { entries, complete: false };
    entries.set(key, text.slice(start, end));
    if (text[next] === '}') return { entries, complete: skipSpace(text, next + 1) === text.length };
    at = skipSpace(text, next + 1);
  }
}

function parseKey(text: string): string | undefined {
  const key = z.string().safeParse(parsePythonJson(text));
  return key.data;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Where the value that begins at `from` ends: brackets and strings are matched, nothing else is checked. */
function endOfValue(text: string, from: number): number {
  let depth = 0;
  let at = from;
  // By code units: an index of 10,000 artifacts has more than a million.
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      if (depth === 0) return at;
      continue;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (code === COMMA || isSpace(code))) return at;
    at += 1;
  }
  return at;
}

function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return Math.min(at + 1, text.length);
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
