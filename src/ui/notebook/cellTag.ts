import { createHash } from 'node:crypto';
import type { RunInfo } from '../../core/session/session.ts';

/** By what a cell is known. */
export interface CellIdentity {
  /** URI of its notebook. */
  readonly notebook: string;
  /** The id that the notebook's file gives it, if any: it stays when the cell is edited or moved. */
  readonly id: string | undefined;
  /** Its place in the notebook, from 0. */
  readonly index: number;
  /** As it is run: with `\n` between its lines. */
  readonly code: string;
}

/** What a cell is found again by in its notebook; small, and without its code. */
export interface CellMark {
  /** {@link CellIdentity.id}, or a hash of it where that is too long. */
  readonly id?: string;
  readonly index: number;
  /** A hash of the code. */
  readonly code: string;
}

/** What the run of a cell says of it, to be found again after a reload of the window. */
export interface CellTag extends CellMark {
  /** {@link CellIdentity.notebook}, or a hash of it where that is too long. */
  readonly notebook: string;
  /** The execution count that the run was expected to have, and that its tracebacks name. */
  readonly executionCount: number;
  /** Names the run among all. */
  readonly key: string;
  /** The code, cut where it is too long, of a cell that no file keeps. */
  readonly source?: string;
}

/** The run of a cell that is among others of its session. */
export interface CellRunInfo {
  readonly run: RunInfo;
  readonly tag: CellTag;
}

/** Characters of a tag. */
const MAX_TAG = 4_096;
/** What a code ends with that is cut. */
const CUT = '\n# … the rest of the code is not kept …';
/** Characters of a URI or an id that a tag takes in: JSON may write six for one. */
const MAX_TEXT = 256;

/** The mark of a cell. */
export function markOf({ id, index, code }: CellIdentity): CellMark {
  return { ...(id === undefined ? {} : { id: bounded(id) }), index, code: hashOf(code) };
}

/** A mark that was kept; undefined for what is none. */
export function parseCellMark(value: unknown): CellMark | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, index, code } = value as Partial<Record<keyof CellMark, unknown>>;
  if (typeof code !== 'string' || !isCount(index)) return undefined;
  return { ...(typeof id === 'string' ? { id } : {}), index, code };
}

/**
 * The tag for a run of a cell; see {@link CellTag} for what belongs to the run.
 * @param withSource - whether the cell can be made again from the tag
 */
export function formatCellTag(
  cell: CellIdentity,
  { executionCount, key }: Pick<CellTag, 'executionCount' | 'key'>,
  withSource = false,
): string {
  const tag: CellTag = {
    notebook: bounded(cell.notebook),
    ...markOf(cell),
    executionCount,
    key,
  };
  if (!withSource) return JSON.stringify({ cell: tag });
  const withCode = (source: string) => JSON.stringify({ cell: { ...tag, source } });
  if (cell.code.length < MAX_TAG && withCode(cell.code).length <= MAX_TAG) return withCode(cell.code);
  let end = MAX_TAG;
  const cut = () => withCode(cell.code.slice(0, end) + CUT);
  while (cut().length > MAX_TAG) end = Math.floor(end * 0.9);
  return cut();
}

/** The cell that a tag speaks of; undefined for what others write into theirs. */
export function parseCellTag(text: string | null): CellTag | undefined {
  const { cell } = objectOf(text);
  if (typeof cell !== 'object' || cell === null) return undefined;
  const mark = parseCellMark(cell);
  const { notebook, executionCount, key, source } = cell as Partial<Record<keyof CellTag, unknown>>;
  if (!mark || typeof notebook !== 'string' || typeof key !== 'string') return undefined;
  if (!isCount(executionCount)) return undefined;
  return {
    notebook,
    ...mark,
    executionCount,
    key,
    ...(typeof source === 'string' ? { source } : {}),
  };
}

/**
 * Finds the newest run of each cell.
 *
 * @param runs - of the session, oldest first
 * @param notebooks - URIs that the cells' notebook has or had; undefined: all runs of cells are of this notebook
 * @returns the runs that are the newest of a cell, oldest first, each with the index of that cell in `cells`; without
 * one where the cell is not there
 */
export function matchRuns(
  cells: readonly CellIdentity[],
  runs: readonly RunInfo[],
  notebooks?: readonly string[],
): readonly (CellRunInfo & { readonly cell: number | undefined })[] {
  const find = cellFinder(cells);
  const wanted = notebooks?.map(bounded);
  const newest: (CellRunInfo & { readonly cell: number | undefined })[] = [];
  const seen = new Set<string>();
  for (const run of runs.toReversed()) {
    const tag = parseCellTag(run.tag);
    if (!tag || (wanted && !wanted.includes(tag.notebook))) continue;
    // Of the runs of one cell the newest counts; an older one must not go to a cell that only looks the same.
    const same = tag.id ?? `${tag.index} ${tag.code}`;
    if (seen.has(same)) continue;
    seen.add(same);
    newest.push({ run, tag, cell: find(tag) });
  }
  return newest.reverse();
}

/**
 * Finds cells by their marks, each cell for one mark alone.
 * @returns for each mark the index of its cell in `cells`; undefined where it is not there
 */
export function matchCells(
  cells: readonly CellIdentity[],
  marks: readonly CellMark[],
): readonly (number | undefined)[] {
  return marks.map(cellFinder(cells));
}

function cellFinder(cells: readonly CellIdentity[]): (mark: CellMark) => number | undefined {
  const known = cells.map(markOf);
  const claimed = new Set<number>();
  return (mark) => {
    let nearest: number | undefined;
    for (const [at, { id, code, index }] of known.entries()) {
      if (claimed.has(at)) continue;
      // A cell without an id, or a run from when it had none, is known by its code.
      if (mark.id !== undefined && id !== undefined ? id !== mark.id : code !== mark.code) continue;
      // Of two that are as near the later: more cells are put in than are taken out.
      const distance = Math.abs(index - mark.index);
      if (nearest === undefined || distance <= Math.abs(known[nearest]!.index - mark.index)) nearest = at;
    }
    if (nearest !== undefined) claimed.add(nearest);
    return nearest;
  };
}

function bounded(text: string): string {
  return text.length <= MAX_TEXT ? text : hashOf(text);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

function objectOf(text: string | null): { readonly cell?: unknown } {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
