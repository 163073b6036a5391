import { randomUUID } from 'node:crypto';
import type { Message } from 'vscode-jsonrpc/node';

/** The first byte of a message with buffers; one without is JSON and begins with a brace. */
const WITH_BUFFERS = 0;
const NUMBER_BYTES = 4;
/** Those of a UUID. */
const MARK_BYTES = 36;

/**
 * A message as it crosses: JSON, and what is a Uint8Array in it as the bytes that it is. A message with such bytes
 * is: {@link WITH_BUFFERS}; the count of the buffers and the length of each (unsigned, 32 bits, big-endian); the
 * buffers; the mark by which the JSON names their places; the JSON.
 *
 * @returns its parts in order, at least one; the buffers are not copied
 */
export function encodeMessage(message: Message): readonly Uint8Array[] {
  // Looking first is a fraction of what a replacer costs for a message without bytes, as most are.
  if (!holdsBytes(message)) return [Buffer.from(JSON.stringify(message))];
  const buffers: Uint8Array[] = [];
  // New for each message, so that no text that somebody prints can be taken for it.
  const mark = randomUUID();
  const json = JSON.stringify(message, function (this: Record<string, unknown>, key: string, value: unknown) {
    // Looked at before a Buffer's own idea of JSON.
    const original = this[key];
    if (!(original instanceof Uint8Array)) return value;
    buffers.push(original);
    return `${mark}${buffers.length - 1}`;
  });
  const head = Buffer.alloc(1 + NUMBER_BYTES * (buffers.length + 1), WITH_BUFFERS);
  head.writeUInt32BE(buffers.length, 1);
  for (const [index, buffer] of buffers.entries()) head.writeUInt32BE(buffer.byteLength, placeOf(index));
  return [head, ...buffers, Buffer.from(mark + json)];
}

/** Reads what {@link encodeMessage} gives, in one piece. @throws Error for what is no such message */
export function decodeMessage(bytes: Buffer): Message {
  if (bytes[0] !== WITH_BUFFERS) return JSON.parse(bytes.toString());
  const count = bytes.readUInt32BE(1);
  let offset = placeOf(count);
  if (offset > bytes.byteLength) throw new RangeError(`${count} buffers do not fit into the message.`);
  const buffers = Array.from({ length: count }, (_, index) => {
    const end = offset + bytes.readUInt32BE(placeOf(index));
    // A copy: what it is part of holds the whole message in memory.
    const buffer = new Uint8Array(bytes.subarray(offset, end));
    offset = end;
    return buffer;
  });
  const mark = bytes.toString('latin1', offset, offset + MARK_BYTES);
  if (mark.length < MARK_BYTES) throw new RangeError('The message ends within its buffers.');
  return JSON.parse(bytes.toString('utf8', offset + MARK_BYTES), (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? buffers[Number(value.slice(MARK_BYTES))] : value,
  );
}

/** Whether there are bytes anywhere in plain data. */
function holdsBytes(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  if (data instanceof Uint8Array) return true;
  if (Array.isArray(data)) return data.some(holdsBytes);
  for (const key in data) if (holdsBytes((data as Record<string, unknown>)[key])) return true;
  return false;
}

/** Where the length of buffer `index` stands. */
function placeOf(index: number): number {
  return 1 + NUMBER_BYTES * (index + 1);
}
