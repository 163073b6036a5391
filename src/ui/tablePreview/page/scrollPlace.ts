/** Pixels that the rows take at most: browsers draw nothing far below that. */
const MAX_HEIGHT = 8_000_000;

/** What {@link ScrollPlace} works out places from; all in pixels but for `rows`. */
export interface ScrollMeasures {
  readonly rows: number;
  readonly rowHeight: number;
  /** Of what scrolls, below the headings. */
  readonly viewport: number;
}

/**
 * Which row is on top for a place of the scroll bar, and the other way round. Of very many rows one pixel of the
 * scroll bar stands for several.
 */
export class ScrollPlace {
  readonly #measures: ScrollMeasures;

  constructor(measures: ScrollMeasures) {
    this.#measures = measures;
  }

  /** Pixels that the rows take in what scrolls. */
  get height(): number {
    const { rows, rowHeight } = this.#measures;
    return Math.min(rows * rowHeight, MAX_HEIGHT);
  }

  /** Whether a pixel of the scroll bar is a pixel of the rows. */
  get isExact(): boolean {
    const { rows, rowHeight } = this.#measures;
    return rows * rowHeight <= MAX_HEIGHT;
  }

  /** The row on top when the last one is at the bottom. */
  get lastTop(): number {
    const { rows, rowHeight, viewport } = this.#measures;
    return Math.max(0, rows - viewport / rowHeight);
  }

  /** The row on top, with the part of it that is out of sight. */
  topOf(scrollTop: number): number {
    const most = Math.max(1, this.height - this.#measures.viewport);
    return this.isExact ? scrollTop / this.#measures.rowHeight : Math.min(1, scrollTop / most) * this.lastTop;
  }

  scrollTopOf(top: number): number {
    const { rowHeight, viewport } = this.#measures;
    if (this.isExact) return top * rowHeight;
    return (top / Math.max(1, this.lastTop)) * (this.height - viewport);
  }
}
