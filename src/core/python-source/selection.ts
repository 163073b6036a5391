import { dedent } from './dedent.ts';

/** Selected text with the line (0-based) that it begins on. */
export interface SelectedText {
  readonly text: string;
  readonly startLine: number;
}

/** Several selections as one piece of code. */
export interface JoinedSelections {
  readonly code: string;
  /** The line that the code's first line is (0-based); undefined where the lines are no longer the file's own. */
  readonly startLine: number | undefined;
}

/** More blank lines than this between two selections would make the code unreadable. */
const MAX_GAP = 30;

/**
 * Joins selections, in the order of the file and each de-indented by itself. Blank lines stand for what lies
 * between them, so that the line numbers of a traceback are still the file's; where that would be too many,
 * `startLine` says that they are not.
 */
export function joinSelections(selections: readonly SelectedText[]): JoinedSelections {
  const parts = selections
    .filter(({ text }) => text.trim() !== '')
    .sort((a, b) => a.startLine - b.startLine)
    .map(({ text, startLine }) => ({ startLine, lines: dedent(trimEnd(text)).split('\n') }));
  const first = parts[0];
  if (!first) return { code: '', startLine: undefined };
  const gaps = parts.slice(1).map(({ startLine }, index) => {
    const before = parts[index]!;
    return startLine - (before.startLine + before.lines.length);
  });
  const keepsLines = gaps.every((gap) => gap >= 0 && gap <= MAX_GAP);
  const lines = parts.flatMap((part, index) =>
    index === 0 || !keepsLines
      ? part.lines
      : [...Array.from({ length: gaps[index - 1]! }, () => ''), ...part.lines],
  );
  return { code: lines.join('\n'), startLine: keepsLines ? first.startLine : undefined };
}

/** A selection often ends with the line end, or with blank lines; a string's content is never at the end. */
function trimEnd(text: string): string {
  return text.replace(/[\s]+$/u, '');
}
