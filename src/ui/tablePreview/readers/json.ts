import { CodeModeError } from '../../../core/contract/errors.ts';
import type { ByteSource } from '../../files/byteSource.ts';
import type { Cell, Column, Extent } from '../tableContent.ts';
import { type ParsedPiece, type ParsePiece, PiecedRows } from './pieces.ts';
import { cellOf, MAX_COLUMNS, type TableReader } from './table.ts';

type JsonRecord = ReadonlyMap<string, unknown>;
type Records = Pick<PiecedRows<JsonRecord>, 'known' | 'isAll' | 'problem' | 'rows'>;

const SAMPLE_BYTES = 64 * 1024;
const SAMPLE_ROWS = 1_000;
/** What is not a list has to be read whole. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;

/** Opens JSON that is a list of records, one record a line, or an object of columns. */
export async function openJson(source: ByteSource, kind: 'json' | 'lines'): Promise<TableReader> {
  const sample = Buffer.from(await source.read(0, SAMPLE_BYTES));
  const start = sample.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
  const begin = sample.toString('latin1').slice(start).search(/\S/);
  const first = begin < 0 ? '' : String.fromCharCode(sample[start + begin]!);
  if (kind === 'json' && first === '[') {
    return JsonTable.of(new PiecedRows(source, start + begin + 1, parseElements));
  }
  if (kind === 'lines' || first === '') return JsonTable.of(new PiecedRows(source, start, parseLines));
  if (first !== '{')
    throw new CodeModeError('file', 'This JSON is no table: it is neither a list nor an object.');
  return openObject(source, start);
}

/** A table of records whose columns come to light as they are read. */
class JsonTable implements TableReader {
  readonly #rows: Records;
  #columns = new Map<string, Column>();
  #omitted = new Set<string>();

  private constructor(rows: Records) {
    this.#rows = rows;
  }

  static async of(rows: Records): Promise<JsonTable> {
    const table = new JsonTable(rows);
    const sample = await rows.rows(0, SAMPLE_ROWS);
    if (sample.length === 0 && rows.problem !== undefined) throw new CodeModeError('file', rows.problem);
    table.#learn(sample);
    return table;
  }

  get columns(): readonly Column[] {
    return [...this.#columns.values()];
  }

  get extent(): Extent {
    const { known, isAll, problem } = this.#rows;
    return {
      rows: known,
      isAll,
      omittedColumns: this.#omitted.size,
      ...(problem === undefined ? {} : { problem }),
    };
  }

  async rows(from: number, count: number): Promise<readonly (readonly Cell[])[]> {
    const records = await this.#rows.rows(from, count);
    this.#learn(records);
    const names = [...this.#columns.keys()];
    return records.map((record) => names.map((name) => jsonCell(record.get(name))));
  }

  #learn(records: readonly JsonRecord[]): void {
    const added = new Set<string>();
    for (const record of records) {
      for (const name of record.keys()) {
        if (this.#columns.has(name) || added.has(name)) continue;
        if (this.#columns.size + added.size < MAX_COLUMNS) added.add(name);
        else this.#omitted.add(name);
      }
    }
    for (const name of added) this.#columns.set(name, columnOf(name, records));
  }
}

function jsonCell(value: unknown): Cell {
  return value instanceof OddNumber ? value.toString() : cellOf(value);
}

function columnOf(name: string, records: readonly JsonRecord[]): Column {
  const types = new Set<string>();
  for (const record of records) {
    const value = record.get(name);
    if (value !== null && value !== undefined) types.add(typeOf(value));
  }
  if (types.has('number')) types.delete('integer');
  const [type = 'null', another] = types;
  return {
    name,
    type: another === undefined ? type : 'mixed',
    isNumeric: another === undefined && (type === 'integer' || type === 'number'),
  };
}

function typeOf(value: unknown): string {
  if (value instanceof OddNumber) return value.isFinite ? 'integer' : 'number';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'string') return 'text';
  return Array.isArray(value) ? 'list' : typeof value;
}

/** A number that JavaScript's JSON does not know, as it is written: `NaN`, or one with very many digits. */
class OddNumber {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get isFinite(): boolean {
    return /\d/.test(this.#text);
  }

  toString(): string {
    return this.#text;
  }

  toJSON(): string {
    return this.#text;
  }
}

/** In which an odd number is a string that no file has. */
const ODD_MARK = '\u0000odd ';
const STRING_OR_ODD = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b|-?\b\d{16,}\b(?![.eE])/g;

/** As `JSON.parse`, and takes what Python writes beside: NaN, infinities and whole numbers of any length. */
function parseJson(text: string): unknown {
  if (!/NaN|Infinity|\d{16}/.test(text)) return JSON.parse(text);
  const marked = text.replace(STRING_OR_ODD, (found) =>
    found.startsWith('"') ? found : JSON.stringify(ODD_MARK + found),
  );
  return JSON.parse(marked, (_, value) =>
    typeof value === 'string' && value.startsWith(ODD_MARK)
      ? new OddNumber(value.slice(ODD_MARK.length))
      : value,
  );
}

function recordOf(value: unknown): JsonRecord {
  if (value === null || typeof value !== 'object' || value instanceof OddNumber) {
    return new Map([['value', value]]);
  }
  return new Map(Object.entries(value));
}

const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/** Elements of a list, from behind its bracket or a comma on. */
const parseElements: ParsePiece<JsonRecord> = (bytes, isLast, firstRow) => {
  const rows: JsonRecord[] = [];
  let start = 0;
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]!;
    if (isInString) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE) isInString = true;
    else if (OPEN.has(byte)) depth++;
    else if (CLOSE.has(byte) && depth > 0) depth--;
    else if (depth === 0 && (byte === COMMA || CLOSE.has(byte))) {
      const isEnd = byte !== COMMA;
      const text = bytes.toString('utf8', start, index).trim();
      if (text !== '' || !isEnd || firstRow + rows.length > 0) {
        const problem = addRow(rows, text, `Element ${firstRow + rows.length + 1} of the list`);
        if (problem !== undefined) return { rows, consumed: start, problem };
      }
      start = index + 1;
      if (isEnd) return { rows, consumed: start, isEnd };
    }
  }
  return isLast ? { rows, consumed: start, problem: 'The list is not closed.' } : { rows, consumed: start };
};

