import { scan } from './scanner.ts';

/** A cell of a Python file. Lines are 0-based, `endLine` is included. */
export interface Cell {
  /** The line of the marker, or 0 for the code before the first marker. */
  readonly startLine: number;
  readonly endLine: number;
  readonly kind: 'code' | 'markdown';
  /** What follows the marker. */
  readonly title: string;
  /** The code without the marker and without blank lines around it; empty where there is none. */
  readonly code: string;
  /** The line that the code's first line is (0-based). */
  readonly codeStartLine: number;
  /** The line that the code's last line is (0-based). */
  readonly codeEndLine: number;
}

const MARKER = /^#\s*(?:%%|In\s?\[[^\]]*\]:?)(.*)$/u;
const ANY_MARKER = /^#\s*(?:%%|In\s?\[)/mu;
const MARKDOWN = /^\s*\[markdown\]/iu;

/**
 * The cells of a Python file: what stands between `# %%` (or `# In[1]:`) markers at the start of a line. Code
 * before the first marker is a cell of its own. A marker inside a string is none.
 *
 * @returns no cells where the file has no marker
 */
export function parseCells(text: string): readonly Cell[] {
  // The whole scan is only for files that can have cells: this runs on every change of a file.
  if (!ANY_MARKER.test(text.replaceAll('\r', '\n'))) return [];
  const { lines, starts } = scan(text);
  const markers = lines.flatMap((line, index) => {
    const marker = starts[index] === 'comment' ? MARKER.exec(line) : null;
    return marker ? [{ line: index, title: (marker[1] ?? '').trim() }] : [];
  });
  const first = markers[0];
  if (!first) return [];
  const cells = markers.map(({ line, title }, index) =>
    cellOf(lines, line, line + 1, (markers[index + 1]?.line ?? lines.length) - 1, title),
  );
  const before = starts.slice(0, first.line).includes('code');
  return before ? [cellOf(lines, 0, 0, first.line - 1, ''), ...cells] : cells;
}

/** The cell that holds `line` (0-based), if the file has cells. */
export function cellAt(cells: readonly Cell[], line: number): Cell | undefined {
  return cells.find((cell) => cell.startLine <= line && line <= cell.endLine);
}

function cellOf(
  lines: readonly string[],
  startLine: number,
  bodyStart: number,
  endLine: number,
  title: string,
): Cell {
  let first = bodyStart;
  let last = endLine;
  while (first <= last && lines[first]!.trim() === '') first += 1;
  while (last >= first && lines[last]!.trim() === '') last -= 1;
  return {
    startLine,
    endLine,
    kind: MARKDOWN.test(title) ? 'markdown' : 'code',
    title,
    code: lines.slice(first, last + 1).join('\n'),
    codeStartLine: first,
    codeEndLine: Math.max(first, last),
  };
}
