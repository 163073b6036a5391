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

/** What the run of a cell says of it, to be found again after a reload of the window. */
export interface CellTag {
  /** {@link CellIdentity.notebook}, or a hash of it where that is too long. */
  readonly notebook: string;
  /** {@link CellIdentity.id}, or a hash of it where that is too long. */
  readonly id?: string;
  readonly index: number;
  /** A hash of the code. */
  readonly code: string;
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
    ...(cell.id === undefined ? {} : { id: bounded(cell.id) }),
    index: cell.index,
    code: hashOf(cell.code),
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
  const { notebook, id, index, code, executionCount, key, source } = cell as Partial<
    Record<keyof CellTag, unknown>
  >;
  if (typeof notebook !== 'string' || typeof code !== 'string' || typeof key !== 'string') return undefined;
  if (!isCount(index) || !isCount(executionCount)) return undefined;
  return {
    notebook,
    ...(typeof id === 'string' ? { id } : {}),
    index,
    code,
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
  const known = cells.map((cell) => ({ ...cell, hash: hashOf(cell.code), key: cell.id && bounded(cell.id) }));
  const wanted = notebooks?.map(bounded);
  const newest: (CellRunInfo & { readonly cell: number | undefined })[] = [];
  const claimed = new Set<number>();
  const seen = new Set<string>();
  for (const run of runs.toReversed()) {
    const tag = parseCellTag(run.tag);
    if (!tag || (wanted && !wanted.includes(tag.notebook))) continue;
    // Of the runs of one cell the newest counts; an older one must not go to a cell that only looks the same.
    const same = tag.id ?? `${tag.index} ${tag.code}`;
    if (seen.has(same)) continue;
    seen.add(same);
    let nearest: number | undefined;
    for (const [at, { id, key, hash, index }] of known.entries()) {
      if (claimed.has(at)) continue;
      // A cell without an id, or a run from when it had none, is known by its code.
      if (tag.id !== undefined && id !== undefined ? key !== tag.id : hash !== tag.code) continue;
      // Of two that are as near the later: more cells are put in than are taken out.
      const distance = Math.abs(index - tag.index);
      if (nearest === undefined || distance <= Math.abs(known[nearest]!.index - tag.index)) nearest = at;
    }
    if (nearest !== undefined) claimed.add(nearest);
    newest.push({ run, tag, cell: nearest });
  }
  return newest.reverse();
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