/** One JSON value a line. */
const parseLines: ParsePiece<JsonRecord> = (bytes, isLast, firstRow): ParsedPiece<JsonRecord> => {
  const rows: JsonRecord[] = [];
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(0x0a, start);
    if (newline < 0 && !isLast) break;
    const end = newline < 0 ? bytes.length : newline;
    const text = bytes.toString('utf8', start, end).trim();
    const problem = text === '' ? undefined : addRow(rows, text, `Record ${firstRow + rows.length + 1}`);
    if (problem !== undefined) return { rows, consumed: start, problem };
    start = end + 1;
  }
  return { rows, consumed: Math.min(start, bytes.length) };
};

function addRow(rows: JsonRecord[], text: string, what: string): string | undefined {
  try {
    rows.push(recordOf(parseJson(text)));
    return undefined;
  } catch (error) {
    return `${what} is not JSON: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

/** Opens an object: columns by name, or one that has its rows in a list. */
async function openObject(source: ByteSource, start: number): Promise<TableReader> {
  if (source.size > MAX_WHOLE_BYTES) {
    throw new CodeModeError(
      'file',
      'This JSON is an object of more than 64 MB, which is not shown as a table.',
      {
        hint: 'A list of records, or one record a line, can be of any size.',
      },
    );
  }
  const bytes = Buffer.from(await source.read(0, source.size));
  let value: unknown;
  try {
    value = parseJson(bytes.toString('utf8', start));
  } catch (error) {
    // One record a line has this ending as well.
    const lines = await JsonTable.of(new PiecedRows(source, start, parseLines)).catch(() => undefined);
    if (lines && (lines.extent.rows > 1 || lines.extent.problem === undefined)) return lines;
    throw new CodeModeError(
      'file',
      `This is not JSON: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  const records = recordsOf(value as Readonly<Record<string, unknown>>);
  if (!records) throw new CodeModeError('file', 'This JSON is an object that holds no table.');
  return JsonTable.of({
    known: records.length,
    isAll: true,
    problem: undefined,
    rows: async (from, count) => records.slice(from, from + count),
  });
}

/** The shapes in which pandas writes a frame, and an object with one list of records. */
function recordsOf(object: Readonly<Record<string, unknown>>): JsonRecord[] | undefined {
  const { columns, index, data } = object;
  if (Array.isArray(columns) && Array.isArray(data) && data.every(Array.isArray)) {
    const labels: unknown[] = Array.isArray(index) ? index : [];
    return data.map((row: unknown[], place) => {
      const cells = row.map((cell, column): [string, unknown] => [
        String(columns[column] ?? column + 1),
        cell,
      ]);
      return new Map(labels.length > 0 ? [['index', labels[place]], ...cells] : cells);
    });
  }
  const entries = Object.entries(object);
  if (entries.length === 0) return undefined;
  if (entries.every(([, column]) => Array.isArray(column) && column.every((cell) => !isObject(cell)))) {
    const lists = entries as [string, unknown[]][];
    const length = Math.max(...lists.map(([, column]) => column.length));
    return Array.from(
      { length },
      (_, place) => new Map(lists.map(([name, column]) => [name, column[place]])),
    );
  }
  if (entries.every(([, column]) => isObject(column))) {
    const labels = new Set(entries.flatMap(([, column]) => Object.keys(column as object)));
    return [...labels].map(
      (label) =>
        new Map<string, unknown>([
          ['index', label],
          ...entries.map(([name, column]): [string, unknown] => [
            name,
            (column as Readonly<Record<string, unknown>>)[label],
          ]),
        ]),
    );
  }
  const lists = entries.filter(([, part]) => Array.isArray(part) && part.length > 0 && part.every(isObject));
  return lists.length === 1 ? (lists[0]![1] as unknown[]).map(recordOf) : undefined;
}

function isObject(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof OddNumber)
  );
}
