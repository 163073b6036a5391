import Papa from 'papaparse';
import { CodeModeError } from '../../../core/contract/errors.ts';
import type { ByteSource } from '../../files/byteSource.ts';
import type { Cell, Column, Extent } from '../tableContent.ts';
import { inferType } from './inferType.ts';
import { type ParsedPiece, PiecedRows } from './pieces.ts';
import { MAX_COLUMNS, shorten, type TableReader } from './table.ts';

const SAMPLE_BYTES = 64 * 1024;
const SAMPLE_ROWS = 1_000;
const NUMBER = /^[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;

/** How the characters of a file are written. */
interface TextFormat {
  /** Bytes of the mark that the file begins with. */
  readonly mark: number;
  /** Bytes of a character, for those that separate rows and cells. */
  readonly width: 1 | 2;
  /** Turns bytes into as many characters, for `width` 2 into half as many. */
  readonly characters: (bytes: Buffer) => string;
  /** What a cell of such characters says. */
  readonly text: (cell: string) => string;
}

/** Opens comma- or otherwise separated values. @param delimiter undefined: found out from the first rows */
export async function openCsv(source: ByteSource, delimiter?: string): Promise<TableReader> {
  const sample = Buffer.from(await source.read(0, SAMPLE_BYTES));
  const format = textFormatOf(sample);
  const head = format.characters(evenPart(sample.subarray(format.mark), format));
  if (format.width === 1 && head.includes('\0')) {
    throw new CodeModeError('file', 'This is not a table: the file is not text.');
  }
  const newline = /\r\n|\n|\r/.exec(head)?.[0] ?? '\n';
  const config = { delimiter: delimiter ?? guessDelimiter(head, newline), newline: newline as '\n' };
  const parse = (bytes: Buffer, isLast: boolean, firstRow: number): ParsedPiece<readonly string[]> => {
    const piece = new Papa.Parser(config).parse(format.characters(evenPart(bytes, format)), 0, !isLast);
    const parsed: Papa.ParseResult<string[]> = piece;
    const rows = parsed.data.filter((row) => row.length > 1 || row[0] !== '');
    const open = parsed.errors.find(({ code }) => code === 'MissingQuotes');
    if (!open) return { rows, consumed: isLast ? bytes.length : parsed.meta.cursor * format.width };
    return {
      rows: rows.slice(0, -1),
      consumed: bytes.length,
      problem: `A quote in row ${firstRow + rows.length} is not closed.`,
    };
  };
  const table = new CsvTable(new PiecedRows(source, format.mark, parse), format);
  await table.begin();
  return table;
}

function guessDelimiter(head: string, newline: string): string {
  const config = { preview: 20, skipEmptyLines: true, newline: newline as '\n' };
  return Papa.parse(head, config).meta.delimiter || ',';
}

class CsvTable implements TableReader {
  readonly #rows: PiecedRows<readonly string[]>;
  readonly #format: TextFormat;
  /** Rows of the file before the first of the table: 1 where it names the columns. */
  #headings = 0;
  #columns: Column[] = [];
  #width = 0;

  constructor(rows: PiecedRows<readonly string[]>, format: TextFormat) {
    this.#rows = rows;
    this.#format = format;
  }

  get columns(): readonly Column[] {
    return this.#columns;
  }

  get extent(): Extent {
    const { known, isAll, problem } = this.#rows;
    return {
      rows: Math.max(0, known - this.#headings),
      isAll,
      omittedColumns: Math.max(0, this.#width - MAX_COLUMNS),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  async begin(): Promise<void> {
    const sample = await this.#rows.rows(0, SAMPLE_ROWS);
    const { problem } = this.#rows;
    if (sample.length === 0 && problem !== undefined) throw new CodeModeError('file', problem);
    const first = (sample[0] ?? []).map((cell) => this.#format.text(cell));
    // A number is no name of a column, and a single row is data.
    const hasHeadings = sample.length > 1 && !first.some((cell) => NUMBER.test(cell.trim()));
    this.#headings = hasHeadings ? 1 : 0;
    const body = sample.slice(this.#headings);
    this.#width = Math.max(0, ...sample.map(({ length }) => length));
    this.#columns = Array.from({ length: Math.min(this.#width, MAX_COLUMNS) }, (_, index) =>
      columnOf(
        hasHeadings ? (first[index] ?? '') : String(index + 1),
        body.map((row) => row[index] ?? ''),
      ),
    );
  }

  async rows(from: number, count: number): Promise<readonly (readonly Cell[])[]> {
    const rows = await this.#rows.rows(from + this.#headings, count);
    for (const { length } of rows) this.#widen(length);
    return rows.map((row) =>
      this.#columns.map((_, index) => shorten(this.#format.text(row[index] ?? '')).replace(/\r$/, '')),
    );
  }

  /** A row has more cells than those before it. */
  #widen(width: number): void {
    this.#width = Math.max(this.#width, width);
    while (this.#columns.length < Math.min(this.#width, MAX_COLUMNS)) {
      this.#columns.push({ name: String(this.#columns.length + 1), type: 'text', isNumeric: false });
    }
  }
}

function columnOf(name: string, cells: readonly string[]): Column {
  const type = inferType(cells);
  return { name, type, isNumeric: type === 'integer' || type === 'number' };
}

/** UTF-16 is known by its mark; all else is read byte by byte, since only cells need to be understood. */
function textFormatOf(sample: Buffer): TextFormat {
  const [first, second, third] = sample;
  const wide = (swapped: boolean): TextFormat => ({
    mark: 2,
    width: 2,
    characters: (bytes) => (swapped ? Buffer.from(bytes).swap16() : bytes).toString('utf16le'),
    text: (cell) => cell,
  });
  if (first === 0xff && second === 0xfe) return wide(false);
  if (first === 0xfe && second === 0xff) return wide(true);
  return {
    mark: first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0,
    width: 1,
    characters: (bytes) => bytes.toString('latin1'),
    text: textOfBytes,
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const western = new TextDecoder('windows-1252');

/** UTF-8 where it is valid, else the code page that old spreadsheets use. */
function textOfBytes(cell: string): string {
  if (!/[\u0080-\u00ff]/.test(cell)) return cell;
  const bytes = Buffer.from(cell, 'latin1');
  try {
    return utf8.decode(bytes);
  } catch {
    return western.decode(bytes);
  }
}

function evenPart(bytes: Buffer, { width }: TextFormat): Buffer {
  return bytes.subarray(0, bytes.length - (bytes.length % width));
}
