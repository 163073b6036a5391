import type { ExecutionResult, Json, RunStatus } from '../../core/contract/execution.ts';

/** A JSON value as Python writes it, cut off soon after `limit` characters. */
export function pythonText(value: Json, limit = 10_000): string {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return quoted(value.slice(0, limit));
  return Array.isArray(value) ? listed('[', value, ']', limit) : mapped(value as Record<string, Json>, limit);
}

const ENDINGS: Readonly<Record<RunStatus, string>> = {
  ok: '',
  error: 'The code failed',
  interrupted: 'Interrupted',
  timeout: 'Stopped: it took longer than the timeout',
  died: 'Python ended while this ran',
};

/** What went wrong, such as `ValueError: bad`. Empty for a run that went well. */
export function errorText({ error, status }: ExecutionResult): string {
  if (!error) return ENDINGS[status];
  const message = error.message.trim();
  return message === '' ? error.type : `${error.type}: ${message}`;
}

/**
 * The line of `filename` (1-based) that an exception passed last, as the traceback says.
 */
export function failingLine(traceback: string, filename: string): number | undefined {
  const frames = [...traceback.matchAll(/^\s*(?:[|+-]\s*)*File "(.+)", line (\d+)/gmu)];
  const frame = frames.findLast(([, file]) => file === filename);
  return frame ? Number(frame[2]) : undefined;
}

/** A text as one short line: a line break is one blank, what is too much becomes an ellipsis. */
export function oneLine(text: string, limit: number): string {
  // Only as much is looked at as could be shown: a text may have megabytes.
  const flat = text
    .slice(0, limit * 4)
    .replace(/\s*[\r\n\u2028\u2029]+\s*/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .trim();
  const characters = [...flat];
  if (characters.length <= limit && text.length <= limit * 4) return flat;
  return `${characters.slice(0, limit - 1).join('')}…`;
}

/** The last line of a text that is not blank. Does not look at the lines before it: a text may have millions of them. */
export function lastLine(text: string): string {
  const end = text.trimEnd();
  return end.slice(end.lastIndexOf('\n') + 1);
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(quote, `\\${quote}`);
  return quote + escaped + quote;
}

function listed(open: string, values: readonly Json[], close: string, limit: number): string {
  return joined(open, values, (value, left) => pythonText(value, left), close, limit);
}

function mapped(value: Readonly<Record<string, Json>>, limit: number): string {
  const entry = ([key, item]: [string, Json], left: number) => `${quoted(key)}: ${pythonText(item, left)}`;
  return joined('{', Object.entries(value), entry, '}', limit);
}

function joined<T>(
  open: string,
  values: readonly T[],
  write: (value: T, left: number) => string,
  close: string,
  limit: number,
): string {
  let text = open;
  for (const [index, value] of values.entries()) {
    if (text.length > limit) return `${text}…`;
    text += (index > 0 ? ', ' : '') + write(value, limit - text.length);
  }
  return text + close;
}
