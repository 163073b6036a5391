import { CodeModeError } from '../../../core/contract/errors.ts';
import type { ByteSource } from '../../files/byteSource.ts';
import type { Cell, Column, Extent } from '../tableContent.ts';
import { MAX_COLUMNS, shorten, type TableReader } from './table.ts';

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');
const MAX_HEADER = 1024 * 1024;

/** Reads one value of an array's type. */
interface ValueType {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly isNumeric: boolean;
  readonly read: (view: DataView, offset: number) => string;
}

/** A column: a value of each row, at an offset within it. */
interface Field {
  readonly column: Column;
  readonly type: ValueType;
  readonly offset: number;
}

/** Opens an array of NumPy with one or two dimensions. */
export async function openNpy(source: ByteSource): Promise<TableReader> {
  const { dtype, isFortran, shape, start } = await readHeader(source);
  if (shape.length > 2) {
    const size = shape.join(' × ');
    throw new CodeModeError('file', `This array has ${shape.length} dimensions (${size}); tables have two.`);
  }
  const [rows = 1, width = 1] = shape;
  const fields = fieldsOf(dtype);
  const itemSize = fields.itemSize;
  const end = start + rows * width * itemSize;
  if (source.size < end) {
    throw new CodeModeError('file', `This array is cut off: ${end.toLocaleString()} bytes are expected.`);
  }
  // Of a structured array the fields are the columns, else the second dimension.
  const isStructured = fields.isStructured;
  if (isStructured && shape.length > 1) {
    throw new CodeModeError('file', 'A structured array of two dimensions is not shown as a table.');
  }
  const columnCount = isStructured ? fields.list.length : width;
  const shown = Math.min(columnCount, MAX_COLUMNS);
  const only = fields.list[0];
  const columns: Field[] = isStructured
    ? fields.list.slice(0, shown)
    : Array.from({ length: shown }, (_, index) => ({
        type: only!.type,
        offset: index * itemSize,
        column: { ...only!.column, name: shape.length < 2 ? 'value' : String(index) },
      }));
  const extent = { rows, isAll: true, omittedColumns: columnCount - shown };
  if (isFortran && shape.length === 2) return columnWise(source, start, columns, extent);
  return rowWise(source, start, columns, extent, isStructured ? itemSize : width * itemSize);
}

function rowWise(
  source: ByteSource,
  start: number,
  fields: readonly Field[],
  extent: Extent,
  rowSize: number,
): TableReader {
  return {
    columns: fields.map(({ column }) => column),
    extent,
    rows: async (from, wanted) => {
      const count = Math.max(0, Math.min(wanted, extent.rows - from));
      // What is read of a row ends with the last column that is shown.
      const used = Math.max(0, ...fields.map(({ type, offset }) => offset + type.size));
      const rows: Cell[][] = [];
      const read = (view: DataView, at: number) =>
        fields.map(({ type, offset }) => shorten(type.read(view, at + offset)));
      if (used * 2 < rowSize) {
        for (let row = from; row < from + count; row++) {
          rows.push(read(await viewOf(source, start + row * rowSize, used), 0));
        }
        return rows;
      }
      const view = await viewOf(source, start + from * rowSize, count * rowSize);
      for (let row = 0; row < count; row++) rows.push(read(view, row * rowSize));
      return rows;
    },
  };
}

/** In Fortran's order a column lies in one piece, not a row. */
function columnWise(
  source: ByteSource,
  start: number,
  fields: readonly Field[],
  extent: Extent,
): TableReader {
  return {
    columns: fields.map(({ column }) => column),
    extent,
    rows: async (from, wanted) => {
      const count = Math.max(0, Math.min(wanted, extent.rows - from));
      const columns: Cell[][] = [];
      for (const [index, { type }] of fields.entries()) {
        const at = start + (index * extent.rows + from) * type.size;
        const view = await viewOf(source, at, count * type.size);
        columns.push(Array.from({ length: count }, (_, row) => shorten(type.read(view, row * type.size))));
      }
      return Array.from({ length: count }, (_, row) => columns.map((column) => column[row]!));
    },
  };
}

