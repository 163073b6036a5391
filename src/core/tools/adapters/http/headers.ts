import { ToolArgumentsError } from '../../../contract/errors.ts';
import { ACCEPTED_ENCODINGS } from '../../../http/reading.ts';
import type { Operation } from './operation.ts';
import { encodedPairs, headerText } from './styles.ts';
import { type Arguments, argumentFor } from './target.ts';

const SET_BY_CLIENT = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether HTTP allows `name` as a header's name. */
export function isHeaderName(name: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name);
}

/** Whether it says how the message is sent, which only the client knows. */
export function isSetByClient(name: string): boolean {
  return SET_BY_CLIENT.has(name.toLowerCase());
}

/**
 * Whether a header can have this value: no line breaks, with which it could become several, and Latin-1 alone.
 */
export function isHeaderValue(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

const ACCEPT = {
  auto: 'application/json, text/*;q=0.9, */*;q=0.8',
  json: 'application/json, */*;q=0.5',
  text: 'text/*, */*;q=0.5',
  bytes: '*/*',
} as const satisfies Record<Operation['response'], string>;

/**
 * The headers of a call, by name in lower case.
 * @param fixed - those that are always sent: they win
 * @throws ToolArgumentsError for a value that no header can have
 */
export function headersOf(
  { inputs, response }: Pick<Operation, 'inputs' | 'response'>,
  given: Arguments,
  fixed: ReadonlyMap<string, string>,
  version: string,
): Map<string, string> {
  const headers = new Map<string, string>([
    ['accept', ACCEPT[response]],
    ['accept-encoding', ACCEPTED_ENCODINGS],
    ['user-agent', `python-code-mode/${version}`],
  ]);
  const cookies: string[] = [];
  for (const input of inputs) {
    const value = argumentFor(input.parameter, given);
    if (value === undefined || value === null) continue;
    if (input.place === 'cookie') cookies.push(...encodedPairs(input, value).map((pair) => pair.join('=')));
    if (input.place !== 'header') continue;
    headers.set(input.wireName.toLowerCase(), checked(input.parameter.name, headerText(input, value)));
  }
  for (const [name, value] of fixed) headers.set(name, value);
  const fixedCookie = fixed.get('cookie');
  if (cookies.length > 0)
    headers.set('cookie', [...(fixedCookie ? [fixedCookie] : []), ...cookies].join('; '));
  return headers;
}

function checked(parameter: string, value: string): string {
  if (isHeaderValue(value)) return value;
  throw new ToolArgumentsError(
    `${parameter} goes into a header, which can't have line breaks, control characters or letters beyond Latin-1.`,
    'Leave them out, or encode them as the API wants it.',
  );
}
