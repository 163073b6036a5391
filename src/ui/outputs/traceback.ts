import { wrapProse } from './prose.ts';

const BOLD_RED = '\x1b[1;31m';
const RED = '\x1b[31m';
const GREEN = '\x1b[32m';
const YELLOW = '\x1b[33m';
const CYAN = '\x1b[36m';
const FAINT = '\x1b[2m';
const ITALIC = '\x1b[3m';
const END = '\x1b[0m';

const FRAME = /^( *(?:[|+-] )*)\s*File "(.+)", line (\d+)(?:, in (.+))?$/;
const HEADING = /^(?:\s*[|+-] ?)*(?:Exception Group )?Traceback \(most recent call last\):$/;
const CHAIN =
  /^(?:\s*\| ?)*(?:During handling of the above exception, another exception occurred:|The above exception was the direct cause of the following exception:)$/;
/** What separates the members of an exception group. */
const GROUP_RULE = /^\s*(?:\| )*\+[-+ ]*-{4,}/;
const CARETS = /^[\s|]*[~^][~^\s]*$/;
const REPEATED = /^\s*\[Previous line repeated \d+ more times?\]$/;
/** `package.SomeError: message`, or the bare name; the type is whatever Python calls an exception class. */
const EXCEPTION = /^([\s|]*)([\p{L}_][\p{L}\p{N}_.<>]*)(?:(: ?)(.*))?$/u;
/** How far Python indents the source below a frame. */
const SOURCE_INDENT = 4;
const CELL = /^Cell In ?\[(\d+)\]$/;

/**
 * Colours a plain Python traceback with ANSI sequences and writes its places as the editor's error view links
 * them: `Cell In[3], line 2` jumps to the cell, and the number of a source line, `--> 2`, below `Cell In[3]` or
 * `File /path/name.py:2` to that line.
 *
 * Works line by line on what Python prints, so chained exceptions, exception groups and syntax errors need no
 * case of their own.
 */
export function colorTraceback(traceback: string): string {
  const lines = traceback.replace(/\n+$/, '').split('\n');
  const coloured: string[] = [];
  /** The indentation of the newest frame: its source and carets follow, indented deeper. */
  let frameIndent: number | undefined;
  /** The frame whose source comes next, and by how much its lines are moved to make room for the number. */
  let number: string | undefined;
  let shift = '';
  /** False within an exception's message, which may look like anything. */
  let awaitsException = true;

  lines.forEach((line, index) => {
    const frame = FRAME.exec(line);
    if (HEADING.test(line) || CHAIN.test(line) || GROUP_RULE.test(line)) {
      awaitsException = true;
      frameIndent = undefined;
      coloured.push(`${CHAIN.test(line) ? YELLOW : FAINT}${line}${END}`);
    } else if (!awaitsException) {
      coloured.push(line);
    } else if (frame) {
      const [, lead = '', filename = '', lineNumber = '', name] = frame;
      const margin = lead.trim() ? lead : '';
      frameIndent = indentOf(line);
      number = margin || !isLinked(filename) ? undefined : lineNumber;
      shift = '';
      coloured.push(...place(filename, lineNumber, name).map((text) => margin + text));
    } else if (REPEATED.test(line)) {
      coloured.push(`${FAINT}${line}${END}`);
    } else if (frameIndent !== undefined && indentOf(line) > frameIndent) {
      const source = sourceLine(line, lines[index + 1]);
      if (number !== undefined) {
        const arrow = `--> ${number} `;
        shift = ' '.repeat(arrow.length - SOURCE_INDENT);
        coloured.push(`${GREEN}${arrow}${END}${source.slice(SOURCE_INDENT)}`);
        number = undefined;
      } else {
        coloured.push(shift + source);
      }
    } else {
      const exception = EXCEPTION.exec(line);
      if (!exception) {
        coloured.push(line);
        return;
      }
      const [, lead = '', type = '', separator = '', message = ''] = exception;
      // The view links numbers below a frame up to the next empty line: the message is none of them.
      if (frameIndent !== undefined) coloured.push(lead.trimEnd());
      coloured.push(`${lead}${BOLD_RED}${type}${END}${separator}${message}`);
      frameIndent = undefined;
      awaitsException = false;
    }
  });
  return coloured.join('\n');
}

/** Where a frame stands, and on a line of its own, which function that is. */
function place(filename: string, line: string, name: string | undefined): string[] {
  const cell = CELL.exec(filename);
  let where = `${GREEN}File "${filename}"${END}, line ${line}`;
  if (cell) where = `${GREEN}Cell In[${cell[1]}]${END}, line ${line}`;
  else if (isLinked(filename)) where = `File ${GREEN}${filename}:${line}${END}`;
  // The view drops what follows a linked line number, and cuts off what follows a long path.
  return name && name !== '<module>' ? [where, `  in ${CYAN}${name}${END}`] : [where];
}

/** Cells and files can be opened; `<string>`, `<frozen importlib>` and labels cannot. */
function isLinked(filename: string): boolean {
  return CELL.test(filename) || /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(filename);
}

function sourceLine(line: string, next: string | undefined): string {
  if (CARETS.test(line)) return `${BOLD_RED}${line}${END}`;
  if (REPEATED.test(line) || /^\s*\.\.\.<\d+ lines>\.\.\.$/.test(line)) return `${FAINT}${line}${END}`;
  return markRange(line, next);
}

/** Colours the part of a source line that the carets below it point at. */
function markRange(line: string, carets: string | undefined): string {
  if (carets === undefined || !CARETS.test(carets)) return line;
  const start = carets.search(/[~^]/);
  const end = carets.trimEnd().length;
  if (start >= line.length || /[^\x20-\x7e]/.test(line)) return line;
  return `${line.slice(0, start)}${RED}${line.slice(start, end)}${END}${line.slice(end)}`;
}

function indentOf(line: string): number {
  return /^[\s|+-]*/.exec(line)?.[0].length ?? 0;
}

/** A remark of the editor's below a traceback; in no colour, since blue cannot be read on the black of a theme. */
export function colorNotice(text: string): string {
  const lines = wrapProse(text).split('\n');
  return lines.map((line) => `${ITALIC}${line}${END}`).join('\n');
}
