import { z } from 'zod';
import {
  entryValue,
  hasLargeIntegers,
  type IndexEntry,
  parseEntry,
  parsePythonJson,
  readEntry,
} from '../artifactEntry.ts';

/**
 * The index `.artifacts.json` as py-code-mode writes it. Entries that are not changed keep their very text:
 * Python's integers and NaN would not survive JavaScript, nor would keys of later versions.
 */
export class ArtifactIndex {
  /** Whether a part of the text could not be read; what could be is kept. */
  readonly damaged: boolean;
  readonly #text: string;
  /** The entries as JSON values, where one parse of the whole has read them: the common case. */
  readonly #values: ReadonlyMap<string, unknown> | undefined;
  /** The text of each entry, split when it is first needed. */
  #texts: Map<string, string> | undefined;
  /** Those that were asked for. */
  readonly #entries: Map<string, IndexEntry>;

  private constructor(source: {
    text?: string;
    values?: ReadonlyMap<string, unknown>;
    texts?: Map<string, string>;
    damaged?: boolean;
    entries?: Map<string, IndexEntry>;
  }) {
    this.#text = source.text ?? '';
    this.#values = source.values;
    this.#texts = source.texts;
    this.damaged = source.damaged ?? false;
    this.#entries = source.entries ?? new Map();
  }

  static empty(): ArtifactIndex {
    return new ArtifactIndex({ texts: new Map() });
  }

  static parse(text: string): ArtifactIndex {
    const values = membersOf(text);
    if (values !== undefined && !hasLargeIntegers(text)) return new ArtifactIndex({ text, values });
    const { entries: texts, complete } = splitObject(text.replace(/^\uFEFF/, ''));
    let damaged = !complete;
    if (values === undefined) {
      for (const [name, entry] of texts) {
        if (isObject(parsePythonJson(entry))) continue;
        texts.delete(name);
        damaged = true;
      }
    }
    return new ArtifactIndex({ texts, damaged });
  }

  /** One of its own to change, without what is damaged. */
  copy(): ArtifactIndex {
    return new ArtifactIndex({ texts: new Map(this.#split()), entries: new Map(this.#entries) });
  }

  names(): string[] {
    return [...(this.#values ?? this.#split()).keys()];
  }

  has(name: string): boolean {
    return (this.#values ?? this.#split()).has(name);
  }

  get(name: string): IndexEntry | undefined {
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const entry = this.#values ? readEntry(this.#values.get(name)) : parseEntry(this.#texts?.get(name) ?? '');
    if (entry !== undefined) this.#entries.set(name, entry);
    return entry;
  }

  /** The entry to the letter, as {@link setText} takes it. */
  text(name: string): string | undefined {
    return this.#split().get(name);
  }

  set(name: string, entry: IndexEntry): void {
    this.setText(name, JSON.stringify(entryValue(entry), null, 2).replaceAll('\n', '\n  '));
  }

  setText(name: string, text: string): void {
    this.#entries.delete(name);
    this.#split().set(name, text);
  }

  delete(name: string): boolean {
    this.#entries.delete(name);
    return this.#split().delete(name);
  }

  /** The text of the file, in ASCII: py-code-mode reads it in the system's encoding, whatever that is. */
  toString(): string {
    const texts = this.#split();
    if (texts.size === 0) return '{}';
    const lines = Array.from(texts, ([name, entry]) => `  ${JSON.stringify(name)}: ${entry}`);
    return escapeNonAscii(`{\n${lines.join(',\n')}\n}`);
  }

  #split(): Map<string, string> {
    this.#texts ??= splitObject(this.#text).entries;
    return this.#texts;
  }
}

/** The members of an object of objects; undefined for everything else. */
function membersOf(text: string): Map<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return undefined;
    const members = Object.entries(value);
    return members.every(([, member]) => isObject(member)) ? new Map(members) : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function escapeNonAscii(text: string): string {
  return text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
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
