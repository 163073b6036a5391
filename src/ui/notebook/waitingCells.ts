import { setTimeout as sleep } from 'node:timers/promises';
import type * as vscode from 'vscode';
import type { CodeOrigin } from '../../core/contract/execution.ts';
import type { Session } from '../../core/session/session.ts';
import { type CellMark, markOf, matchCells, parseCellMark, parseCellTag } from './cellTag.ts';
import type { RunQueue } from './runQueue.ts';
import { identityOf } from './runSource.ts';

/** A cell that waits for its turn. */
export interface WaitingCell {
  readonly cell: vscode.NotebookCell;
  /** Where its code comes from, if not from the cell itself. */
  readonly origin: CodeOrigin | undefined;
}

/** The cells of a notebook that waited in this window before its reload. */
export interface WaitingBehind {
  /** The {@link CellTag.key} of the run that they waited behind. */
  readonly key: string;
  /** Whether that run has ended well. */
  readonly hasSucceeded: boolean;
  /** Those that were asked for together with that run. */
  readonly sameBatch: readonly WaitingCell[];
  /** What was asked for afterwards. */
  readonly laterBatches: readonly (readonly WaitingCell[])[];
}

/** A run of a cell as it is kept. */
interface KeptRun extends CellMark {
  /** What its tag names it by, once it has begun. */
  readonly key: string;
  readonly batch: number;
  readonly origin?: CodeOrigin;
}

/** The queue of a notebook as it is kept. */
interface KeptQueue {
  /** The id of the process whose queue it is. */
  readonly owner: number;
  /** {@link SessionInfo.clearings} of its session. */
  readonly clearings: number;
  /** In their order: those that have begun, then those that wait. */
  readonly runs: readonly KeptRun[];
}

const KEY = 'codeMode.waitingCells';
/** Runs that are kept of one notebook, and notebooks. */
const MAX_RUNS = 500;
const MAX_NOTEBOOKS = 20;
/** Milliseconds in which changes are gathered: many short cells change a queue often. */
const GATHER_MS = 100;
/** How long the window before a reload may take to end, and how often that is looked at. */
const OWNER_MS = 10_000;
const LOOK_MS = 100;

/**
 * Remembers, over reloads of the window, which cells wait for their turn behind a run that lives on without it. It
 * is kept whenever a queue changes, since a window may crash.
 */
export class WaitingCells implements vscode.Disposable {
  readonly #key: string;
  readonly #state: vscode.Memento;
  readonly #log: vscode.LogOutputChannel;
  /** By URI: of the window before its reload, not taken yet. */
  readonly #left: Map<string, KeptQueue>;
  /** By URI: of this window. */
  readonly #kept = new Map<string, KeptQueue>();
  readonly #changed = new Map<vscode.NotebookDocument, RunQueue>();
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;

  /** @param kernel - the id of the kernel whose queues they are */
  constructor(kernel: string, state: vscode.Memento, log: vscode.LogOutputChannel) {
    this.#key = `${KEY}.${kernel}`;
    this.#state = state;
    this.#log = log;
    this.#left = parseQueues(state.get(this.#key));
  }

