import type { Json } from '../contract/execution.ts';

/** Characters of a description that a docstring takes over. */
const MAX_DOCSTRING = 4000;

/** A text as Python writes it, on one line. */
export function stringLiteral(text: string): string {
  return `"${escaped(text).replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** A docstring of these lines' text, indented; undefined where there is nothing to say. */
export function docstring(text: string, indent: string): string | undefined {
  const lines = shortened(text)
    .replace(/\r\n?/gu, '\n')
    .trim()
    .split('\n')
    .map((line) => escaped(line.trimEnd()).replaceAll('"""', '\\"\\"\\"'));
  if (lines.length === 1 && lines[0] === '') return undefined;
  const [first = '', ...rest] = lines;
  // A quotation mark at the end would run into those that close the docstring.
  if (rest.length === 0) return `${indent}"""${first.replace(/"$/u, '\\"')}"""`;
  const indented = rest.map((line) => (line === '' ? '' : indent + line));
  return [`${indent}"""${first}`, ...indented, `${indent}"""`].join('\n');
}

/** A literal of a JSON value; undefined where Python has none that stays on one short line. */
export function literal(value: Json): string | undefined {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  return typeof value === 'string' && value.length <= 80 ? stringLiteral(value) : undefined;
}

function shortened(text: string): string {
  return text.length <= MAX_DOCSTRING ? text : `${text.slice(0, MAX_DOCSTRING)}…`;
}

/** Backslashes, and what an editor would not show as it is: control characters and halves of characters. */
function escaped(text: string): string {
  return text.replace(/\\|(?!\n)\p{Cc}|\p{Cs}/gu, (character) =>
    character === '\\' ? '\\\\' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
