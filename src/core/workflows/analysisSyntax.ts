import { Tree } from '@lezer/common';
import { parser } from '@lezer/python';
import { inKnownGrammar } from './analysisDialect.ts';
import { COMPOUND, type LogicalLine, type SyntaxProblem, tokenize } from './analysisTokens.ts';

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
  const tokens = lines.flatMap((line) => line.tokens);
  const token = tokens.find(({ end }) => end > place);
  const line = lines.findLast(({ tokens: [first] }) => first !== undefined && first.start <= place);
  const last = line?.tokens.at(-1);
  if (line && last && (!token || !line.tokens.includes(token))) {
    const needsColon = COMPOUND.has(line.tokens[0]?.text ?? '') && last.text !== ':';
    const message = needsColon
      ? 'A `:` is missing at the end of this line.'
      : 'Something is missing after this.';
    return { message, start: last.start, end: last.end };
  }
  if (!token) return { message: 'This is not valid Python.', start: Math.min(place, length), end: length };
  return {
    message: `\`${token.text.split('\n')[0]}\` cannot stand here.`,
    start: token.start,
    end: token.end,
  };
}
