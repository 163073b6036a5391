import { createHash } from 'node:crypto';
import type { ProgramCall } from './commandLine.ts';

/** Bytes of input that are shown themselves; of more, how many and their digest. */
const SHOWN_INPUT_BYTES = 2_000;
const DIGEST_CHARACTERS = 32;

const PLAIN = /^[\w@%+=:,./-]+$/u;
/** What can't be seen, or changes how the rest is seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/u;

/**
 * A call as a person would type it in a shell, to be read and never to be run: another program, argument, input or
 * variable always gives another text.
 *
 * @param env - as the definition has it: what is to be filled stays `${NAME}`
 */
export function shownCommand(call: ProgramCall, env: Readonly<Record<string, string>>): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
  const words = [call.command, ...call.args].map(quoted);
  return [...variables, ...words, ...shownInput(call.stdin)].join(' ');
}

function quoted(word: string): string {
  if (PLAIN.test(word)) return word;
  if (!UNSEEN.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  const escaped = Array.from(word, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    if (character === '\\' || character === "'") return `\\${character}`;
    return UNSEEN.test(character)
      ? `\\U${character.codePointAt(0)!.toString(16).padStart(8, '0')}`
      : character;
  });
  return `$'${escaped.join('')}'`;
}

function shownInput(stdin: Uint8Array | undefined): string[] {
  if (!stdin) return [];
  const text = stdin.byteLength <= SHOWN_INPUT_BYTES ? decoded(stdin) : undefined;
  if (text !== undefined) return ['<<<', quoted(text)];
  const digest = createHash('sha256').update(stdin).digest('hex').slice(0, DIGEST_CHARACTERS);
  return ['<', `(${stdin.byteLength} bytes, SHA-256 ${digest})`];
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
