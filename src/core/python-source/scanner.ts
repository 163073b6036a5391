/**
 * What a physical line of Python source begins with:
 * `code` starts a logical line, `continuation` goes on inside brackets or after a backslash, `string` goes on
 * inside a string literal, so that its leading blanks are content.
 */
export type LineStart = 'blank' | 'comment' | 'code' | 'continuation' | 'string';

/** One logical line: what Python's tokenizer ends with NEWLINE. Lines are 0-based, `endLine` is included. */
export interface LogicalLine {
  readonly startLine: number;
  readonly endLine: number;
  /** Columns of indentation, a tab going to the next multiple of eight. */
  readonly indent: number;
  /** The first word (after `async`), `@` for a decorator, `%` for a line such as `%pip install six`, else empty. */
  readonly keyword: string;
}

/** Python source, taken apart into physical and logical lines. */
export interface ScannedSource {
  readonly lines: readonly string[];
  /** For every physical line, what it begins with. */
  readonly starts: readonly LineStart[];
  readonly logicalLines: readonly LogicalLine[];
}

interface Bracket {
  readonly kind: 'bracket';
}
interface StringLiteral {
  readonly kind: 'string';
  readonly quote: string;
  readonly triple: boolean;
  readonly raw: boolean;
  /** An f-string or t-string: braces hold code. */
  readonly formatted: boolean;
}
interface ReplacementField {
  readonly kind: 'field';
  /** After the colon: literal text again, up to the closing brace. */
  inFormat: boolean;
}
type Context = Bracket | StringLiteral | ReplacementField;

// Words that begin a statement and can't begin a line inside brackets: a bracket open there was forgotten.
const STATEMENT_IN_BRACKETS =
  /^\s*(?:(?:def|class|import|return|while|with|try|except|finally|raise|del|pass|break|continue|global|nonlocal|assert)\b|from\s+[\w.]+\s+import\b)/u;
