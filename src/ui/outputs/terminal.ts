/**
 * How the text of a stream output changes: its last `drop` characters go, then `text` is added. Plain output
 * only ever adds; a carriage return, a backspace or a cursor movement takes back what it overwrites.
 */
export interface TextPatch {
  readonly drop: number;
  readonly text: string;
}

/** How many of the last lines a cursor movement can still reach: more than any progress display needs. */
const REACHABLE_LINES = 32;
/** Bounds the memory and the time that one line without an end can take, in UTF-16 code units. */
const REACHABLE_CHARACTERS = 32_768;

const TOKEN = /\n|\r|\x08|\x1b\[([0-9;?]*)([@-~])/g;
/** Anything that does more than add text or colour. */
const MOVES = /[\r\x08]|\x1b\[[0-9;?]*[@-ln-~]/;
const COLOUR = /\x1b\[([0-9;]*)m/g;
const INCOMPLETE_ESCAPE = /\x1b(?:\[[0-9;?]*)?$/;

interface Cell {
  readonly colour: string;
  readonly character: string;
}

/** One line: as it came, or, once something was written into it, as cells. */
interface Row {
  readonly before: string;
  after: string;
  text: string;
  cells: Cell[] | undefined;
}

/**
 * The part of a terminal that program output relies on: `\r` and `\b` overwrite, and so do the cursor movements
 * of nested progress bars. Colours (SGR sequences) are kept for the renderer, other control sequences dropped.
 */
export class TerminalText {
  #rows: Row[] = [newRow('')];
  #row = 0;
  #column = 0;
  /** The cursor is behind the last character of its row: the usual case, in which text is just added. */
  #atEnd = true;
  #colour = '';
  #incomplete = '';

  /** Takes output in and says what changes. Text that ends within an escape sequence waits for the rest. */
  write(input: string): TextPatch {
    let text = this.#incomplete + input;
    this.#incomplete = INCOMPLETE_ESCAPE.exec(text)?.[0] ?? '';
    if (this.#incomplete) text = text.slice(0, -this.#incomplete.length);
    if (text.includes('\r\n')) text = text.replace(/\r+\n/g, '\n');
    if (text === '') return { drop: 0, text: '' };

    if (this.#atEnd && this.#row === this.#rows.length - 1 && !MOVES.test(text)) {
      this.#add(text);
      this.#forget();
      return { drop: 0, text };
    }
    const before = this.#render();
    this.#interpret(text);
    const after = this.#render();
    this.#forget();
    const kept = commonPrefix(before, after);
    return { drop: before.length - kept, text: after.slice(kept) };
  }

  /** Adds text without movements at the end. Only rows that stay within reach are built. */
  #add(text: string): void {
    const lines = text.split('\n');
    const reachable = Math.max(0, lines.length - REACHABLE_LINES - 1);
    lines.forEach((line, index) => {
      const before = this.#colour;
      this.#colour = colourAfter(line, before);
      if (index === 0) {
        const row = this.#rows[this.#row]!;
        settle(row);
        row.text += line;
        row.after = this.#colour;
      } else if (index >= reachable) {
        this.#rows.push({ before, after: this.#colour, text: line, cells: undefined });
      }
    });
    this.#row = this.#rows.length - 1;
  }

  #interpret(text: string): void {
    let start = 0;
    for (const token of text.matchAll(TOKEN)) {
      this.#put(text.slice(start, token.index));
      start = token.index + token[0].length;
      if (token[0] === '\n') this.#lineFeed();
      else if (token[0] === '\r') this.#moveTo(0);
      else if (token[0] === '\b') this.#moveTo(this.#position() - 1);
      else this.#control(token[1] ?? '', token[2] ?? '', token[0]);
    }
    this.#put(text.slice(start));
  }

  #put(run: string): void {
    if (run === '') return;
    const row = this.#rows[this.#row]!;
    if (this.#atEnd && row.cells === undefined && row.after === this.#colour) {
      row.text += run;
      return;
    }
    const cells = toCells(row);
    if (this.#atEnd) this.#column = cells.length;
    while (cells.length < this.#column) cells.push({ colour: '', character: ' ' });
    for (const character of run) cells[this.#column++] = { colour: this.#colour, character };
    this.#atEnd = this.#column >= cells.length;
    if (this.#row === this.#rows.length - 1) row.after = this.#colour;
  }

  #lineFeed(): void {
    this.#row++;
    this.#column = 0;
    if (this.#row === this.#rows.length) {
      // What fell out of reach stays in the rendering until the write ends, so that the patch is complete.
      this.#rows.push(newRow(this.#colour));
    }
    this.#atEnd = isEmpty(this.#rows[this.#row]!);
  }

  #control(parameters: string, command: string, sequence: string): void {
    const count = Math.max(1, Number.parseInt(parameters, 10) || 1);
    const row = this.#rows[this.#row]!;
    if (command === 'm') this.#recolour(sequence, row);
    else if (command === 'A') this.#moveTo(this.#position(), this.#row - count);
    else if (command === 'B') this.#moveTo(this.#position(), this.#row + count);
    else if (command === 'C') this.#moveTo(this.#position() + count);
    else if (command === 'D') this.#moveTo(this.#position() - count);
    else if (command === 'G') this.#moveTo(count - 1);
    else if (command === 'K') this.#eraseInLine(parameters);
    else if (command === 'J' && (parameters === '' || parameters === '0')) {
      this.#eraseInLine('0');
      for (const below of this.#rows.slice(this.#row + 1)) below.cells = [];
    }
  }

  #recolour(sequence: string, row: Row): void {
    this.#colour = colourAfter(sequence, this.#colour);
    if (this.#row < this.#rows.length - 1) return;
    if (this.#atEnd && row.cells === undefined) row.text += sequence;
    else toCells(row);
    row.after = this.#colour;
  }

  #eraseInLine(mode: string): void {
    const cells = toCells(this.#rows[this.#row]!);
    const position = this.#atEnd ? cells.length : this.#column;
    if (mode === '' || mode === '0') {
      cells.length = Math.min(cells.length, position);
    } else if (mode === '1') {
      for (let index = 0; index < position; index++) cells[index] = { colour: '', character: ' ' };
    } else if (mode === '2') {
      cells.length = 0;
    }
    this.#column = position;
    this.#atEnd = position === cells.length;
  }

  #position(): number {
    return this.#atEnd ? toCells(this.#rows[this.#row]!).length : this.#column;
  }

  #moveTo(column: number, row = this.#row): void {
    this.#row = Math.min(Math.max(row, 0), this.#rows.length - 1);
    this.#column = Math.max(column, 0);
    const target = this.#rows[this.#row]!;
    this.#atEnd = this.#column === 0 ? isEmpty(target) : toCells(target).length === this.#column;
  }

  #render(): string {
    return this.#rows.map(rendered).join('\n');
  }

  /** Lets go of rows, and of the start of a very long one, that a later movement cannot reach any more. */
  #forget(): void {
    const excess = Math.min(this.#rows.length - REACHABLE_LINES, this.#row);
    if (excess > 0) {
      this.#rows = this.#rows.slice(excess);
      this.#row -= excess;
    }
    let size = 0;
    for (let index = this.#rows.length - 1; index >= 0; index--) {
      const row = this.#rows[index]!;
      size += row.cells?.length ?? row.text.length;
      if (size <= REACHABLE_CHARACTERS) continue;
      const first = Math.min(index + 1, this.#row);
      this.#rows = this.#rows.slice(first);
      this.#row -= first;
      if (this.#rows.length === 1 && this.#atEnd) this.#rows = [newRow(this.#colour)];
      return;
    }
  }
}

function newRow(colour: string): Row {
  return { before: colour, after: colour, text: '', cells: undefined };
}

function isEmpty(row: Row): boolean {
  return row.cells ? row.cells.length === 0 : row.text === '';
}

function toCells(row: Row): Cell[] {
  if (row.cells) return row.cells;
  const cells: Cell[] = [];
  let colour = row.before;
  let start = 0;
  const add = (run: string) => {
    for (const character of run) cells.push({ colour, character });
  };
  for (const match of row.text.matchAll(COLOUR)) {
    add(row.text.slice(start, match.index));
    colour = colourAfter(match[0], colour);
    start = match.index + match[0].length;
  }
  add(row.text.slice(start));
  row.cells = cells;
  return cells;
}

/** Turns an overwritten row back into text, so that adding to it is cheap again. */
function settle(row: Row): void {
  row.text = rendered(row);
  row.cells = undefined;
}

function rendered(row: Row): string {
  if (row.cells === undefined) return row.text;
  let text = '';
  let colour = row.before;
  for (const cell of row.cells) {
    text += transition(colour, cell.colour) + cell.character;
    colour = cell.colour;
  }
  return text + transition(colour, row.after);
}

function transition(from: string, to: string): string {
  if (from === to) return '';
  return from === '' ? to : `\x1b[0m${to}`;
}

/** The colour sequences in force after `text`, which began with `colour`. */
function colourAfter(text: string, colour: string): string {
  if (!text.includes('\x1b')) return colour;
  let now = colour;
  for (const match of text.matchAll(COLOUR)) {
    const parameters = match[1] ?? '';
    now = /^(?:0*;)*0*$/.test(parameters) ? '' : now + match[0];
    // A program that never resets would make this grow for ever; the newest settings are the ones that show.
    if (now.length > 256) now = match[0];
  }
  return now;
}

function commonPrefix(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  let index = 0;
  while (index < length && left.charCodeAt(index) === right.charCodeAt(index)) index++;
  // Never between the halves of a surrogate pair.
  if (index > 0 && (left.charCodeAt(index - 1) & 0xfc00) === 0xd800) index--;
  return index;
}
