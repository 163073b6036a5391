import type { Json } from '../contract/execution.ts';
import type { ToolCallableInfo } from '../contract/tools.ts';
import type { ToolArgument } from './tool.ts';

/** What stands where a secret was. */
export const MASK = '•••';

/** Names of what is a secret whatever its value: headers, parameters, variables. */
const SECRET_NAME =
  /pass(?:word|wd|phrase)?$|secret|token|api[-_]?key|authorization|credential|cookie|private[-_]?key/i;
/** `Authorization: Bearer …`, `Cookie: …` and their kin within a text. */
const SECRET_HEADER =
  /\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key|x-auth-token)(\s*[:=]\s*)[^\r\n"']+/gi;
/** The password of a URL. */
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)[^\s/@]+@/gi;

/** Characters of one text, and texts or members of one argument, that a trace keeps. */
const MAX_CHARACTERS = 2000;
const MAX_ITEMS = 50;
const MAX_DEPTH = 6;

/** Whether something of that name is a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** `text` without what looks like a secret wherever it comes from: headers that log in, passwords of URLs. */
export function maskCommonSecrets(text: string): string {
  return text.replaceAll(SECRET_HEADER, `$1$2${MASK}`).replaceAll(URL_PASSWORD, `$1${MASK}@`);
}

/**
 * The arguments of a call for people: in a trace, a log, a question.
 * @param mask - takes the secrets out of a text that are known
 */
export function presentArguments(
  given: Readonly<Record<string, ToolArgument>>,
  callable: ToolCallableInfo,
  mask: (text: string) => string,
): Record<string, Json> {
  const secret = new Set(
    callable.parameters
      .filter(({ schema, originalName }) => isSecretParameter(schema) || isSecretName(originalName))
      .map(({ originalName }) => originalName),
  );
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, secret.has(name) ? MASK : present(value, mask, 0)]),
  );
}

function isSecretParameter(schema: Readonly<Record<string, Json>>): boolean {
  return schema.format === 'password' || schema.writeOnly === true;
}

function present(value: ToolArgument, mask: (text: string) => string, depth: number): Json {
  if (typeof value === 'string')
    return shorten(maskCommonSecrets(mask(value.slice(0, 4 * MAX_CHARACTERS))), value);
  if (value instanceof Uint8Array) return `<${value.byteLength.toLocaleString('en')} bytes>`;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '…';
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item: ToolArgument) => present(item, mask, depth + 1));
    return value.length > MAX_ITEMS ? [...items, `… ${value.length - MAX_ITEMS} more`] : items;
  }
  const members = Object.entries(value as Readonly<Record<string, Json>>);
  const shown = members
    .slice(0, MAX_ITEMS)
    .map(([name, member]) => [name, isSecretName(name) ? MASK : present(member, mask, depth + 1)] as const);
  if (members.length > MAX_ITEMS) shown.push(['…', `${members.length - MAX_ITEMS} more`]);
  return Object.fromEntries(shown);
}

function shorten(shown: string, whole: string): string {
  if (shown.length <= MAX_CHARACTERS && whole.length <= 4 * MAX_CHARACTERS) return shown;
  return `${shown.slice(0, MAX_CHARACTERS)}… (${whole.length.toLocaleString('en')} characters)`;
}
