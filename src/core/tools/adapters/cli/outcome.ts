import { isUtf8 } from 'node:buffer';
import { ToolFailedError } from '../../../contract/errors.ts';
import { limitHint, megabytes } from '../../resultLimit.ts';
import type { ToolPart } from '../../tool.ts';
import type { CliOutput } from './config.ts';

/** Characters of what is not JSON that its error shows. */
const SHOWN_CHARACTERS = 200;

/** What a program has printed: the beginning that was kept, and the bytes there were in all. */
export interface Printed {
  readonly kept: Uint8Array;
  readonly total: number;
}

/**
 * What a program has printed, as its definition says; undefined: text, or bytes where it is not UTF-8. Text that is too
 * long ends with a mark; anything else that is too long is worth nothing.
 *
 * @param label - how Python code names the callable, for errors
 * @param mask - takes secrets out of what an error shows
 * @throws ToolFailedError for what is too long, and for what was to be JSON and is not
 */
export function outcomeOf(
  label: string,
  { kept, total }: Printed,
  output: CliOutput | undefined,
  mask: (text: string) => string,
): ToolPart {
  const isCut = total > kept.byteLength;
  const text = isCut ? wholeCharacters(kept) : kept;
  if (output === 'text' || (output === undefined && isUtf8(text))) {
    // What is not UTF-8 becomes it, with a sign in place of what can't be read.
    const bytes = isUtf8(text) ? text : Buffer.from(Buffer.from(text).toString());
    return { type: 'utf8', bytes: isCut ? Buffer.concat([bytes, cutMark(bytes.byteLength, total)]) : bytes };
  }
  if (isCut) {
    throw new ToolFailedError(
      `${label} gave ${megabytes(total)} of output, more than the ${megabytes(kept.byteLength)} that a call may give.`,
      { hint: limitHint('Let the program print less or write it to a file') },
    );
  }
  switch (output) {
    case 'json': {
      const json = decode(kept);
      checkJson(label, json, mask);
      return { type: 'jsonUtf8', bytes: Buffer.from(json) };
    }
    case 'json_lines': {
      const lines = decode(kept)
        .split('\n')
        .filter((line) => line.trim() !== '');
      for (const line of lines) checkJson(label, line, mask);
      return { type: 'jsonUtf8', bytes: Buffer.from(`[${lines.join(',')}]`) };
    }
    default:
      return { type: 'bytes', bytes: kept };
  }
}

/** Without a character at the end that was cut in two. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  let start = bytes.byteLength - 1;
  // Bytes that go on with a character: 10xxxxxx, at most three.
  while (start > bytes.byteLength - 4 && start > 0 && (bytes[start]! & 0xc0) === 0x80) start--;
  const end = bytes.subarray(start);
  return isUtf8(end) ? bytes : bytes.subarray(0, start);
}

function cutMark(kept: number, total: number): Uint8Array {
  return Buffer.from(`\n[… the output ends here: the first ${megabytes(kept)} of ${megabytes(total)}]\n`);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** It is parsed in Python, where long integers keep their digits. */
function checkJson(label: string, text: string, mask: (text: string) => string): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    const begin = mask(text).trim().slice(0, SHOWN_CHARACTERS);
    const shown = begin === '' ? 'it is empty' : `it begins with ${JSON.stringify(begin)}`;
    throw new ToolFailedError(`The output of ${label} is to be JSON, but ${shown}.`, {
      hint: 'Give the program the option that makes it print JSON, or take `output: json` out of the tool’s file.',
      cause,
    });
  }
}
