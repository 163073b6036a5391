import type { Json, MimeBundle } from '../../core/contract/execution.ts';

/** One representation of an output, in the form that a cell keeps. */
export interface EncodedItem {
  readonly mime: string;
  readonly data: string | Uint8Array;
}

/**
 * What a MIME bundle is to a notebook cell: JSON types as JSON text, pictures as bytes (a string is base64, as
 * in the Jupyter protocol), everything else as text.
 */
export function encodeBundle(bundle: MimeBundle): EncodedItem[] {
  return Object.entries(bundle).map(([mime, value]) => ({ mime, data: encode(mime, value) }));
}

function encode(mime: string, value: Json | Uint8Array): string | Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (isJsonMime(mime)) return JSON.stringify(value);
  if (typeof value === 'string') return isPicture(mime) ? base64(value) : value;
  // The notebook format allows text as a list of lines.
  if (Array.isArray(value) && value.every((line) => typeof line === 'string')) return value.join('');
  return JSON.stringify(value);
}

function isJsonMime(mime: string): boolean {
  return /^application\/(?:.+\+)?json(?:;|$)/.test(mime);
}

function isPicture(mime: string): boolean {
  return (mime.startsWith('image/') && !mime.startsWith('image/svg')) || mime === 'application/pdf';
}

function base64(text: string): Uint8Array {
  return Buffer.from(text, 'base64');
}
