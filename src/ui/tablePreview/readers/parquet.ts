import zlib from 'node:zlib';
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  type ParquetParsers,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type SchemaElement,
} from 'hyparquet';
import { CodeModeError } from '../../../core/contract/errors.ts';
import type { ByteSource } from '../../files/byteSource.ts';
import type { Cell, Column, Extent } from '../tableContent.ts';
import { formatTime } from './npy.ts';
import { cellOf, MAX_COLUMNS, type TableReader } from './table.ts';

/** Rows that are read at once, and kept. */
const BLOCK_ROWS = 1_000;
const KEPT_BLOCKS = 4;
/** Bytes that the shown columns of one row group may take: they are read whole where the file has no index. */
const MAX_GROUP_BYTES = 256 * 1024 * 1024;

const NUMERIC = /^(?:int|uint|float|double|decimal)/;

/** Only newer versions of Node have it. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (input: Uint8Array) => Uint8Array };

const compressors: Compressors = {
  GZIP: (input) => new Uint8Array(zlib.gunzipSync(input)),
  BROTLI: (input) => new Uint8Array(zlib.brotliDecompressSync(input)),
  ...(zstdDecompressSync === undefined
    ? {}
    : { ZSTD: (input: Uint8Array) => new Uint8Array(zstdDecompressSync(input)) }),
};
const READABLE = new Set(['UNCOMPRESSED', 'SNAPPY', ...Object.keys(compressors)]);

/** Moments as text: JavaScript's dates have no micro- and nanoseconds. */
const parsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (millis) => formatTime(millis * 1_000_000n),
  timestampFromMicroseconds: (micros) => formatTime(micros * 1_000n),
  timestampFromNanoseconds: (nanos) => formatTime(nanos),
  dateFromDays: (days) => formatTime(BigInt(days) * 86_400_000_000_000n).slice(0, 10),
};

/** Opens a Parquet file. */
export async function openParquet(source: ByteSource): Promise<TableReader> {
  const file: AsyncBuffer = {
    byteLength: source.size,
    slice: async (start, end = source.size) => {
      const bytes = await source.read(start, end - start);
      return bytes.slice().buffer;
    },
  };
  const metadata = await parquetMetadataAsync(file).catch((error: unknown) => {
    throw brokenParquet(error);
  });
  for (const { columns } of metadata.row_groups) {
    const codec = columns
      .map(({ meta_data }) => meta_data?.codec)
      .find((name) => name && !READABLE.has(name));
    if (codec) {
      throw new CodeModeError(
        'file',
        `This file is compressed with ${codec}, which the table preview does not read.`,
        {
          hint: 'Write it with the compression snappy, gzip or brotli to look at it here.',
        },
      );
    }
  }
  return new ParquetTable(file, metadata);
}

class ParquetTable implements TableReader {
  readonly #file: AsyncBuffer;
  readonly #metadata: FileMetaData;
  readonly #blocks = new Map<number, Promise<readonly (readonly Cell[])[]>>();
  readonly columns: readonly Column[];
  readonly extent: Extent;

  constructor(file: AsyncBuffer, metadata: FileMetaData) {
    this.#file = file;
    this.#metadata = metadata;
    const all = parquetSchema(metadata).children.map(({ element }) => columnOf(element));
    this.columns = all.slice(0, affordable(metadata, all));
    this.extent = {
      rows: Number(metadata.num_rows),
      isAll: true,
      omittedColumns: all.length - this.columns.length,
    };
  }

  async rows(from: number, count: number): Promise<readonly (readonly Cell[])[]> {
    const rows: (readonly Cell[])[] = [];
    const end = Math.min(from + count, this.extent.rows);
    for (let row = from; row < end; ) {
      const block = Math.floor(row / BLOCK_ROWS);
      const start = block * BLOCK_ROWS;
      const part = (await this.#block(block)).slice(row - start, end - start);
      if (part.length === 0) break;
      rows.push(...part);
      row += part.length;
    }
    return rows;
  }

  #block(block: number): Promise<readonly (readonly Cell[])[]> {
    const found = this.#blocks.get(block) ?? this.#read(block);
    this.#blocks.delete(block);
    this.#blocks.set(block, found);
    found.catch(() => this.#blocks.delete(block));
    const oldest = this.#blocks.keys().next();
    if (this.#blocks.size > KEPT_BLOCKS && !oldest.done) this.#blocks.delete(oldest.value);
    return found;
  }

  async #read(block: number): Promise<readonly (readonly Cell[])[]> {
    const names = this.columns.map(({ name }) => name);
    try {
      const rows = await parquetReadObjects({
        file: this.#file,
        metadata: this.#metadata,
        columns: names,
        rowStart: block * BLOCK_ROWS,
        rowEnd: Math.min((block + 1) * BLOCK_ROWS, this.extent.rows),
        useOffsetIndex: true,
        compressors,
        parsers,
      });
      return rows.map((row) => names.map((name) => cellOf(row[name] ?? null)));
    } catch (error) {
      throw brokenParquet(error);
    }
  }
}

/** How many of the columns can be shown: many, and large ones, are too much to read at once. */
function affordable(metadata: FileMetaData, columns: readonly Column[]): number {
  const most = new Map<string, number>();
  for (const group of metadata.row_groups) {
    const sizes = new Map<string, number>();
    for (const { meta_data } of group.columns) {
      const name = meta_data?.path_in_schema[0] ?? '';
      sizes.set(name, (sizes.get(name) ?? 0) + Number(meta_data?.total_compressed_size ?? 0));
    }
    for (const [name, size] of sizes) most.set(name, Math.max(size, most.get(name) ?? 0));
  }
  let bytes = 0;
  let count = 0;
  for (const { name } of columns.slice(0, MAX_COLUMNS)) {
    bytes += most.get(name) ?? 0;
    if (count > 0 && bytes > MAX_GROUP_BYTES) break;
    count++;
  }
  return count;
}

function columnOf(element: SchemaElement): Column {
  const type = typeOf(element);
  return { name: element.name, type, isNumeric: NUMERIC.test(type) };
}

function typeOf({ type, converted_type, logical_type, num_children }: SchemaElement): string {
  const logical = logical_type?.type;
  if (logical === 'INTEGER') return `${logical_type.isSigned ? 'int' : 'uint'}${logical_type.bitWidth}`;
  const name = logical ?? converted_type ?? type ?? (num_children ? 'STRUCT' : 'unknown');
  if (/^(?:U?INT_\d+|INT\d+)$/.test(name)) return name.toLowerCase().replace('_', '');
  if (name === 'STRING' || name === 'UTF8') return 'text';
  if (name === 'FLOAT') return 'float32';
  if (name === 'DOUBLE') return 'float64';
  if (name === 'BYTE_ARRAY' || name === 'FIXED_LEN_BYTE_ARRAY') return 'bytes';
  return name.toLowerCase().replace(/_(?:millis|micros)$/, '');
}

function brokenParquet(error: unknown): CodeModeError {
  if (CodeModeError.is(error)) return error;
  const reason = (error instanceof Error ? error.message : String(error)).replace(/^parquet /, '');
  return new CodeModeError('file', `This Parquet file cannot be read: ${reason}.`, { cause: error });
}
