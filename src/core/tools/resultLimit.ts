import type { ToolPart } from './tool.ts';

/** Bytes of one part of a result: of text in UTF-8, of JSON as text. */
export function sizeOfPart(part: ToolPart): number {
  switch (part.type) {
    case 'text':
      return Buffer.byteLength(part.text);
    case 'json':
      return part.value === null ? 0 : Buffer.byteLength(JSON.stringify(part.value));
    case 'utf8':
    case 'jsonUtf8':
    case 'bytes':
      return part.bytes.byteLength;
  }
}

/** An amount of bytes for people. A megabyte is a million bytes. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: bytes < 1e6 ? 3 : 1 })} MB`;
}

/** What to do about a result that is too large. @param instead - such as `Ask for less` */
export function limitHint(instead: string): string {
  return `${instead}, or raise the setting codeMode.tools.outputLimit.`;
}
