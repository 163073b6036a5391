import { scan } from './scanner.ts';

/**
 * Takes away the indentation that all statements of `code` share. Lines inside a string keep theirs, since it is
 * the string's content; comments and lines inside brackets lose as much of it as they have.
 */
export function dedent(code: string): string {
  const { lines, starts } = scan(code);
  let shared: string | undefined;
  for (const [index, line] of lines.entries()) {
    if (starts[index] !== 'code') continue;
    shared = shared === undefined ? blanksOf(line) : commonStart(shared, blanksOf(line));
    if (shared === '') break;
  }
  if (!shared) return lines.join('\n');
  const indentation = shared;
  return lines
    .map((line, index) =>
      starts[index] === 'string' ? line : line.slice(commonStart(indentation, blanksOf(line)).length),
    )
    .join('\n');
}

function blanksOf(line: string): string {
  return /^[ \t\f]*/u.exec(line)?.[0] ?? '';
}

function commonStart(first: string, second: string): string {
  let length = 0;
  while (length < first.length && first[length] === second[length]) length += 1;
  return first.slice(0, length);
}
