import { COMPOUND, type LogicalLine, type Token, type TokenizedSource } from './analysisTokens.ts';

/**
 * Python that the parser's grammar does not know, written with as many characters of what it does know, so that every
 * offset stays. The meaning may change (`with a as b.c` becomes `with a or b.c`); what is valid stays valid, and what
 * is not stays that as well, but for what is taken out.
 */
export function inKnownGrammar(source: string, { lines, unspoken }: TokenizedSource): string {
  const characters = source.split('');
  const edit: Edit = (start, end, text) => {
    for (let index = start; index < end; index++) characters[index] = text[index - start] ?? ' ';
  };
  for (const [start, end] of unspoken) edit(start, end, '');
  // After some hundreds of blank lines the parser gives up.
  for (const [index, { tokens }] of lines.entries()) {
    const next = lines[index + 1]?.tokens[0]?.start;
    const lineEnd = next === undefined ? source.length : source.lastIndexOf('\n', next - 1);
    edit(tokens.at(-1)!.end, lineEnd, '');
  }
  for (const line of lines) for (const rule of RULES) rule(line, edit);
  return `${characters.join('')}\n`;
}

/** Puts `text` in place of what stands between two offsets, filled with blanks. */
type Edit = (start: number, end: number, text: string) => void;
type Rule = (line: LogicalLine, edit: Edit) => void;

/** Names that the grammar may take for the beginning of a statement, and others instead. */
const SOFT_KEYWORDS = new Map([
  ['match', 'Match'],
  ['case', 'Case'],
  ['type', 'Type'],
  ['print', 'Print'],
]);
/** Before these a `yield` has no value. */
const AFTER_BARE_YIELD = new Set([undefined, ')', ']', '}', ';']);
/** After these a `*` unpacks. */
const BEFORE_UNPACKING = new Set(['(', '[', '{', ',', ':', '=', 'in', 'for', 'return', 'yield']);

/** Statements longer than this are not looked into. */
const MAX_TOKENS = 500;

const RULES: readonly Rule[] = [
  rewriteLiterals,
  rewriteNames,
  rewriteUnpacking,
  rewriteLambdas,
  rewriteNamedElements,
  rewriteTypeParameters,
  rewriteWith,
  rewriteExcept,
  rewriteDecorator,
  rewriteMatch,
  rewriteLong,
];

/** Numbers such as `1.`, strings such as `t"..."`, fields of f-strings. */
function rewriteLiterals({ tokens }: LogicalLine, edit: Edit): void {
  for (const { kind, start, end } of tokens) {
    if (kind === 'number') edit(start, end, '1'.repeat(end - start));
    if (kind === 'string') edit(start, end, `"${'_'.repeat(end - start - 2)}"`);
  }
}

/** Names that the grammar takes for statements, and `yield` without a value. */
function rewriteNames({ tokens }: LogicalLine, edit: Edit): void {
  for (const [index, { kind, text, start, end }] of tokens.entries()) {
    if (kind !== 'name') continue;
    const other = SOFT_KEYWORDS.get(text);
    const isStatement = index === 0 && text === 'type' && tokens[1]?.kind === 'name';
    if (other && !isStatement) edit(start, end, other);
    if (text === 'yield' && AFTER_BARE_YIELD.has(tokens[index + 1]?.text)) edit(start, end, 'Yield');
  }
}

/** `x[*a]`, `for a in *b, c`, `*args: *Ts`, `x += *a, b`; in round brackets it is known, and tells parameters apart. */
function rewriteUnpacking({ tokens }: LogicalLine, edit: Edit): void {
  let isForTarget = false;
  for (const [index, { text, inside, start, end }] of tokens.entries()) {
    if (text === 'for' || text === 'in') isForTarget = text === 'for';
    if (text !== '*') continue;
    const before = tokens[index - 1]?.text ?? '';
    if (!BEFORE_UNPACKING.has(before) && !/^[^<>=!:]+=$/.test(before)) continue;
    if (inside !== '(' || before === ':' || isForTarget) edit(start, end, '');
  }
}

