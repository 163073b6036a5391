import { Tree } from '@lezer/common';
import { parser } from '@lezer/python';
import { inKnownGrammar } from './analysisDialect.ts';
import {
  type LogicalLine,
  lacksColon,
  missingColon,
  type SyntaxProblem,
  tokenize,
} from './analysisTokens.ts';

/**
 * Parses Python. The parser's grammar lacks some of the language, so what it refuses is parsed again without what it
 * does not know; it is generous in other places, so tokens, brackets and indentation are looked at for themselves.
 * @returns the tree, and the first error where there is one
 */
export function parsePython(source: string): { tree: Tree; error?: SyntaxProblem } {
  const text = withPlainLineEnds(source);
  const tokenized = tokenize(text);
  const { problem, isTooDeep } = tokenized;
  // A tree without bounds to its depth is more than what reads it can take.
  if (problem && isTooDeep) return { tree: Tree.empty, error: problem };
  const tree = parser.parse(text);
  if (problem) return { tree, error: problem };
  if (!needsSecondLook(tree)) return { tree };
  const again = parser.parse(inKnownGrammar(text, tokenized));
  const place = firstError(again);
  return place === undefined
    ? { tree: again }
    : { tree: again, error: problemAt(tokenized.lines, place, source.length) };
}

/** Other line ends, form feeds before indentation and a byte order mark, in as many characters. */
function withPlainLineEnds(source: string): string {
  if (!/[\r\f\ufeff]/.test(source)) return source;
  return source
    .replace(/^\ufeff/, '\n')
    .replace(/\\\r\n/g, ' \\\n')
    .replace(/\r\n/g, ' \n')
    .replaceAll('\r', '\n')
    .replace(/^([ \t\f]*)\f/gm, (blanks) => '\n'.repeat(blanks.length));
}

function needsSecondLook(tree: Tree): boolean {
  let found = false;
  tree.iterate({
    enter: ({ type, name }) => {
      found ||= type.isError || name === 'PrintStatement';
      return !found;
    },
  });
  return found;
}

function firstError(tree: Tree): number | undefined {
  let place: number | undefined;
  tree.iterate({
    enter: ({ type, from }) => {
      if (type.isError) place ??= from;
      return place === undefined;
    },
  });
  return place;
}

/** Says what is wrong at the token where the parser stopped. */
function problemAt(lines: readonly LogicalLine[], place: number, length: number): SyntaxProblem {
  const line =
    lines.findLast(({ tokens: [first] }) => first !== undefined && first.start <= place) ?? lines[0];
  if (!line) return { message: 'This is not valid Python.', start: Math.min(place, length), end: length };
  const index = line.tokens.findIndex(({ end }) => end > place);
  const token = line.tokens[index];
  if (!token) {
    if (lacksColon(line)) return missingColon(line);
    const { start, end } = line.tokens.at(-1)!;
    return { message: 'Something is missing after this.', start, end };
  }
  const what = `\`${token.text.split('\n', 1)[0]}\` cannot stand here`;
  return { message: `${what}${adviceAbout(line, index)}.`, start: token.start, end: token.end };
}

/** For what is most often meant instead. */
function adviceAbout({ tokens }: LogicalLine, index: number): string {
  if (tokens[index - 1]?.text === 'print') return ': write print(...)';
  const isCondition = ['if', 'elif', 'while', 'assert'].includes(tokens[0]?.text ?? '');
  return isCondition && tokens[index]?.text === '=' ? ': == compares' : '';
}
