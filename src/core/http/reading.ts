import { once } from 'node:events';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import type { HttpCaller } from './caller.ts';
import { type HttpAnswer, headerOf } from './exchange.ts';

/** Encodings of what is sent, as a request asks for them. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br';
/** More than one after the other is unusual, and many are an attack. */
const MAX_ENCODINGS = 3;

/** A body, or its beginning. */
export interface ReadBody {
  readonly bytes: Buffer;
  /** Whether there is more; the connection is closed then. */
  readonly isCut: boolean;
}

/**
 * Reads and decodes a body up to `limit` bytes.
 * @throws the caller's failure for an encoding that is not known; what the system says where the connection is lost
 */
export async function readBody(answer: HttpAnswer, limit: number, caller: HttpCaller): Promise<ReadBody> {
  const source = await decoded(answer, caller);
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop destroys what is read from.
  for await (const chunk of source as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) return { bytes: Buffer.concat(chunks).subarray(0, limit), isCut: true };
  }
  return { bytes: Buffer.concat(chunks), isCut: false };
}

async function decoded(answer: HttpAnswer, caller: HttpCaller): Promise<Readable> {
  const { body, status } = answer;
  const encodings = (headerOf(answer, 'content-encoding') ?? '')
    .toLowerCase()
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== '' && encoding !== 'identity');
  if (encodings.length === 0 || status === 204) return body;
  let source: Readable = body;
  for (const encoding of encodings.reverse()) {
    const decoder = encodings.length > MAX_ENCODINGS ? undefined : await decoderFor(encoding, source);
    if (!decoder) {
      body.destroy();
      throw caller.failure(
        `The answer is encoded as ${JSON.stringify(encoding)}, which is not known here.`,
        `These are: ${ACCEPTED_ENCODINGS}.`,
      );
    }
    // An error of the one is an error of the other, which is read from.
    pipeline(source, decoder, () => undefined);
    source = decoder;
  }
  return source;
}

async function decoderFor(encoding: string, source: Readable): Promise<Transform | undefined> {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'deflate':
      // Some send it without the header that the standard asks for.
      return (await hasZlibHeader(source)) ? createInflate() : createInflateRaw();
    default:
      return undefined;
  }
}

async function hasZlibHeader(source: Readable): Promise<boolean> {
  if (source.readableLength === 0 && !source.readableEnded) await once(source, 'readable');
  const first: Buffer | null = source.read();
  if (first === null) return true;
  source.unshift(first);
  return ((first[0] ?? 0) & 0x0f) === 8;
}
