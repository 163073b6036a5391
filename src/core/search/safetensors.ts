import { z } from 'zod';

const TensorSchema = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});
const HeaderSchema = z.record(z.string(), z.unknown());

/** Numbers in rows and columns; a list is one column. */
export interface Tensor {
  readonly rows: number;
  readonly columns: number;
  /** Undefined outside. */
  at(row: number, column: number): number | undefined;
}

/** Bytes of a number, and how one is read. */
const READERS = new Map<string, [number, (data: DataView, offset: number) => number]>([
  ['F64', [8, (data, offset) => data.getFloat64(offset, true)]],
  ['F32', [4, (data, offset) => data.getFloat32(offset, true)]],
  ['F16', [2, (data, offset) => halfToNumber(data.getUint16(offset, true))]],
  ['I8', [1, (data, offset) => data.getInt8(offset)]],
  ['I32', [4, (data, offset) => data.getInt32(offset, true)]],
  ['I64', [8, (data, offset) => Number(data.getBigInt64(offset, true))]],
]);

/**
 * The tensors of a file in the safetensors format, by name; those of more dimensions than two or of other kinds of
 * numbers are left out.
 * @throws Error where it is not such a file
 */
export function readSafetensors(file: Uint8Array): ReadonlyMap<string, Tensor> {
  const data = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerEnd = data.byteLength >= 8 ? 8 + Number(data.getBigUint64(0, true)) : Number.POSITIVE_INFINITY;
  if (headerEnd > data.byteLength) throw new Error('it is cut off');
  const header = HeaderSchema.parse(JSON.parse(new TextDecoder().decode(file.subarray(8, headerEnd))));
  const tensors = new Map<string, Tensor>();
  for (const [name, description] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, data_offsets: offsets } = TensorSchema.parse(description);
    const reader = READERS.get(dtype);
    const [rows, columns = 1, ...more] = shape;
    if (!reader || rows === undefined || more.length > 0) continue;
    const [size, read] = reader;
    const start = headerEnd + offsets[0];
    if (offsets[1] - offsets[0] !== rows * columns * size || headerEnd + offsets[1] > data.byteLength) {
      throw new Error(`its tensor "${name}" is not whole`);
    }
    const at = (row: number, column: number) =>
      row >= 0 && row < rows && column >= 0 && column < columns
        ? read(data, start + (row * columns + column) * size)
        : undefined;
    tensors.set(name, { rows, columns, at });
  }
  return tensors;
}

/** A number of 16 bits (IEEE 754 half precision). */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
