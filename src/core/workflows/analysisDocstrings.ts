/** What Python's `str.strip()` takes off. */
const BLANK = /[^\S\ufeff]|[\x1c-\x1f\x85]/u;
/** Of a docstring, so much is looked at for descriptions: lines, and characters of each. */
const MAX_LINES = 1000;
const MAX_LINE_LENGTH = 1000;
const SECTION = /^(?:args|arguments|parameters|params|keyword args|keyword arguments)\s*:$/i;
const GOOGLE_ENTRY = /^\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$/u;
const NUMPY_TITLE = /^(?:other )?parameters$/i;
const NUMPY_NAMES = /^(\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?::.*)?$/u;
const FIELD = /^[:@]param(?:eter)?\s+(?:[^:]*\s)?\*{0,2}(\w+)\s*:\s*(.*)$/u;
const OTHER_FIELD = /^[:@]\w+/u;

/** The first line of a docstring, as Python's `inspect.cleandoc` leaves it; '' where it is blank. */
export function firstLine(docstring: string): string {
  return strip(strip(expandTabs(docstring)).split('\n')[0] ?? '');
}

/** What a docstring in Google's, NumPy's or Sphinx's style says about each parameter, each on one line. */
export function parameterDescriptions(docstring: string): ReadonlyMap<string, string> {
  const lines = expandTabs(docstring)
    .split('\n', MAX_LINES)
    .map((line) => line.slice(0, MAX_LINE_LENGTH));
  const found = new Map<string, string>();
  for (let index = 0; index < lines.length; index++) {
    const text = strip(lines[index] ?? '');
    const field = FIELD.exec(text);
    if (field) {
      describe(found, [field[1] ?? ''], [field[2] ?? '', ...fieldContinuation(lines, index)]);
    } else if (SECTION.test(text)) {
      readGoogleSection(found, blockBelow(lines, index + 1, indentOf(lines[index])));
    } else if (NUMPY_TITLE.test(text) && /^-{3,}$/.test(strip(lines[index + 1] ?? ''))) {
      readNumpySection(found, lines.slice(index + 2), indentOf(lines[index + 1]));
    }
  }
  return found;
}

function readGoogleSection(found: Map<string, string>, block: readonly string[]): void {
  const entryIndent = indentOf(block.find((line) => strip(line) !== ''));
  let name: string | undefined;
  let description: string[] = [];
  for (const line of block) {
    const entry = indentOf(line) === entryIndent ? GOOGLE_ENTRY.exec(strip(line)) : null;
    if (!entry) {
      description.push(strip(line));
      continue;
    }
    if (name) describe(found, [name], description);
    name = entry[1];
    description = [entry[2] ?? ''];
  }
  if (name) describe(found, [name], description);
}

function readNumpySection(found: Map<string, string>, lines: readonly string[], indent: number): void {
  let names: string[] = [];
  let description: string[] = [];
  for (const [index, line] of lines.entries()) {
    const text = strip(line);
    const isTitle = /^-{3,}$/.test(strip(lines[index + 1] ?? ''));
    if (text !== '' && (indentOf(line) < indent || isTitle)) break;
    if (text === '' || indentOf(line) > indent) {
      description.push(text);
      continue;
    }
    describe(found, names, description);
    const listed = NUMPY_NAMES.exec(text)?.[1] ?? '';
    names = listed.split(',').map((name) => strip(name).replace(/^\*+/, ''));
    description = [];
  }
  describe(found, names, description);
}

/** The lines of a field after its first: those indented deeper. */
function fieldContinuation(lines: readonly string[], index: number): string[] {
  const block = blockBelow(lines, index + 1, indentOf(lines[index]));
  const end = block.findIndex((line) => strip(line) === '' || OTHER_FIELD.test(strip(line)));
  return (end < 0 ? block : block.slice(0, end)).map(strip);
}

/** The lines from `start` on that are indented deeper than `indent`, and blank ones between them. */
function blockBelow(lines: readonly string[], start: number, indent: number): string[] {
  const rest = lines.slice(start);
  const end = rest.findIndex((line) => strip(line) !== '' && indentOf(line) <= indent);
  return end < 0 ? rest : rest.slice(0, end);
}

function describe(found: Map<string, string>, names: readonly string[], lines: readonly string[]): void {
  const description = lines.filter(Boolean).join(' ');
  for (const name of names) if (name && !found.has(name)) found.set(name, description);
}

function indentOf(line = ''): number {
  return line.length - line.trimStart().length;
}

function strip(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && BLANK.test(text[start]!)) start++;
  while (end > start && BLANK.test(text[end - 1]!)) end--;
  return text.slice(start, end);
}

/** Tabs go to the next column that is a multiple of eight. */
function expandTabs(text: string): string {
  if (!text.includes('\t')) return text;
  let column = 0;
  let expanded = '';
  for (const character of text) {
    const spaces = character === '\t' ? 8 - (column % 8) : 0;
    expanded += spaces > 0 ? ' '.repeat(spaces) : character;
    column = character === '\n' || character === '\r' ? 0 : column + (spaces || 1);
  }
  return expanded;
}
