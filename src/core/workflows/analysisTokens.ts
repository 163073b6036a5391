/** A token of Python source. */
export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'operator';
  readonly text: string;
  /** UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
  /** The bracket that it stands in, for a bracket itself the one around it; '' outside of all. */
  readonly inside: string;
  /** How many brackets it stands in. */
  readonly depth: number;
}

/** The tokens up to a line end that ends a statement. */
export interface LogicalLine {
  readonly tokens: readonly Token[];
  /** Columns, a tab going to the next multiple of eight. */
  readonly indent: number;
}

/** Where a source cannot be read on. */
export interface SyntaxProblem {
  readonly message: string;
  /** UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
}

/** Source as far as it could be taken apart. */
export interface TokenizedSource {
  readonly lines: readonly LogicalLine[];
  /** Comments and line ends after a backslash: what says nothing; pairs of offsets. */
  readonly unspoken: readonly (readonly [number, number])[];
  /** What Python refuses in any case: the first of it, where reading ended. */
  readonly problem?: SyntaxProblem;
  /** Whether that is brackets in brackets without end. */
  readonly isTooDeep: boolean;
}

/** What a statement with a body, or a part of one, begins with. */
export const COMPOUND: ReadonlySet<string> = new Set([
  'async',
  'class',
  'def',
  'elif',
  'else',
  'except',
  'finally',
  'for',
  'if',
  'try',
  'while',
  'with',
]);

/** As many brackets in each other as Python takes. */
const MAX_DEPTH = 200;

const STRING_START = /([rbuft]|rb|br|rf|fr|rt|tr)?("""|'''|"|')/iy;
const NAME = /[\p{XID_Start}_]\p{XID_Continue}*/uy;
const NUMBER =
  /0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?[jJ]?/y;
const OPERATOR = /:=|->|\.\.\.|\*\*=?|\/\/=?|>>=?|<<=?|[<>=!]=|[-+*/%@&|^]=?|[<>~.,:;=()[\]{}]/y;
const BLANKS = /[ \t\f]+/y;
const COMMENT = /#[^\n]*/y;
/** What may follow a number without a space between. */
const AFTER_NUMBER = /(?:and|else|for|if|in|is|not|or)\b/y;
const OLD_OCTAL = /^0[\d_]*[1-9][\d_]*$/;
const CLOSING = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);

/** Takes Python source apart into tokens; line ends are `\n` alone. Never throws. */
export function tokenize(source: string): TokenizedSource {
  return new Tokenizer(source).read();
}

class Tokenizer {
  readonly #source: string;
  readonly #lines: LogicalLine[] = [];
  readonly #unspoken: [number, number][] = [];
  readonly #brackets: Token[] = [];
  readonly #indents: number[] = [0];
  #tokens: Token[] = [];
  #position = 0;

  constructor(source: string) {
    this.#source = source;
  }

  read(): TokenizedSource {
    let problem: SyntaxProblem | undefined;
    while (!problem && this.#position < this.#source.length) problem = this.#readNext();
    const open = this.#brackets.at(-1);
    if (!problem && open) {
      problem = { message: `\`${open.text}\` is never closed.`, start: open.start, end: open.end };
    }
    problem ??= this.#endLine();
    const last = this.#lines.at(-1)?.tokens.at(-1);
    if (!problem && last && endsWithColon(this.#lines.at(-1))) {
      problem = { message: 'An indented block is missing here.', start: last.start, end: last.end };
    }
    const isTooDeep = this.#brackets.length === MAX_DEPTH;
    return { lines: this.#lines, unspoken: this.#unspoken, isTooDeep, ...(problem && { problem }) };
  }

  #readNext(): SyntaxProblem | undefined {
    const start = this.#position;
    const character = this.#source[start];
    if (character === '\n') {
      this.#position++;
      return this.#brackets.length === 0 ? this.#endLine() : undefined;
    }
    if (this.#match(BLANKS)) return undefined;
    if (this.#match(COMMENT)) {
      this.#unspoken.push([start, this.#position]);
      return undefined;
    }
    if (character === '\\' && this.#source[start + 1] === '\n') {
      this.#position += 2;
      this.#unspoken.push([start, this.#position]);
      return undefined;
    }
    const string = this.#match(STRING_START);
    if (string) return this.#readString(start, string[1] ?? '', string[2] ?? '"');
    if (this.#match(NAME)) return this.#add('name', start);
    if (/[\d.]/.test(character ?? '') && this.#match(NUMBER)) return this.#readNumber(start);
    if (this.#match(OPERATOR)) return this.#readOperator(start);
    const unknown = String.fromCodePoint(this.#source.codePointAt(start) ?? 0);
    return this.#problem(
      `Python does not know the character ${JSON.stringify(unknown)} here`,
      start,
      start + unknown.length,
    );
  }

  #readString(start: number, prefix: string, quote: string): SyntaxProblem | undefined {
    const end = endOfString(this.#source, this.#position, prefix.toLowerCase(), quote);
    if (end === undefined) return this.#problem('This string is never closed', start, this.#position);
    this.#position = end;
    return this.#add('string', start);
  }

  #readNumber(start: number): SyntaxProblem | undefined {
    const text = this.#source.slice(start, this.#position);
    AFTER_NUMBER.lastIndex = this.#position;
    NAME.lastIndex = this.#position;
    if (OLD_OCTAL.test(text) || (NAME.test(this.#source) && !AFTER_NUMBER.test(this.#source))) {
      return this.#problem('This is not a number', start, this.#position);
    }
    return this.#add('number', start);
  }

  #readOperator(start: number): SyntaxProblem | undefined {
    const text = this.#source.slice(start, this.#position);
    if (this.#source.startsWith('<>', start)) {
      return this.#problem('Python does not know `<>`: write `!=`', start, start + 2);
    }
    if (CLOSING.has(text)) {
      if (this.#brackets.length === MAX_DEPTH) {
        return this.#problem('Brackets are nested too deeply', start, this.#position);
      }
      this.#add('operator', start);
      this.#brackets.push(this.#tokens.at(-1)!);
      return undefined;
    }
    if (text === ')' || text === ']' || text === '}') {
      const open = this.#brackets.pop();
      if (!open) return this.#problem(`\`${text}\` closes nothing`, start, this.#position);
      if (CLOSING.get(open.text) !== text) {
        return this.#problem(`\`${text}\` cannot close \`${open.text}\``, start, this.#position);
      }
    }
    return this.#add('operator', start);
  }

  #endLine(): SyntaxProblem | undefined {
    const [first] = this.#tokens;
    if (!first) return undefined;
    const lineStart = this.#source.lastIndexOf('\n', first.start - 1) + 1;
    const line = { tokens: this.#tokens, indent: columns(this.#source.slice(lineStart, first.start)) };
    this.#tokens = [];
    const previous = this.#lines.at(-1);
    this.#lines.push(line);
    const current = this.#indents.at(-1) ?? 0;
    const block = endsWithColon(previous);
    if (block && line.indent <= current) {
      return { message: 'An indented block is missing before this.', start: first.start, end: first.end };
    }
    if (line.indent > current) {
      if (previous && !block && lacksColon(previous)) return missingColon(previous);
      if (!block) return { message: 'This is indented without need.', start: first.start, end: first.end };
      this.#indents.push(line.indent);
      return undefined;
    }
    while ((this.#indents.at(-1) ?? 0) > line.indent) this.#indents.pop();
    if (this.#indents.at(-1) === line.indent) return undefined;
    return { message: 'This is indented like no line before.', start: first.start, end: first.end };
  }

  #add(kind: Token['kind'], start: number): undefined {
    const text = this.#source.slice(start, this.#position);
    const inside = this.#brackets.at(-1)?.text ?? '';
    this.#tokens.push({ kind, text, start, end: this.#position, inside, depth: this.#brackets.length });
  }

  #problem(what: string, start: number, end: number): SyntaxProblem {
    return { message: `${what}.`, start, end };
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#source);
    if (found) this.#position = pattern.lastIndex;
    return found;
  }
}

/** Whether a line begins like a statement with a body, and has no colon for it. */
export function lacksColon({ tokens }: LogicalLine): boolean {
  return (
    COMPOUND.has(tokens[0]?.text ?? '') && !tokens.some(({ text, depth }) => text === ':' && depth === 0)
  );
}

/** Says so at the end of the line. */
export function missingColon({ tokens }: LogicalLine): SyntaxProblem {
  const { start, end } = tokens.at(-1)!;
  return { message: 'A `:` is missing at the end of this line.', start, end };
}

function endsWithColon(line: LogicalLine | undefined): boolean {
  return line?.tokens.at(-1)?.text === ':';
}

function columns(indentation: string): number {
  let column = 0;
  for (const character of indentation) {
    if (character === '\t') column += 8 - (column % 8);
    else column = character === '\f' ? 0 : column + 1;
  }
  return column;
}

/** The offset after the closing quote of the literal whose content begins at `start`; undefined without one. */
function endOfString(source: string, start: number, prefix: string, quote: string): number | undefined {
  const isFormatted = /[ft]/.test(prefix);
  let position = start;
  while (position < source.length) {
    const character = source[position];
    if (source.startsWith(quote, position)) return position + quote.length;
    if (character === '\n' && quote.length === 1) return undefined;
    if (character === '\\') {
      position = afterBackslash(source, position, isFormatted, prefix.includes('r'));
    } else if (isFormatted && character === '{') {
      const end = source[position + 1] === '{' ? position + 2 : endOfField(source, position + 1, quote);
      if (end === undefined) return undefined;
      position = end;
    } else {
      position++;
    }
  }
  return undefined;
}

function afterBackslash(source: string, position: number, isFormatted: boolean, isRaw: boolean): number {
  const next = source[position + 1];
  if (isFormatted && !isRaw && next === 'N' && source[position + 2] === '{') {
    const end = source.indexOf('}', position);
    return end < 0 ? source.length : end + 1;
  }
  return position + (isFormatted && (next === '{' || next === '}') ? 1 : 2);
}

/** The offset after the `}` that ends a field of an f-string; undefined without one. */
function endOfField(source: string, start: number, quote: string): number | undefined {
  let depth = 0;
  let position = start;
  while (position < source.length) {
    STRING_START.lastIndex = position;
    NAME.lastIndex = position;
    const string = STRING_START.exec(source);
    const character = source[position] ?? '';
    if (string) {
      const end = endOfString(
        source,
        STRING_START.lastIndex,
        (string[1] ?? '').toLowerCase(),
        string[2] ?? '"',
      );
      if (end === undefined) return undefined;
      position = end;
    } else if (NAME.test(source)) {
      position = NAME.lastIndex;
    } else if (character === '#') {
      const end = source.indexOf('\n', position);
      if (end < 0) return undefined;
      position = end;
    } else if (depth === 0 && character === ':') {
      return endOfFormat(source, position + 1, quote);
    } else if (depth === 0 && character === '}') {
      return position + 1;
    } else {
      if (/[([{]/.test(character)) depth++;
      else if (/[)\]}]/.test(character)) depth--;
      position++;
    }
  }
  return undefined;
}

/** The offset after the `}` that ends a field of an f-string, from within what follows its colon. */
function endOfFormat(source: string, start: number, quote: string): number | undefined {
  let position = start;
  while (position < source.length) {
    if (source.startsWith(quote, position)) return undefined;
    const character = source[position];
    if (character === '}') return position + 1;
    const end = character === '{' ? endOfField(source, position + 1, quote) : position + 1;
    if (end === undefined) return undefined;
    position = end;
  }
  return undefined;
}
