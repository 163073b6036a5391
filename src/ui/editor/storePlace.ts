import { scan } from '../../core/python-source/scanner.ts';

/** A place in Python code where something of the store is named. `start` is where it begins, an offset in the text. */
export type StorePlace =
  | { readonly kind: 'workflow'; readonly start: number }
  | {
      readonly kind: 'argument';
      readonly workflow: string;
      /** The names that are given already. */
      readonly given: readonly string[];
      /** The name of the argument that the place is in the value of, or that is begun; '' where there is none. */
      readonly name: string;
      /** Whether a name can begin here. */
      readonly isStart: boolean;
      readonly start: number;
    }
  | { readonly kind: 'artifact'; readonly quote: string; readonly start: number };

/** What may be open around a place. */
type Open =
  | { readonly kind: 'call'; readonly callee: string; arguments: string[]; from: number }
  | { readonly kind: 'bracket' | 'comment' }
  | { readonly kind: 'string'; readonly quote: string; readonly from: number; readonly prefix: string };

/** Lines before the place that are looked at. */
const MAX_LINES = 200;
const NAME = '[\\p{L}_][\\p{L}\\p{N}_]*';
const CALLEE = new RegExp(`(?<![\\p{L}\\p{N}_.])(${NAME}(?:\\s*\\.\\s*${NAME})*)\\s*$`, 'u');
const WORD = new RegExp(`${NAME}$|$`, 'u');
const AFTER_DOT = new RegExp(`(?<![\\p{L}\\p{N}_.])workflows\\s*\\.\\s*(?:${NAME})?$`, 'u');
const STRING = /^([rbuft]{0,2})("""|'''|"|')/iu;
const WORKFLOW_CALL = new RegExp(`^workflows\\.(${NAME})$`, 'u');
const ARTIFACT_CALL = /^artifacts\.(?:load|open|get|exists|delete|path)$/u;
const ARGUMENT_NAME = new RegExp(`^\\s*(${NAME})\\s*=(?!=)`, 'u');

/** What of the store is named at the end of a text; undefined where that is something else. */
export function storePlace(text: string): StorePlace | undefined {
  const from = startOfStatement(text);
  const code = text.slice(from);
  const open = openAt(code);
  const innermost = open.at(-1);
  if (innermost?.kind === 'string') return artifactPlace(open, innermost, from);
  if (innermost?.kind === 'comment') return undefined;
  if (AFTER_DOT.test(code)) return { kind: 'workflow', start: from + wordStart(code) };
  if (innermost?.kind !== 'call') return undefined;
  const workflow = WORKFLOW_CALL.exec(innermost.callee)?.[1];
  if (workflow === undefined) return undefined;
  const current = code.slice(innermost.from);
  const named = ARGUMENT_NAME.exec(current)?.[1];
  const start = wordStart(code);
  return {
    kind: 'argument',
    workflow,
    given: innermost.arguments.flatMap((argument) => ARGUMENT_NAME.exec(argument)?.[1] ?? []),
    name: named ?? code.slice(start),
    isStart: named === undefined && current.trim() === code.slice(start),
    start: from + start,
  };
}

function artifactPlace(
  open: readonly Open[],
  { quote, prefix, from: start }: Extract<Open, { kind: 'string' }>,
  from: number,
): StorePlace | undefined {
  const call = open.at(-2);
  // The name is the first argument, and a plain string.
  const isName =
    call?.kind === 'call' &&
    ARTIFACT_CALL.test(call.callee) &&
    call.arguments.length === 0 &&
    !/[bft]/iu.test(prefix);
  return isName ? { kind: 'artifact', quote, start: from + start } : undefined;
}

/** Where the statement begins that a text ends in. */
function startOfStatement(text: string): number {
  const lines = text.split('\n');
  const nearby = lines.slice(-MAX_LINES);
  const skipped = text.length - nearby.join('\n').length;
  const { logicalLines, starts } = scan(nearby);
  const goesOn = starts.at(-1) === 'continuation' || starts.at(-1) === 'string';
  const line = goesOn ? (logicalLines.at(-1)?.startLine ?? 0) : nearby.length - 1;
  return skipped + nearby.slice(0, line).reduce((length, each) => length + each.length + 1, 0);
}

/** The brackets and the string that are open at the end of a statement's beginning. */
function openAt(code: string): Open[] {
  const open: Open[] = [];
  let at = 0;
  while (at < code.length) {
    const top = open.at(-1);
    const character = code[at] ?? '';
    if (top?.kind === 'string') {
      if (character === '\\') at += 2;
      else if (code.startsWith(top.quote, at)) {
        open.pop();
        at += top.quote.length;
      } else at += 1;
      continue;
    }
    const isInWord = /[\p{L}\p{N}_]/u.test(code[at - 1] ?? '');
    const string = isInWord ? null : STRING.exec(code.slice(at, at + 5));
    if (string) {
      const [literal, prefix = '', quote = ''] = string;
      at += literal.length;
      open.push({ kind: 'string', quote, from: at, prefix });
      continue;
    }
    if (character === '#') {
      const end = code.indexOf('\n', at);
      if (end < 0) return [{ kind: 'comment' }];
      // In front of an argument it is no part of it.
      if (top?.kind === 'call' && code.slice(top.from, at).trim() === '') top.from = end;
      at = end;
      continue;
    }
    at += 1;
    if (character === '(') open.push(callAt(code.slice(0, at - 1), at));
    else if (character === '[' || character === '{') open.push({ kind: 'bracket' });
    else if (character === ')' || character === ']' || character === '}') open.pop();
    else if (character === ',' && top?.kind === 'call') {
      top.arguments.push(code.slice(top.from, at - 1));
      top.from = at;
    }
  }
  return open;
}

function callAt(before: string, from: number): Open {
  const callee = CALLEE.exec(before)?.[1]?.replace(/\s/gu, '') ?? '';
  return { kind: 'call', callee, arguments: [], from };
}

function wordStart(code: string): number {
  return code.search(WORD);
}
