/** What can be said in Python's own form of values. */
export type Marshalled =
  | boolean
  | string
  | Uint8Array
  | readonly Marshalled[]
  | { readonly [name: string]: Marshalled };

/** A value in the form that `marshal.loads` of every Python reads, which takes it no parser of ours. */
export function encodeMarshal(value: Marshalled): Buffer {
  const pieces: Uint8Array[] = [];
  write(value, pieces);
  return Buffer.concat(pieces);
}

function write(value: Marshalled, pieces: Uint8Array[]): void {
  if (typeof value === 'boolean') pieces.push(Buffer.from(value ? 'T' : 'F'));
  else if (typeof value === 'string') pieces.push(...sized('u', Buffer.from(value)));
  else if (value instanceof Uint8Array) pieces.push(...sized('s', value));
  else if (isList(value)) {
    pieces.push(head('(', value.length));
    for (const item of value) write(item, pieces);
  } else {
    pieces.push(Buffer.from('{'));
    for (const [name, item] of Object.entries(value)) {
      write(name, pieces);
      write(item, pieces);
    }
    pieces.push(Buffer.from('0'));
  }
}

function isList(value: Marshalled): value is readonly Marshalled[] {
  return Array.isArray(value);
}

function sized(type: string, bytes: Uint8Array): [Uint8Array, Uint8Array] {
  return [head(type, bytes.byteLength), bytes];
}

function head(type: string, size: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.write(type);
  bytes.writeUInt32LE(size, 1);
  return bytes;
}