async function viewOf(source: ByteSource, position: number, length: number): Promise<DataView> {
  const bytes = await source.read(position, length);
  if (bytes.length < length) {
    throw new CodeModeError('file', 'The file became shorter while it was read.', { hint: 'Open it anew.' });
  }
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

interface Header {
  /** The type as the header writes it. */
  readonly dtype: string;
  readonly isFortran: boolean;
  readonly shape: readonly number[];
  /** The byte that the values begin at. */
  readonly start: number;
}

async function readHeader(source: ByteSource): Promise<Header> {
  const broken = (why: string) => new CodeModeError('file', `This is no array of NumPy: ${why}.`);
  const lead = Buffer.from(await source.read(0, 12));
  if (lead.length < 12 || !lead.subarray(0, 6).equals(MAGIC)) throw broken('it does not begin as one');
  const isLong = lead[6]! > 1;
  const length = isLong ? lead.readUInt32LE(8) : lead.readUInt16LE(8);
  const at = isLong ? 12 : 10;
  if (length > MAX_HEADER) throw broken('its header is too long');
  const header = Buffer.from(await source.read(at, length)).toString('utf8');
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(header)?.[1];
  const dtype = /'descr'\s*:\s*('[^']*'|\[.*?\])\s*,\s*'(?:fortran_order|shape)'/s.exec(header)?.[1];
  if (order === undefined || shape === undefined || dtype === undefined)
    throw broken('its header is damaged');
  const sizes = shape.split(',').flatMap((part) => (part.trim() === '' ? [] : [Number.parseInt(part, 10)]));
  if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 0)) throw broken('its shape is damaged');
  return { dtype, isFortran: order === 'True', shape: sizes, start: at + length };
}

interface Fields {
  readonly list: readonly Field[];
  readonly itemSize: number;
  readonly isStructured: boolean;
}

function fieldsOf(dtype: string): Fields {
  if (dtype.startsWith("'")) {
    const type = valueType(dtype.slice(1, -1));
    const column = { name: 'value', type: type.name, isNumeric: type.isNumeric };
    return { list: [{ type, offset: 0, column }], itemSize: type.size, isStructured: false };
  }
  const list: Field[] = [];
  let offset = 0;
  const written = /\(\s*'([^']*)'\s*,\s*'([^']*)'\s*\)/g;
  const rest = dtype.slice(1, -1).replace(written, (_, name: string, descr: string) => {
    const type = valueType(descr);
    // A field without a name is what pads the others.
    if (!(name === '' && descr.includes('V'))) {
      list.push({ type, offset, column: { name, type: type.name, isNumeric: type.isNumeric } });
    }
    offset += type.size;
    return '';
  });
  if (!/^[\s,]*$/.test(rest) || list.length === 0) throw notShown(dtype);
  return { list, itemSize: offset, isStructured: true };
}

function notShown(dtype: string): CodeModeError {
  return new CodeModeError('file', `Arrays of the type ${dtype} are not shown as a table.`);
}