/** `lambda a, /, b: 0`, `lambda *, a: 0` and `lambda a,: 0`. */
function rewriteLambdas({ tokens }: LogicalLine, edit: Edit): void {
  for (const [index, token] of tokens.entries()) {
    if (token.text !== 'lambda') continue;
    const colon = colonAfter(tokens, index + 1, token.depth);
    for (let inner = index + 1; inner < colon; inner++) {
      const { text, start, end, depth } = tokens[inner]!;
      const next = tokens[inner + 1]?.text;
      if (depth !== token.depth) continue;
      const isParameter = next === ',' || inner + 1 === colon;
      if ((text === '/' || text === '*') && isParameter) edit(start, end, '_');
      if (text === ',' && inner + 1 === colon) edit(start, end, '');
    }
  }
}

/** `{a := 1, 2}`. */
function rewriteNamedElements({ tokens }: LogicalLine, edit: Edit): void {
  for (const { text, inside, start, end } of tokens) {
    if (text === ':=' && inside === '{') edit(start, end, 'or');
  }
}

/** `def f[T: int = str](a)`, also of classes and types. */
function rewriteTypeParameters({ tokens }: LogicalLine, edit: Edit): void {
  const keyword = tokens[0]?.text === 'async' ? 1 : 0;
  const open = tokens[keyword + 2];
  if (!['def', 'class', 'type'].includes(tokens[keyword]?.text ?? '') || open?.text !== '[') return;
  if (tokens[keyword + 1]?.kind !== 'name') return;
  const close = tokens.find(
    ({ text, depth, start }) => text === ']' && depth === open.depth && start > open.start,
  );
  if (close) edit(open.start, close.end, '');
}

/** `with a as b.c:` and `with (a as b, c as d):`. */
function rewriteWith({ tokens }: LogicalLine, edit: Edit): void {
  const keyword = tokens[0]?.text === 'async' ? 1 : 0;
  if (tokens[keyword]?.text !== 'with') return;
  for (const { text, start, end } of tokens.slice(0, colonAfter(tokens, keyword, 0))) {
    if (text === 'as') edit(start, end, 'or');
  }
}

/** `except A, B:`. */
function rewriteExcept({ tokens }: LogicalLine, edit: Edit): void {
  if (tokens[0]?.text !== 'except') return;
  for (const { text, depth, start, end } of tokens.slice(0, colonAfter(tokens, 0, 0))) {
    if (text === ',' && depth === 0) edit(start, end, '|');
  }
}

/** `@a[0].b(c)(d)`. */
function rewriteDecorator({ tokens }: LogicalLine, edit: Edit): void {
  const [at, first] = tokens;
  if (at?.text === '@' && first) edit(first.start, tokens.at(-1)!.end, '_');
}

/** Subjects and patterns are not looked into. */
function rewriteMatch({ tokens }: LogicalLine, edit: Edit): void {
  const [keyword, first] = tokens;
  if (!keyword || !first || !['match', 'case'].includes(keyword.text) || /^[.=:,]$|^[^<>]=$/.test(first.text))
    return;
  const colon = colonAfter(tokens, 1, 0);
  const end = tokens[colon];
  if (!end || (keyword.text === 'match' && colon !== tokens.length - 1)) return;
  edit(keyword.start, end.start, `${keyword.text} _`);
}

/** The parser gives up on a sum of some hundreds of terms. */
function rewriteLong({ tokens }: LogicalLine, edit: Edit): void {
  if (tokens.length <= MAX_TOKENS || COMPOUND.has(tokens[0]!.text)) return;
  edit(tokens[0]!.start, tokens.at(-1)!.end, '_');
}

/** The index of the colon at `depth` that belongs to no lambda; the number of tokens where there is none. */
function colonAfter(tokens: readonly Token[], from: number, depth: number): number {
  let lambdas = 0;
  for (let index = from; index < tokens.length; index++) {
    const token = tokens[index]!;
    if (token.depth !== depth) continue;
    if (token.text === 'lambda') lambdas++;
    if (token.text === ':' && lambdas-- === 0) return index;
  }
  return tokens.length;
}
