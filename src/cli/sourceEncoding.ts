import { TextDecoder } from 'node:util';
import { CodeModeError } from '../core/contract/errors.ts';

/** PEP 263: the declaration, in a comment of one of the first two lines. */
const DECLARATION = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/;
const BLANK_OR_COMMENT = /^[ \t\f]*(?:#.*)?$/;
const HINT = 'Save the file as UTF-8, or declare its encoding in the first line: # -*- coding: latin-1 -*-';

/**
 * Decodes Python source as Python does: UTF-8 unless a byte order mark or a declaration (PEP 263) says else.
 *
 * @param name what an error calls the source, such as its path
 * @throws CodeModeError `file`, where Python would raise a SyntaxError
 */
export function decodePythonSource(bytes: Uint8Array, name: string): string {
  const declared = declaredEncoding(bytes);
  if (hasUtf8Mark(bytes)) {
    if (declared && !isUtf8(declared)) {
      throw new CodeModeError(
        'file',
        `${name} starts with a UTF-8 byte order mark but declares the encoding "${declared}".`,
        { hint: 'Remove one of the two.' },
      );
    }
    return decodeUtf8(bytes.subarray(3), name);
  }
  if (hasUtf16Mark(bytes)) {
    throw new CodeModeError('file', `${name} is UTF-16, which Python does not read.`, { hint: HINT });
  }
  if (!declared || isUtf8(declared)) return decodeUtf8(bytes, name);
  return decodeAs(bytes, declared, name);
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const start = hasUtf8Mark(bytes) ? 3 : 0;
  // Two lines are enough, and Latin-1 gives every byte some character.
  const lines = Buffer.from(bytes.subarray(start, start + 4096))
    .toString('latin1')
    .split(/\r\n|\r|\n/, 2);
  const first = lines[0]?.match(DECLARATION)?.[1];
  if (first) return first;
  return BLANK_OR_COMMENT.test(lines[0] ?? '') ? lines[1]?.match(DECLARATION)?.[1] : undefined;
}

function hasUtf8Mark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function hasUtf16Mark(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

function isUtf8(encoding: string): boolean {
  return /^(?:utf-?8(?:-sig)?|u8|cp65001)$/.test(encoding.toLowerCase().replaceAll('_', '-'));
}

function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    // A byte order mark in the middle of the text is text; the one at the start is already gone.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new CodeModeError(
      'file',
      `${name} is not valid UTF-8 (line ${firstBadLine(bytes)}) and declares no encoding.`,
      {
        hint: HINT,
        cause: error,
      },
    );
  }
}

function firstBadLine(bytes: Uint8Array): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end;
  }
  return line;
}

function decodeAs(bytes: Uint8Array, encoding: string, name: string): string {
  const label = encoding.toLowerCase().replaceAll('_', '-');
  // The web's "latin1" is windows-1252, Python's is not.
  if (/^(?:latin-?1|iso-?8859-1|l1|8859|cp819)$/.test(label)) return Buffer.from(bytes).toString('latin1');
  if (/^(?:us-)?ascii$/.test(label) || label === '646') return decodeAscii(bytes, name);
  if (/^(?:cp|windows-?)1252$/.test(label)) return decodeWindows1252(bytes, name);
  let decoder: TextDecoder;
  try {
    decoder = decoderFor(label);
  } catch (error) {
    throw new CodeModeError('file', `${name} declares the encoding "${encoding}", which is not known here.`, {
      hint: 'Save the file as UTF-8 and remove the declaration.',
      cause: error,
    });
  }
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw new CodeModeError('file', `${name} declares the encoding "${encoding}" but is not written in it.`, {
      hint: HINT,
      cause: error,
    });
  }
}

/** What windows-1252 has between 0x80 and 0x9f; a space where it has nothing. */
const WINDOWS_1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

/** By hand: the TextDecoder of Node 20 and 22 takes windows-1252 for Latin-1. */
function decodeWindows1252(bytes: Uint8Array, name: string): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (character) => {
      const found = WINDOWS_1252[character.charCodeAt(0) - 0x80]!;
      if (found !== ' ') return found;
      throw new CodeModeError('file', `${name} declares the encoding "cp1252" but is not written in it.`, {
        hint: HINT,
      });
    });
}

/** Python joins words of an encoding's name with `_` or `-`, the web with either, differently for each name. */
function decoderFor(label: string): TextDecoder {
  try {
    return new TextDecoder(label, { fatal: true });
  } catch {
    return new TextDecoder(label.replaceAll('-', '_'), { fatal: true });
  }
}

function decodeAscii(bytes: Uint8Array, name: string): string {
  if (bytes.some((byte) => byte > 0x7f)) {
    throw new CodeModeError('file', `${name} declares the encoding "ascii" but has other characters.`, {
      hint: HINT,
    });
  }
  return Buffer.from(bytes).toString('latin1');
}
