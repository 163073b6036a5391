/** Characters in a line of prose: about what a notebook beside an open side bar shows. */
const WIDTH = 88;

/**
 * Breaks sentences into lines at their blanks: the view of errors shows the rest of a long line only to those who
 * scroll. A word that is longer than a line, such as a path, stays whole.
 */
export function wrapProse(text: string): string {
  return text.split('\n').map(wrapLine).join('\n');
}

function wrapLine(line: string): string {
  const [first = '', ...words] = line.split(' ');
  const lines = [first];
  for (const word of words) {
    const last = lines.at(-1) ?? '';
    if (last.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join('\n');
}
