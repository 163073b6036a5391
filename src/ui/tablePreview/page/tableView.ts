import type { Cell, Column, Extent } from '../tableContent.ts';
import { describeExtent } from './describeExtent.ts';
import { ScrollPlace } from './scrollPlace.ts';

/** What {@link TableView} works with. */
export interface TableViewOptions {
  readonly name: string;
  /** The cells of a row, where they are here. */
  readonly rowAt: (row: number) => readonly Cell[] | undefined;
  /** These rows are in sight or nearly so. */
  readonly onWindow: (from: number, count: number) => void;
  readonly onTop: (row: number) => void;
  readonly onOpenAsText: () => void;
  readonly onRetry: () => void;
}

const ROW_HEIGHT = 23;
const HEAD_HEIGHT = 42;
/** Rows that are drawn above and below those in sight. */
const OVERSCAN = 12;
/** How programs write that there is no number. */
const NO_NUMBER = /^(?:nan|nat|na|n\/a|null|none)$/i;

/** A table of which only the rows around those in sight are elements of the page. */
export class TableView {
  readonly #options: TableViewOptions;
  readonly #scroller = element('main', 'scroller');
  readonly #table = document.createElement('table');
  readonly #caption = document.createElement('caption');
  readonly #head = document.createElement('thead');
  readonly #body = document.createElement('tbody');
  readonly #above = spaceRow();
  readonly #below = spaceRow();
  readonly #footer = document.createElement('footer');
  readonly #summary = element('span', 'summary');
  readonly #problem = element('span', 'problem');
  readonly #failure = element('section', 'failure');
  readonly #drawn = new Map<number, HTMLTableRowElement>();
  #columns: readonly Column[] = [];
  #headings: HTMLElement[] = [];
  #extent: Extent = { rows: 0, isAll: true, omittedColumns: 0 };
  #top = 0;
  /** Where the scroll bar was put by this view: what comes of that is no scrolling of the person's. */
  #scrollTop = 0;
  #isDrawing = false;

