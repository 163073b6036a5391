import type { Tree } from '@lezer/common';
import { parser } from '@lezer/python';

/** Where a source cannot be read on; UTF-16 offsets. */
export interface SyntaxProblem {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

/** Parses Python. @returns the tree, and the first error where there is one */
export function parsePython(source: string): { tree: Tree; error?: SyntaxProblem } {
  const tree = parser.parse(source);
  const place = firstError(tree);
  return place === undefined
    ? { tree }
    : { tree, error: { message: 'This is not valid Python.', start: place, end: place } };
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
