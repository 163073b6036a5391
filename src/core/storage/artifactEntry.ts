import { z } from 'zod';
import { type ArtifactDataType, ArtifactDataTypeSchema } from '../contract/storage.ts';

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

/** An entry that Python wrote as JSON; undefined for what is no object. */
export function parseEntry(text: string): IndexEntry | undefined {
  return readEntry(parsePythonJson(quoteLargeIntegers(text)));
}

/** As {@link parseEntry}, of JSON in which {@link hasLargeIntegers} found none. */
export function readEntry(value: unknown): IndexEntry | undefined {
  const entry = EntrySchema.safeParse(value).data;
  if (entry === undefined) return undefined;
  const { [DATA_TYPE_KEY]: dataType, ...metadata } = entry.metadata;
  return {
    description: entry.description,
    createdAt: entry.created_at,
    metadata,
    dataType: ArtifactDataTypeSchema.safeParse(dataType).data,
  };
}

/** The entry as it is written, with its keys in py-code-mode's order. */
export function entryValue({ description, createdAt, metadata, dataType }: IndexEntry): object {
  return {
    description,
    created_at: createdAt,
    metadata: { ...metadata, ...(dataType === undefined ? {} : { [DATA_TYPE_KEY]: dataType }) },
  };
}

/** A moment as the index keeps it: ISO 8601 with offset, as Python's `isoformat()`. */
export function indexTime(moment: Date): string {
  return moment.toISOString().replace('Z', '000+00:00');
}

/** Bytes come back as bytes, JSON and whatever is named so is parsed, the rest is text if it can be. */
export function readAs(name: string, recorded: ArtifactDataType | undefined): ArtifactDataType {
  if (recorded === 'bytes') return 'bytes';
  return recorded === 'json' || name.endsWith('.json') ? 'json' : 'text';
}

/** Python writes NaN and Infinity, which JSON has not: they become null. Undefined for what is no JSON either. */
export function parsePythonJson(text: string): unknown {
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

/** Whether a JavaScript number may round something in the text. */
export function hasLargeIntegers(text: string): boolean {
  return /\d{16}/.test(text);
}

/** Integers that a JavaScript number would round come out as their digits in text: nothing is silently wrong. */
function quoteLargeIntegers(text: string): string {
  if (!hasLargeIntegers(text)) return text;
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (part) =>
    /^-?\d+$/.test(part) && !Number.isSafeInteger(Number(part)) ? `"${part}"` : part,
  );
}