// As code_mode/magics.py has it: no `% name` and no `!=`, with which an expression goes on whose bracket was forgotten.
const MAGIC = /^\s*(?:%%?(?=[\p{L}\p{N}_])|!!?(?!=))/u;
const STRING_START = /(?:[rbuft]|[rb]{2}|[rf]{2}|[rt]{2})?("""|'''|"|')/iuy;
const WORD = /[\p{L}_][\p{L}\p{N}_]*/uy;

/** Splits text into lines at the line ends that Python and editors know: CR LF, LF and CR. */
export function splitLines(text: string): string[] {
  return text.split(/\r\n|\n|\r/u);
}

/**
 * Takes Python source apart. Never throws: an unclosed string ends with its line (a triple-quoted one with the
 * source), an unclosed bracket where a statement begins that brackets can't hold.
 */
export function scan(source: string | readonly string[]): ScannedSource {
  const lines = typeof source === 'string' ? splitLines(source) : source;
  const starts: LineStart[] = [];
  const logicalLines: LogicalLine[] = [];
  const scanner = new LineScanner();
  let open: { startLine: number; lastLine: number; keyword: string } | undefined;

  const finish = () => {
    if (!open) return;
    const { startLine, lastLine, keyword } = open;
    logicalLines.push({ startLine, endLine: lastLine, indent: indentOf(lines[startLine] ?? ''), keyword });
    open = undefined;
  };

  for (const [index, line] of lines.entries()) {
    if (open && scanner.isInBracketsOnly && STATEMENT_IN_BRACKETS.test(line)) {
      scanner.forget();
      finish();
    }
    if (open) {
      starts.push(scanner.isInString ? 'string' : 'continuation');
      if (scanner.isInString || line.trim() !== '') open.lastLine = index;
    } else {
      const trimmed = line.trim();
      const start = trimmed === '' ? 'blank' : trimmed.startsWith('#') ? 'comment' : 'code';
      starts.push(start);
      if (start !== 'code') continue;
      open = { startLine: index, lastLine: index, keyword: keywordOf(line) };
    }
    if (open.keyword === '%') {
      // Its quotes and brackets are not Python's.
      open.lastLine = index;
      if (!line.endsWith('\\')) finish();
      continue;
    }
    scanner.read(line);
    if (!scanner.continues) finish();
  }
  finish();
  return { lines, starts, logicalLines };
}

/** Columns of indentation of a line, a tab going to the next multiple of eight as in Python. */
export function indentOf(line: string): number {
  let column = 0;
  for (const character of line) {
    if (character === ' ') column += 1;
    else if (character === '\t') column += 8 - (column % 8);
    else if (character === '\f') column = 0;
    else break;
  }
  return column;
}

function keywordOf(line: string): string {
  const text = line.trimStart();
  if (text.startsWith('@')) return '@';
  if (MAGIC.test(text)) return '%';
  const [first = '', second = ''] = text.split(/[^\p{L}\p{N}_]+/u, 2);
  return first === 'async' ? second : first;
}

/** Reads one physical line after the other and knows what is still open at its end. */
class LineScanner {
  #stack: Context[] = [];
  #backslash = false;

  /** Whether the logical line goes on with the next physical line. */
  get continues(): boolean {
    return this.#backslash || this.#stack.length > 0;
  }

  /** Whether the next line begins inside a string literal, replacement fields included. */
  get isInString(): boolean {
    return this.#stack.some((context) => context.kind === 'string');
  }

  /** Whether the next line is code inside brackets, and no triple-quoted string, which may hold anything, is open. */
  get isInBracketsOnly(): boolean {
    const top = this.#stack.at(-1);
    return (
      top !== undefined &&
      top.kind !== 'string' &&
      !this.#stack.some((context) => context.kind === 'string' && context.triple)
    );
  }

  forget(): void {
    this.#stack = [];
    this.#backslash = false;
  }

  read(line: string): void {
    this.#backslash = false;
    let position = 0;
    while (position < line.length) {
      const top = this.#stack.at(-1);
      if (top?.kind === 'string') position = this.#readString(line, position, top);
      else if (top?.kind === 'field' && top.inFormat) position = this.#readFormat(line, position);
      else position = this.#readCode(line, position, top);
    }
    if (!this.#backslash) this.#endUnclosedStrings();
  }

  /** A quote that its line doesn't close is broken code (a backslash at the end apart): the string ends here. */
  #endUnclosedStrings(): void {
    for (;;) {
      const top = this.#stack.at(-1);
      const literal = top?.kind === 'field' && top.inFormat ? this.#stack.at(-2) : top;
      if (literal?.kind !== 'string' || literal.triple) return;
      this.#stack.length = this.#stack.indexOf(literal);
    }
  }

  #readString(line: string, position: number, literal: StringLiteral): number {
    const character = line[position];
    if (character === '\\') {
      if (position + 1 >= line.length) {
        this.#backslash = !literal.triple;
        return position + 1;
      }
      if (literal.formatted && !literal.raw && line.startsWith('N{', position + 1)) {
        const end = line.indexOf('}', position);
        return end < 0 ? line.length : end + 1;
      }
      const next = line[position + 1];
      return position + (literal.formatted && (next === '{' || next === '}') ? 1 : 2);
    }
    if (line.startsWith(literal.quote, position)) {
      this.#stack.pop();
      return position + literal.quote.length;
    }
    if (literal.formatted && character === '{') {
      if (line[position + 1] === '{') return position + 2;
      this.#stack.push({ kind: 'field', inFormat: false });
    }
    return position + 1;
  }

  #readFormat(line: string, position: number): number {
    const character = line[position];
    const literal = this.#stack.at(-2);
    if (literal?.kind === 'string' && line.startsWith(literal.quote, position)) {
      // The brace was forgotten: the quote closes the string all the same.
      this.#stack.length -= 2;
      return position + literal.quote.length;
    }
    if (character === '{') this.#stack.push({ kind: 'field', inFormat: false });
    else if (character === '}') this.#stack.pop();
    return position + 1;
  }

  #readCode(line: string, position: number, top: Context | undefined): number {
    const character = line[position] ?? '';
    if (character === '#') return line.length;
    if (character === '\\' && line.slice(position + 1).trim() === '') {
      this.#backslash = true;
      return line.length;
    }
    const literal = match(STRING_START, line, position);
    if (literal) {
      const quote = literal[1] ?? '"';
      const prefix = literal[0].slice(0, -quote.length).toLowerCase();
      this.#stack.push({
        kind: 'string',
        quote,
        triple: quote.length === 3,
        raw: prefix.includes('r'),
        formatted: prefix.includes('f') || prefix.includes('t'),
      });
      return position + literal[0].length;
    }
    // A whole word at once, so that the last letters of a name are never read as the prefix of a string.
    const word = match(WORD, line, position);
    if (word) return position + word[0].length;
    if (character === '(' || character === '[' || character === '{') this.#stack.push({ kind: 'bracket' });
    else if (character === ')' || character === ']' || character === '}') this.#close(character, top);
    else if (character === ':' && top?.kind === 'field') top.inFormat = true;
    return position + 1;
  }

  #close(character: string, top: Context | undefined): void {
    if (top?.kind === 'bracket' || (top?.kind === 'field' && character === '}')) this.#stack.pop();
  }
}

function match(pattern: RegExp, line: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(line);
}
