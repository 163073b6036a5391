import { isUtf8 } from 'node:buffer';
import { STATUS_CODES } from 'node:http';
import { TextDecoder } from 'node:util';
import { CodeModeError, ToolFailedError } from '../../../contract/errors.ts';
import type { Json } from '../../../contract/execution.ts';
import { type HttpAnswer, headerOf } from '../../../http/exchange.ts';
import { connectionFailure } from '../../../http/failures.ts';
import { readBody } from '../../../http/reading.ts';
import { limitHint, megabytes } from '../../resultLimit.ts';
import type { ToolOutcome, ToolPart } from '../../tool.ts';
import type { Operation } from './operation.ts';
import { hintForStatus } from './statusHints.ts';
import { TOOL_CALLER } from './toolCaller.ts';

/** What is shown of the body of an answer that is an error. */
const MAX_SHOWN_CHARACTERS = 1000;
const MAX_SHOWN_BYTES = 16 * 1024;

/** How an answer is turned into what Python gets. */
export interface OutcomeOptions {
  readonly response: Operation['response'];
  readonly method: string;
  /** Bytes that the call may give. */
  readonly limit: number;
  /** Method and address for people, without secrets. */
  readonly label: string;
  readonly host: string;
  /** The names of what is filled into every request. */
  readonly secretNames: readonly string[];
  /** A text for people without what must not be shown. */
  readonly hide: (text: string) => string;
  readonly signal: AbortSignal;
}

/**
 * @throws ToolFailedError for a status of 400 or more, an answer that is too long or not what it should be, a connection
 * that is lost
 */
export async function outcomeOf(answer: HttpAnswer, options: OutcomeOptions): Promise<ToolOutcome> {
  try {
    if (answer.status >= 400) throw await statusFailure(answer, options);
    if (options.method === 'HEAD') {
      answer.body.destroy();
      return { type: 'json', value: { status: answer.status, headers: headersJson(answer) } };
    }
    return await bodyOutcome(answer, options);
  } catch (error) {
    options.signal.throwIfAborted();
    answer.body.destroy();
    throw readingFailure(error, options);
  }
}

async function bodyOutcome(answer: HttpAnswer, options: OutcomeOptions): Promise<ToolOutcome> {
  const { limit, label, response } = options;
  const type = mediaType(answer);
  const declared = response === 'auto' ? kindOf(type.name) : response;
  const length = Number(headerOf(answer, 'content-length') ?? Number.NaN);
  const tooLong = () =>
    new ToolFailedError(`${label} answered with more than the ${megabytes(limit)} that a call may give.`, {
      hint: limitHint('Ask for less, such as fewer items at a time'),
    });
  if (length > limit && (declared === 'json' || declared === 'bytes')) throw tooLong();
  const { bytes, isCut } = await readBody(answer, limit, TOOL_CALLER);
  // A request without a result is answered so.
  if (bytes.length === 0 && declared === undefined) return { type: 'json', value: null };
  const kind = declared ?? (isCut || !isUtf8(bytes) ? 'bytes' : 'text');
  if (isCut && kind !== 'text') throw tooLong();
  if (kind === 'bytes') return { type: 'bytes', bytes };
  if (kind === 'json') return jsonOutcome(bytes, type, options);
  return textOutcome(bytes, type.charset, isCut, limit);
}

function jsonOutcome(bytes: Buffer, { name, charset }: MediaType, { label, hide }: OutcomeOptions): ToolPart {
  const text = decodedText(bytes, charset);
  if (text.trim() === '') return { type: 'json', value: null };
  try {
    JSON.parse(text);
  } catch {
    const what = name === '' || kindOf(name) === 'json' ? '' : `, but ${name}`;
    throw new ToolFailedError(`${label} did not answer with JSON${what}: ${hide(shorten(text))}`, {
      hint: 'Say what it answers with in the file of the tool: response: text, or bytes.',
    });
  }
  return { type: 'jsonUtf8', bytes: isUtf8(bytes) ? withoutMark(bytes) : Buffer.from(text) };
}