/** @param descr such as `<f8`: byte order, kind, and size in bytes or characters */
function valueType(descr: string): ValueType {
  const [, order, kind = '', digits = '', unit] =
    /^([<>|=]?)([a-zA-Z?])(\d*)(?:\[(.*)\])?$/.exec(descr) ?? [];
  const size = Number(digits || '1');
  const little = order !== '>';
  const number = (name: string, read: (view: DataView, at: number) => number | bigint): ValueType => ({
    name,
    size,
    isNumeric: true,
    read: (view, at) => String(read(view, at)),
  });
  switch (`${kind}${digits}`) {
    case 'b1':
    case '?':
      return { name: 'bool', size: 1, isNumeric: false, read: (view, at) => String(view.getUint8(at) !== 0) };
    case 'i1':
      return number('int8', (view, at) => view.getInt8(at));
    case 'i2':
      return number('int16', (view, at) => view.getInt16(at, little));
    case 'i4':
      return number('int32', (view, at) => view.getInt32(at, little));
    case 'i8':
      return number('int64', (view, at) => view.getBigInt64(at, little));
    case 'u1':
      return number('uint8', (view, at) => view.getUint8(at));
    case 'u2':
      return number('uint16', (view, at) => view.getUint16(at, little));
    case 'u4':
      return number('uint32', (view, at) => view.getUint32(at, little));
    case 'u8':
      return number('uint64', (view, at) => view.getBigUint64(at, little));
    case 'f2':
      return number('float16', (view, at) => halfFloat(view.getUint16(at, little)));
    case 'f4':
      // As few digits as tell it from its neighbours.
      return number('float32', (view, at) => shortest(view.getFloat32(at, little)));
    case 'f8':
      return number('float64', (view, at) => view.getFloat64(at, little));
    case 'c8':
      return complex('complex64', 8, (view, at) => shortest(view.getFloat32(at, little)));
    case 'c16':
      return complex('complex128', 16, (view, at) => view.getFloat64(at, little));
    case 'M8':
      return {
        name: `datetime64[${unit ?? ''}]`,
        size,
        isNumeric: false,
        read: (view, at) => momentOf(view.getBigInt64(at, little), unit ?? ''),
      };
    case 'm8':
      return number(`timedelta64[${unit ?? ''}]`, (view, at) => view.getBigInt64(at, little));
  }
  const text = (name: string, bytes: number, read: ValueType['read']): ValueType => ({
    name,
    size: bytes,
    isNumeric: false,
    read,
  });
  if (kind === 'U') return text('text', size * 4, (view, at) => codePoints(view, at, size, little));
  if (kind === 'S' || kind === 'a') return text('bytes', size, (view, at) => latin(view, at, size));
  if (kind === 'V') return text('void', size, () => '');
  if (kind === 'O') {
    throw new CodeModeError(
      'file',
      'This array holds Python objects, which are read by unpickling them: that runs code.',
    );
  }
  throw notShown(descr);
}

function complex(name: string, size: number, part: (view: DataView, at: number) => number): ValueType {
  const read = (view: DataView, at: number) => {
    const imaginary = part(view, at + size / 2);
    const sign = imaginary < 0 || Object.is(imaginary, -0) ? '-' : '+';
    return `${part(view, at)}${sign}${Math.abs(imaginary)}j`;
  };
  return { name, size, isNumeric: true, read };
}

function shortest(value: number): number {
  for (let digits = 6; digits < 10; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return value;
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  const value = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return sign * Number(value.toPrecision(4));
}

function codePoints(view: DataView, at: number, length: number, little: boolean): string {
  let text = '';
  for (let index = 0; index < length; index++) {
    const point = view.getUint32(at + index * 4, little);
    if (point === 0 || point > 0x10ffff) break;
    text += String.fromCodePoint(point);
  }
  return text;
}

function latin(view: DataView, at: number, length: number): string {
  return Buffer.from(view.buffer, view.byteOffset + at, length)
    .toString('latin1')
    .replace(/\0+$/, '');
}

/** Nanoseconds in the units whose length does not change. */
const NANOSECONDS = new Map<string, bigint>([
  ['ns', 1n],
  ['us', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['D', 86_400_000_000_000n],
  ['W', 604_800_000_000_000n],
]);
const NOT_A_TIME = -(2n ** 63n);

function momentOf(value: bigint, unit: string): string {
  if (value === NOT_A_TIME) return 'NaT';
  if (unit === 'Y') return String(1970n + value);
  const nanoseconds = NANOSECONDS.get(unit);
  if (nanoseconds === undefined) return `${value} ${unit}`;
  const time = formatTime(value * nanoseconds);
  return unit === 'D' || unit === 'W' ? time.slice(0, 10) : time;
}

/** A moment as ISO 8601 with as many digits as it needs, without a zone. @param nanoseconds since 1970 */
export function formatTime(nanoseconds: bigint): string {
  const seconds = nanoseconds / 1_000_000_000n - (nanoseconds % 1_000_000_000n < 0n ? 1n : 0n);
  const fraction = nanoseconds - seconds * 1_000_000_000n;
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return `${nanoseconds} ns`;
  const digits = fraction === 0n ? '' : `.${String(fraction).padStart(9, '0').replace(/0+$/, '')}`;
  return date.toISOString().slice(0, -5) + digits;
}
