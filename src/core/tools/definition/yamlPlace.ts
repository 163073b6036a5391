import type { YamlPath } from './yaml.ts';

/** Where a key or a value is being written in YAML that may not be complete. */
export interface YamlPlace {
  readonly kind: 'key' | 'value';
  /** For a key: of the mapping that it is in. For a value: of the value itself. */
  readonly path: YamlPath;
  /** Where the word at the place begins, as an offset. */
  readonly start: number;
  /** Blanks before the key's line in a block, for lines below it; undefined inside of braces. */
  readonly indent: number | undefined;
  /** Keys in front of it in the same braces. */
  readonly given: readonly string[];
}

/** A line of a block: what its content is behind blanks and dashes. */
interface BlockLine {
  /** Columns of the dashes. */
  readonly dashes: readonly number[];
  /** Column of what follows them. */
  readonly column: number;
  /** Undefined where there is no key. */
  readonly key: string | undefined;
  /** Column behind the colon; of a line without a key: of its content. */
  readonly valueColumn: number;
}

const KEY =
  /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|([^\s"'#&*!|>%@`{}[\],-][^#]*?|-[^\s#][^#]*?))\s*:(?=\s|$)/u;
const BLOCK_SCALAR = /(?:^|\s)[|>][-+0-9]*\s*(?:#.*)?$/u;

/** What is being written at `offset`; undefined in a comment, in a text of several lines, or behind a finished value. */
export function yamlPlace(text: string, offset: number): YamlPlace | undefined {
  const lines = text.slice(0, offset).split(/\r\n|\n|\r/u);
  const number = lines.length - 1;
  const current = lines[number] ?? '';
  const lineStart = offset - current.length;
  const line = blockLine(current);
  if (isInBlockScalar(lines, number)) return undefined;
  const container = containerOf(lines, number, line);
  const path = line.key === undefined ? container : [...container, line.key];
  const flow = flowPlace(current, line, path);
  if (flow === 'none') return undefined;
  if (flow) return { ...flow, start: lineStart + flow.start, indent: undefined };
  if (line.key === undefined) {
    const start = lineStart + line.column;
    return { kind: 'key', path: container, start, indent: line.column, given: [] };
  }
  const typed = current.slice(line.valueColumn);
  const start = lineStart + line.valueColumn + (typed.length - typed.trimStart().length);
  return typed === '' ? undefined : { kind: 'value', path, start, indent: undefined, given: [] };
}

function blockLine(text: string): BlockLine {
  const dashes: number[] = [];
  let column = text.length - text.trimStart().length;
  for (
    let dash = /^-(?:\s+|$)/u.exec(text.slice(column));
    dash;
    dash = /^-(?:\s+|$)/u.exec(text.slice(column))
  ) {
    dashes.push(column);
    column += dash[0].length;
  }
  const found = KEY.exec(text.slice(column));
  const key = found?.[1] ?? found?.[2] ?? found?.[3];
  return { dashes, column, key, valueColumn: column + (found?.[0].length ?? 0) };
}

/** The keys and indexes that lead to the mapping or list which a line's content is in. */
function containerOf(lines: readonly string[], number: number, current: BlockLine): (string | number)[] {
  const path: (string | number)[] = [];
  let { column } = current;
  // An item of a list may stand below its key, in the same column.
  let isItem = false;
  const enterItems = (at: number, { dashes }: BlockLine) => {
    for (const dash of [...dashes].reverse()) {
      if (dash >= column) continue;
      path.unshift(itemsBefore(lines, at, dash));
      column = dash;
      isItem = true;
    }
  };
  enterItems(number, current);
  for (let at = number - 1; at >= 0 && (column > 0 || isItem); at -= 1) {
    const text = lines[at] ?? '';
    if (isEmpty(text)) continue;
    const line = blockLine(text);
    const isAbove = line.column < column || (isItem && line.column === column && line.dashes.length === 0);
    if (isAbove) {
      if (line.key !== undefined) path.unshift(line.key);
      ({ column } = line);
      isItem = false;
    }
    enterItems(at, line);
  }
  return path;
}

/** Items of a list above one of it. */
function itemsBefore(lines: readonly string[], number: number, dash: number): number {
  let count = 0;
  for (let at = number - 1; at >= 0; at -= 1) {
    const text = lines[at] ?? '';
    if (isEmpty(text)) continue;
    const line = blockLine(text);
    if (line.dashes.includes(dash)) count += 1;
    else if (Math.min(line.column, ...line.dashes) <= dash) break;
  }
  return count;
}

function isInBlockScalar(lines: readonly string[], number: number): boolean {
  const current = lines[number] ?? '';
  let indent = current.trim() === '' ? current.length : current.length - current.trimStart().length;
  for (let at = number - 1; at >= 0 && indent > 0; at -= 1) {
    const text = lines[at] ?? '';
    if (text.trim() === '') continue;
    const before = text.length - text.trimStart().length;
    if (before >= indent) continue;
    if (BLOCK_SCALAR.test(text)) return true;
    indent = before;
  }
  return false;
}

function isEmpty(text: string): boolean {
  return /^\s*(?:#.*)?$/u.test(text);
}

/** What is open in braces and brackets. */
type Open =
  | { readonly kind: 'mapping'; key: string | undefined; from: number; readonly keys: string[] }
  | { readonly kind: 'list'; index: number; from: number };

/**
 * The place in the braces and brackets that a line's value opens, `start` being a column; undefined where it opens none,
 * 'none' where nothing can be written.
 */
function flowPlace(
  text: string,
  line: BlockLine,
  path: YamlPath,
): Omit<YamlPlace, 'indent'> | 'none' | undefined {
  const open: Open[] = [];
  let quote = '';
  let word = '';
  for (let at = line.valueColumn; at < text.length; at += 1) {
    const character = text[at] ?? '';
    const top = open.at(-1);
    if (quote !== '') {
      if (character === quote) quote = '';
      else word += character;
    } else if (character === '#' && /\s/u.test(text[at - 1] ?? ' ')) return 'none';
    else if ((character === '"' || character === "'") && word.trim() === '') quote = character;
    else if (character === '{' && (top || word.trim() === '')) {
      open.push({ kind: 'mapping', key: undefined, from: at + 1, keys: [] });
      word = '';
    } else if (character === '[' && (top || word.trim() === '')) {
      open.push({ kind: 'list', index: 0, from: at + 1 });
      word = '';
    } else if (top && (character === '}' || character === ']')) {
      open.pop();
      word = 'closed';
    } else if (top && character === ',') {
      if (top.kind === 'list') top.index += 1;
      else top.key = undefined;
      top.from = at + 1;
      word = '';
    } else if (
      top?.kind === 'mapping' &&
      top.key === undefined &&
      /^:(?:\s|$)/u.test(text.slice(at, at + 2))
    ) {
      top.key = word.trim();
      top.keys.push(top.key);
      top.from = at + 1;
      word = '';
    } else word += character;
  }
  if (quote !== '') return 'none';
  const top = open.at(-1);
  if (!top) return word === 'closed' ? 'none' : undefined;
  const typed = text.slice(top.from);
  const start = top.from + typed.length - typed.trimStart().length;
  const steps = open.map((each) => (each.kind === 'list' ? each.index : each.key));
  const isKey = top.kind === 'mapping' && top.key === undefined;
  const inside = [...path, ...steps.filter((step) => step !== undefined)];
  return {
    kind: isKey ? 'key' : 'value',
    path: inside,
    start,
    given: top.kind === 'mapping' ? top.keys : [],
  };
}