function textOutcome(bytes: Buffer, charset: string | undefined, isCut: boolean, limit: number): ToolOutcome {
  const mark = isCut
    ? `\n[… the answer ends here: it is longer than the ${megabytes(limit)} that a call may give]\n`
    : '';
  if (!isCut && /^utf-?8$/.test(charset ?? 'utf8') && isUtf8(bytes))
    return { type: 'utf8', bytes: withoutMark(bytes) };
  return { type: 'text', text: decodedText(bytes, charset, isCut) + mark };
}

/** @param isCut - the last character may be there in part: it is left out */
function decodedText(bytes: Buffer, charset: string | undefined, isCut = false): string {
  const label = charset ?? (isCut || isUtf8(bytes) ? 'utf-8' : 'windows-1252');
  return decoderFor(label).decode(bytes, { stream: isCut });
}

function decoderFor(label: string): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder();
  }
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

async function statusFailure(answer: HttpAnswer, options: OutcomeOptions): Promise<ToolFailedError> {
  const { label, hide, secretNames, method } = options;
  const { status } = answer;
  const hint = hintForStatus(status, secretNames, headerOf(answer, 'retry-after'));
  const type = mediaType(answer);
  const body =
    method === 'HEAD'
      ? undefined
      : await readBody(answer, MAX_SHOWN_BYTES, TOOL_CALLER).catch(() => undefined);
  const isText = body && kindOf(type.name) !== 'bytes' && !body.bytes.includes(0);
  // Hidden first: a secret that is cut would not be found any more.
  const shown = isText ? shorten(hide(decodedText(body.bytes, type.charset, body.isCut)).trim()) : '';
  const reason = STATUS_CODES[status] === undefined ? '' : ` ${STATUS_CODES[status]}`;
  return new ToolFailedError(
    `${label} answered ${status}${reason}${shown === '' ? '.' : `: ${shown}`}`,
    hint === undefined ? {} : { hint },
  );
}

function readingFailure(error: unknown, { label, host }: OutcomeOptions): CodeModeError {
  if (CodeModeError.is(error)) return error;
  if (error instanceof Error && 'code' in error && /^Z_|^ERR_.*BROTLI|^ERR__/.test(String(error.code))) {
    return new ToolFailedError(`${label}: the answer is damaged, it could not be unpacked.`, {
      hint: 'Try again, or ask whoever runs the API.',
    });
  }
  return connectionFailure(TOOL_CALLER, { label, host }, error);
}

interface MediaType {
  /** In lower case, without parameters; empty where the answer says none. */
  readonly name: string;
  readonly charset: string | undefined;
}

function mediaType(answer: HttpAnswer): MediaType {
  const header = headerOf(answer, 'content-type') ?? '';
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(header)?.[1]?.toLowerCase();
  return { name: header.split(';')[0]?.trim().toLowerCase() ?? '', charset };
}

/** What the body is by its media type; undefined: only the body shows it. */
function kindOf(mediaType: string): 'json' | 'text' | 'bytes' | undefined {
  if (mediaType === '') return undefined;
  if (/^(?:application|text)\/json$|\+json$/.test(mediaType)) return 'json';
  if (/^text\/|\+(?:xml|yaml)$/.test(mediaType)) return 'text';
  return TEXTS.has(mediaType) ? 'text' : 'bytes';
}

const TEXTS = new Set(
  [
    'xml',
    'javascript',
    'ecmascript',
    'yaml',
    'x-yaml',
    'toml',
    'sql',
    'graphql',
    'x-ndjson',
    'jsonl',
    'json-seq',
  ].map((name) => `application/${name}`),
).add('application/x-www-form-urlencoded');

function headersJson({ headers }: HttpAnswer): Json {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'object' ? value.join(', ') : (value ?? ''),
    ]),
  );
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
}
