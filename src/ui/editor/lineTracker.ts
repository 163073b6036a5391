/** Lines of a document, 0-based, the last one included, with the length of the last line in characters. */
export interface TrackedLines {
  readonly startLine: number;
  readonly endLine: number;
  readonly endLength: number;
}

/** An edit as the editor tells it: what was replaced, and by what. */
export interface LineEdit {
  readonly range: {
    readonly start: { readonly line: number; readonly character: number };
    readonly end: { readonly line: number; readonly character: number };
  };
  readonly text: string;
}

/** Where the lines are after an edit; undefined where the edit changed what they say. */
export function trackLines(lines: TrackedLines, { range, text }: LineEdit): TrackedLines | undefined {
  const added = text.split(/\r\n|\n|\r/u).length - 1;
  const moved = added - (range.end.line - range.start.line);
  const { startLine, endLine, endLength } = lines;
  // A line break typed at the very end, as before the next statement, leaves the lines as they are.
  if (range.start.line > endLine) return lines;
  if (range.start.line === endLine && range.start.character >= endLength && /^[\r\n]/u.test(text))
    return lines;
  const endsBefore = range.end.line < startLine;
  const leavesStart = /[\r\n]$/u.test(text) || (text === '' && range.start.character === 0);
  const endsAtStart = range.end.line === startLine && range.end.character === 0 && leavesStart;
  if (endsBefore || endsAtStart) return { startLine: startLine + moved, endLine: endLine + moved, endLength };
  return undefined;
}