  constructor(options: TableViewOptions) {
    this.#options = options;
    document.documentElement.style.setProperty('--row-height', `${ROW_HEIGHT}px`);
    document.documentElement.style.setProperty('--head-height', `${HEAD_HEIGHT}px`);
    this.#scroller.tabIndex = 0;
    this.#scroller.setAttribute(
      'aria-label',
      `Table of ${options.name}; arrow keys and Page Up and Down scroll`,
    );
    this.#caption.textContent = options.name;
    this.#body.append(this.#above, this.#below);
    this.#table.append(this.#caption, this.#head, this.#body);
    this.#scroller.append(this.#table);
    this.#summary.setAttribute('role', 'status');
    this.#problem.setAttribute('role', 'alert');
    this.#footer.append(this.#summary, this.#problem, button('Open as Text', 'link', options.onOpenAsText));
    this.#failure.setAttribute('role', 'alert');
    this.#failure.hidden = true;
    this.#scroller.hidden = true;
    this.#footer.hidden = true;
    document.body.append(this.#scroller, this.#failure, this.#footer);
    this.#scroller.addEventListener('scroll', () => this.#onScroll());
    this.#scroller.addEventListener('wheel', (event) => this.#onWheel(event), { passive: false });
    this.#scroller.addEventListener('keydown', (event) => this.#onKey(event));
    window.addEventListener('resize', () => this.#drawSoon());
    window.addEventListener('focus', () => {
      if (document.activeElement === document.body) this.#scroller.focus();
    });
  }

  /** The row on top, with the part of it that is out of sight. */
  get top(): number {
    return this.#top;
  }

  /** Shows columns and as many rows as there are. */
  show(columns: readonly Column[], extent: Extent): void {
    const isFirst = this.#scroller.hidden;
    this.#scroller.hidden = false;
    this.#footer.hidden = false;
    this.#failure.hidden = true;
    if (!isSame(columns, this.#columns)) this.#showColumns(columns);
    this.#extent = extent;
    this.#table.setAttribute('aria-rowcount', String(extent.isAll ? extent.rows + 1 : -1));
    const summary = describeExtent(extent, columns.length);
    if (this.#summary.textContent !== summary) this.#summary.textContent = summary;
    if (this.#problem.textContent !== (extent.problem ?? ''))
      this.#problem.textContent = extent.problem ?? '';
    // Rows that are here by now are drawn anew.
    for (const [row, drawn] of this.#drawn) {
      if (this.#options.rowAt(row) !== rowsOf.get(drawn)) this.#forget(row, drawn);
    }
    this.#draw();
    if (isFirst && document.hasFocus()) this.#scroller.focus();
  }

  /** Says why there is no table. */
  fail(message: string, hint: string): void {
    this.#scroller.hidden = true;
    this.#footer.hidden = true;
    this.#failure.hidden = false;
    const text = element('p', 'message');
    text.textContent = message;
    const more = document.createElement('p');
    more.textContent = hint;
    more.hidden = hint === '';
    const retry = button('Try Again', 'link', this.#options.onRetry);
    this.#failure.replaceChildren(text, more, button('Open as Text', '', this.#options.onOpenAsText), retry);
  }

  /** Brings a row to the top, or as far up as it can be. */
  goTo(top: number): void {
    this.#top = Math.max(0, Math.min(top, this.#place().lastTop));
    this.#draw();
  }

  #showColumns(columns: readonly Column[]): void {
    this.#columns = columns;
    const row = document.createElement('tr');
    row.setAttribute('aria-rowindex', '1');
    const corner = element('th', 'corner');
    corner.setAttribute('scope', 'col');
    corner.setAttribute('aria-label', 'Row');
    this.#headings = columns.map(({ name, type, isNumeric }) => {
      const heading = element('th', isNumeric ? 'number' : '');
      heading.setAttribute('scope', 'col');
      heading.title = `${name}: ${type}`;
      const label = element('span', 'name');
      label.textContent = name;
      const kind = element('span', 'type');
      kind.textContent = type;
      heading.append(label, kind);
      return heading;
    });
    this.#headings.unshift(corner);
    row.append(...this.#headings);
    this.#head.replaceChildren(row);
    this.#table.setAttribute('aria-colcount', String(columns.length + 1));
    for (const [place, drawn] of this.#drawn) this.#forget(place, drawn);
    for (const space of [this.#above, this.#below]) space.cells[0]!.colSpan = columns.length + 1;
  }

  #place(): ScrollPlace {
    const viewport = Math.max(ROW_HEIGHT, this.#scroller.clientHeight - HEAD_HEIGHT);
    return new ScrollPlace({ rows: this.#extent.rows, rowHeight: ROW_HEIGHT, viewport });
  }

  #onScroll(): void {
    if (Math.abs(this.#scroller.scrollTop - this.#scrollTop) < 1) return;
    this.#scrollTop = this.#scroller.scrollTop;
    this.#top = this.#place().topOf(this.#scrollTop);
    this.#drawSoon();
  }

  /** Where a pixel of the scroll bar is many rows, the wheel moves the rows themselves. */
  #onWheel(event: WheelEvent): void {
    if (this.#place().isExact || event.ctrlKey || event.shiftKey || event.deltaY === 0) return;
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * ROW_HEIGHT : event.deltaY;
    this.goTo(this.#top + pixels / ROW_HEIGHT);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.altKey || event.shiftKey) return;
    const place = this.#place();
    const page = Math.max(1, Math.floor(this.#scroller.clientHeight / ROW_HEIGHT) - 3);
    const tops: Record<string, number> = {
      ArrowDown: this.#top + 1,
      ArrowUp: this.#top - 1,
      PageDown: this.#top + page,
      PageUp: this.#top - page,
      ' ': this.#top + page,
      Home: 0,
      End: place.lastTop,
    };
    const top = tops[event.key];
    if (top === undefined) return;
    event.preventDefault();
    this.goTo(top);
  }

  #drawSoon(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      this.#draw();
    });
  }

  /** Draws the rows around those in sight, at the place where the scroll bar stands. */
  #draw(): void {
    const place = this.#place();
    const { rows, isAll } = this.#extent;
    this.#top = Math.max(0, Math.min(this.#top, place.lastTop));
    const scrollTop = place.scrollTopOf(this.#top);
    const inSight = Math.ceil(this.#scroller.clientHeight / ROW_HEIGHT);
    const above = Math.min(OVERSCAN, Math.floor(scrollTop / ROW_HEIGHT));
    const first = Math.max(0, Math.floor(this.#top) - above);
    const end = Math.min(rows, Math.floor(this.#top) + inSight + OVERSCAN);
    // One row more than there are, as long as there may be some: that reads on.
    this.#options.onWindow(first, end - first + (isAll || end < rows ? 0 : 1));
    for (const [row, drawn] of this.#drawn) if (row < first || row >= end) this.#forget(row, drawn);
    for (let row = first; row < end; row++) this.#drawRow(row, first);
    const lead = Math.max(0, scrollTop - (this.#top - first) * ROW_HEIGHT);
    setHeight(this.#above, lead);
    setHeight(this.#below, Math.max(0, place.height - lead - (end - first) * ROW_HEIGHT));
    this.#keepWidths();
    if (Math.abs(this.#scroller.scrollTop - scrollTop) >= 1) this.#scroller.scrollTop = scrollTop;
    this.#scrollTop = this.#scroller.scrollTop;
    this.#options.onTop(this.#top);
  }

  #drawRow(row: number, first: number): void {
    if (this.#drawn.has(row)) return;
    const cells = this.#options.rowAt(row);
    const drawn = document.createElement('tr');
    drawn.className = 'row';
    drawn.setAttribute('aria-rowindex', String(row + 2));
    const heading = document.createElement('th');
    heading.setAttribute('scope', 'row');
    heading.textContent = (row + 1).toLocaleString('en');
    drawn.append(heading);
    for (const [index, column] of this.#columns.entries()) drawn.append(cellElement(cells?.[index], column));
    if (!cells) drawn.setAttribute('aria-busy', 'true');
    rowsOf.set(drawn, cells);
    const before = row === first ? this.#above : this.#drawn.get(row - 1);
    (before ?? this.#above).after(drawn);
    this.#drawn.set(row, drawn);
  }

  #forget(row: number, drawn: HTMLTableRowElement): void {
    drawn.remove();
    this.#drawn.delete(row);
  }

  /** Columns become wider while one scrolls, never narrower: they would jump. */
  #keepWidths(): void {
    const widths = this.#headings.map((heading) => heading.getBoundingClientRect().width);
    for (const [index, heading] of this.#headings.entries()) heading.style.minWidth = `${widths[index]}px`;
  }
}

/** The cells that a row was drawn with. */
const rowsOf = new WeakMap<HTMLTableRowElement, readonly Cell[] | undefined>();

function cellElement(cell: Cell | undefined, { isNumeric, type }: Column): HTMLElement {
  const drawn = element('td', isNumeric ? 'number' : '');
  if (cell === undefined) return drawn;
  drawn.textContent = cell ?? 'null';
  if (cell === null || (type !== 'text' && NO_NUMBER.test(cell))) drawn.classList.add('missing');
  if (cell !== null && cell.length > 24) drawn.title = cell;
  return drawn;
}

function element(tag: string, className: string): HTMLElement {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  return made;
}

function button(label: string, className: string, onClick: () => void): HTMLElement {
  const made = element('button', className);
  made.textContent = label;
  made.addEventListener('click', onClick);
  return made;
}

/** Stands for the rows that are not drawn. */
function spaceRow(): HTMLTableRowElement {
  const row = document.createElement('tr');
  row.className = 'space';
  row.setAttribute('aria-hidden', 'true');
  row.append(document.createElement('td'));
  return row;
}

function setHeight(space: HTMLTableRowElement, height: number): void {
  space.hidden = height === 0;
  space.style.height = `${height}px`;
}

function isSame(some: readonly Column[], others: readonly Column[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ name, type }, index) => others[index]?.name === name && others[index].type === type)
  );
}