  /** The queue of a notebook has changed, or the session of what runs there is known. */
  note(notebook: vscode.NotebookDocument, queue: RunQueue): void {
    if (this.#disposed) return;
    this.#changed.set(notebook, queue);
    this.#timer ??= setTimeout(() => this.#keepChanged(), GATHER_MS);
  }

  /**
   * Hands out, once, the cells that waited in a notebook before the reload; undefined where there are none, or
   * nothing tells that they still may run.
   *
   * @param session - of the notebook; undefined: it has none any more
   * @param cells - of the notebook
   */
  async take(
    notebook: vscode.NotebookDocument,
    session: Session | undefined,
    cells: readonly vscode.NotebookCell[],
  ): Promise<WaitingBehind | undefined> {
    const uri = notebook.uri.toString();
    const queue = this.#left.get(uri);
    if (!queue) return undefined;
    if (!(await hasEnded(queue.owner))) {
      this.#log.info('The cells that wait in a notebook are left to the other window that runs them.');
      return undefined;
    }
    if (!this.#left.delete(uri)) return undefined;
    // Before they run, so that whatever happens they do not run a second time.
    await this.#save();
    const begun = new Map(
      session?.info.clearings === queue.clearings
        ? (await session.runs()).map((run) => [parseCellTag(run.tag)?.key, run])
        : [],
    );
    const last = queue.runs.findLastIndex(({ key }) => begun.has(key));
    const behind = queue.runs[last];
    if (!behind) {
      this.#log.info('Cells that waited before the reload are not run: their session is not as it was.');
      return undefined;
    }
    const batches = this.#find(queue.runs.slice(last + 1), cells);
    const sameBatch = batches.get(behind.batch) ?? [];
    batches.delete(behind.batch);
    return {
      key: behind.key,
      hasSucceeded: begun.get(behind.key)?.status === 'ok',
      sameBatch,
      laterBatches: [...batches.values()],
    };
  }

  /** Keeps what waits at this moment, and nothing of what happens to it afterwards. */
  dispose(): void {
    this.#disposed = true;
    if (this.#timer) this.#keepChanged();
  }

  #find(
    runs: readonly KeptRun[],
    cells: readonly vscode.NotebookCell[],
  ): Map<number, readonly WaitingCell[]> {
    const present = cells.filter(({ index }) => index >= 0);
    const found = matchCells(present.map(identityOf), runs);
    const batches = new Map<number, WaitingCell[]>();
    for (const [at, { batch, index, origin }] of runs.entries()) {
      const cell = present[found[at] ?? -1];
      if (cell) batches.set(batch, [...(batches.get(batch) ?? []), { cell, origin }]);
      else
        this.#log.info(
          `Cell ${index + 1} waited before the reload and is not there any more: it is not run.`,
        );
    }
    return batches;
  }

  #keepChanged(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    let isNew = false;
    for (const [notebook, queue] of this.#changed) {
      const uri = notebook.uri.toString();
      const kept = keptQueueOf(queue);
      isNew = this.#kept.delete(uri) || kept !== undefined || isNew;
      if (kept) this.#kept.set(uri, kept);
    }
    this.#changed.clear();
    if (isNew) void this.#save();
  }

  async #save(): Promise<void> {
    const queues = [...new Map([...this.#left, ...this.#kept])].slice(-MAX_NOTEBOOKS);
    try {
      await this.#state.update(this.#key, queues.length > 0 ? Object.fromEntries(queues) : undefined);
    } catch (error) {
      this.#log.warn(String(error));
    }
  }
}

/** Undefined where nothing waits, or nothing that lives on has begun. */
function keptQueueOf({ runs }: RunQueue): KeptQueue | undefined {
  const session = runs.findLast(({ run }) => run.session)?.run.session;
  if (!session || !runs.some(({ run }) => !run.isActive && !run.hasEnded)) return undefined;
  return {
    owner: process.pid,
    clearings: session.info.clearings,
    runs: runs.slice(0, MAX_RUNS).map(({ run, batch }) => ({
      ...markOf(identityOf(run.cell)),
      key: run.key,
      batch,
      ...(run.origin === undefined ? {} : { origin: run.origin }),
    })),
  };
}

/** Waits for the end of a window that is being reloaded; false where it goes on: then it is another one. */
async function hasEnded(owner: number): Promise<boolean> {
  for (const end = Date.now() + OWNER_MS; isAlive(owner); await sleep(LOOK_MS)) {
    if (Date.now() > end) return false;
  }
  return true;
}

function isAlive(owner: number): boolean {
  // What was left is of a process before this one, even where that had the same id.
  if (owner === process.pid) return false;
  try {
    process.kill(owner, 0);
    return true;
  } catch {
    return false;
  }
}

function parseQueues(value: unknown): Map<string, KeptQueue> {
  const queues = new Map<string, KeptQueue>();
  for (const [uri, queue] of Object.entries(objectOf(value))) {
    const { owner, clearings, runs } = objectOf(queue);
    if (!isCount(owner) || owner === 0 || !isCount(clearings) || !Array.isArray(runs)) continue;
    const parsed = runs.slice(0, MAX_RUNS).map(parseRun);
    // One that can't be read might be what others wait behind.
    if (parsed.every((run) => run !== undefined)) queues.set(uri, { owner, clearings, runs: parsed });
  }
  return queues;
}

function parseRun(value: unknown): KeptRun | undefined {
  const mark = parseCellMark(value);
  const { key, batch, origin } = objectOf(value);
  if (!mark || typeof key !== 'string' || !isCount(batch)) return undefined;
  const { filename, firstLine } = objectOf(origin);
  const from = typeof filename === 'string' && isCount(firstLine) ? { origin: { filename, firstLine } } : {};
  return { ...mark, key, batch, ...from };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
