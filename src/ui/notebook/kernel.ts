import * as vscode from 'vscode';
import type { CodeOrigin, ExecutionResult } from '../../core/contract/execution.ts';
import type { Session } from '../../core/session/session.ts';
import type { EditLease } from '../outputs/cellOutputs.ts';
import type { DisplayRegistry } from '../outputs/displayRegistry.ts';
import type { WholeOutputs } from '../outputs/wholeOutputs.ts';
import { CellRun, type CellRunServices } from './cellRun.ts';
import type { CellRunInfo } from './cellTag.ts';
import { ClearedRuns } from './clearedRuns.ts';
import { findRuns } from './foundRuns.ts';
import { RunQueue } from './runQueue.ts';
import { FollowedRun, type RunSource, StartedRun } from './runSource.ts';
import { type WaitingCell, WaitingCells } from './waitingCells.ts';

/** Where a kernel's sessions come from. */
export interface KernelSessions {
  open(notebook: vscode.NotebookDocument): Promise<Session>;
  /** The session that a notebook has already, of this window before its reload or of others. */
  find(notebook: vscode.NotebookDocument): Promise<Session | undefined>;
  /** The window has come back to sessions that lived on without it. */
  readonly onDidAttach: vscode.Event<void>;
  restart(session: Session): Promise<void>;
  /** False, with a message to the person, where no code may run. */
  ensureTrusted(): boolean;
}

/** What a {@link Kernel} is made with. */
export interface KernelOptions {
  readonly id: string;
  readonly notebookType: 'jupyter-notebook' | 'interactive';
  readonly sessions: KernelSessions;
  readonly wholes: WholeOutputs;
  readonly displays: DisplayRegistry;
  /** Puts a cell back that the editor has lost; undefined: the notebook's file keeps its cells. */
  readonly addCell?: (notebook: vscode.NotebookDocument, code: string) => Promise<vscode.NotebookCell>;
  /** Of the workspace. */
  readonly state: vscode.Memento;
  readonly log: vscode.LogOutputChannel;
}

/** A cell that has run to its end, whatever that was. */
export interface RanCell {
  readonly notebook: vscode.NotebookDocument;
  readonly cell: vscode.NotebookCell;
  readonly session: Session | undefined;
  /** Where its code came from, if not from the cell itself. */
  readonly origin: CodeOrigin | undefined;
  /** Whether it was started in this window, since its last reload. */
  readonly isNew: boolean;
  readonly result: ExecutionResult;
}

/** The controllers' name in the kernel picker. */
export const KERNEL_LABEL = 'Python Code Mode';
/** How long an interrupted run may take to answer before a restart is offered. */
const ANSWER_MS = 2_000;
/** The setting's default, for a window whose settings are broken. */
const DEFAULT_LIMIT = 100_000;

/** Runs cells of one kind of notebook: VS Code's controller, a queue a notebook, and the runs' outputs. */
export class Kernel implements vscode.Disposable, CellRunServices {
  readonly controller: vscode.NotebookController;
  readonly wholes: WholeOutputs;
  readonly displays: DisplayRegistry;
  readonly #options: KernelOptions;
  readonly #cleared: ClearedRuns;
  readonly #waiting: WaitingCells;
  readonly #queues = new Map<vscode.NotebookDocument, RunQueue>();
  /** The newest run of each cell, whose outputs it shows. */
  readonly #runs = new Map<vscode.NotebookCell, CellRun>();
  /** The notebooks that this kernel is chosen for; only there can it run cells. */
  readonly #selected = new Set<vscode.NotebookDocument>();
  /** The session of a notebook whose runs its cells show. */
  readonly #restored = new WeakMap<vscode.NotebookDocument, Session>();
  /** The addresses that a notebook had before. */
  readonly #formerUris = new WeakMap<vscode.NotebookDocument, readonly string[]>();
  readonly #disposables: vscode.Disposable[] = [];
  readonly #ran = new vscode.EventEmitter<RanCell>();
  #offering = false;

  readonly onDidRun = this.#ran.event;

  constructor(options: KernelOptions) {
    this.#options = options;
    this.wholes = options.wholes;
    this.displays = options.displays;
    this.#cleared = new ClearedRuns(options.state, options.log);
    this.#waiting = new WaitingCells(options.id, options.state, options.log);
    this.controller = vscode.notebooks.createNotebookController(
      options.id,
      options.notebookType,
      KERNEL_LABEL,
      (cells) => void this.run(cells),
    );
    this.controller.supportedLanguages = ['python'];
    this.controller.supportsExecutionOrder = true;
    this.controller.interruptHandler = (notebook) => this.interrupt(notebook);
    this.#disposables.push(
      this.controller,
      this.#cleared,
      this.#ran,
      // After a reload VS Code chooses the kernel again for the notebooks that had it.
      this.controller.onDidChangeSelectedNotebooks(({ notebook, selected }) => {
        if (selected) this.#selected.add(notebook);
        else this.#selected.delete(notebook);
        this.#restoreSoon(notebook);
      }),
      options.sessions.onDidAttach(() => {
        for (const notebook of this.#selected) this.#restoreSoon(notebook);
      }),
      vscode.workspace.onDidCloseNotebookDocument((notebook) => {
        this.#selected.delete(notebook);
        // What runs may go on in the same notebook at another address.
        this.#queues.get(notebook)?.dropWaiting();
      }),
    );
  }

  /**
   * Runs cells of one notebook, in this order, behind those that wait already.
   *
   * @param origin - where the code comes from, if not from the cells themselves
   * @returns a result for each cell; undefined for those that did not run
   */
  run(
    cells: readonly vscode.NotebookCell[],
    origin?: CodeOrigin,
  ): Promise<readonly (ExecutionResult | undefined)[]> {
    const notebook = cells[0]?.notebook;
    if (!notebook || !this.#options.sessions.ensureTrusted()) return Promise.resolve([]);
    const batch = cells
      .filter((cell) => !this.#isQueued(cell))
      .map((cell) => this.#prepare(cell, this.#start(origin)));
    return this.#enqueue(notebook, batch);
  }

  /**
   * Shows what cells of a notebook have run, or still run, in a session that lived on without this window: after a
   * reload, after a move to another address. Cells that waited behind them go on to do so. Once for each session.
   */
  async restore(notebook: vscode.NotebookDocument): Promise<void> {
    if (!this.#selected.has(notebook)) return;
    // A cell that comes now is nobody's from before.
    const cells = notebook.getCells();
    const session = await this.#options.sessions.find(notebook);
    if (!this.#selected.has(notebook)) return;
    if (session && this.#restored.get(notebook) === session) return;
    if (session) this.#restored.set(notebook, session);
    const waiting = await this.#waiting.take(notebook, session, cells);
    if (!session) return;
    const uris = [notebook.uri.toString(), ...(this.#formerUris.get(notebook) ?? [])];
    for (const { cell, found, isLost } of await findRuns(session, cells, uris, this.#cleared)) {
      if (isLost) {
        const run = await this.#follow(notebook, cell, session, found);
        if (!run) continue;
        const isAwaited = run.key === waiting?.key;
        void this.#enqueue(notebook, [run, ...(isAwaited ? this.#startWaiting(waiting.sameBatch) : [])]);
      } else if (cell) this.#cleared.watch(cell, found.tag.key, found.run.executionCount);
    }
    if (!waiting) return;
    // Where the run is not followed, it is shown already or its cell is gone; none is started twice.
    if (waiting.hasSucceeded) void this.#enqueue(notebook, this.#startWaiting(waiting.sameBatch));
    for (const batch of waiting.laterBatches) void this.#enqueue(notebook, this.#startWaiting(batch));
  }

  /** A notebook goes on at another address: so does what runs there. */
  async move(from: vscode.NotebookDocument, to: vscode.NotebookDocument): Promise<void> {
    this.#formerUris.set(to, [from.uri.toString(), ...(this.#formerUris.get(from) ?? [])]);
    this.#forget(from);
    await this.restore(to);
  }

  /** A notebook is closed for good: what runs there is interrupted. */
  close(notebook: vscode.NotebookDocument): void {
    this.#queues
      .get(notebook)
      ?.active?.interrupt()
      .catch(() => undefined);
    this.#forget(notebook);
  }

  /** Stops what runs in a notebook and drops what waits. Offers a restart where Python does not answer. */
  async interrupt(notebook: vscode.NotebookDocument): Promise<void> {
    const queue = this.#queues.get(notebook);
    queue?.cancelWaiting();
    const run = queue?.active;
    if (!run) return;
    await run.interrupt();
    if (run.interruptions < 2 || this.#offering) return;
    await Promise.race([run.ended, new Promise((resolve) => setTimeout(resolve, ANSWER_MS))]);
    if (!run.isActive) return;
    this.#offering = true;
    try {
      const restart = 'Restart Python';
      const chosen = await vscode.window.showWarningMessage(
        'Python does not answer the interrupt. A restart ends the code for certain; variables are lost.',
        restart,
        'Keep Waiting',
      );
      if (chosen === restart && run.isActive && run.session) {
        await this.#options.sessions.restart(run.session);
      }
    } finally {
      this.#offering = false;
    }
  }

  onDidOpen({ cell: { notebook } }: CellRun): void {
    const queue = this.#queues.get(notebook);
    if (queue) this.#waiting.note(notebook, queue);
  }

  outputLimit(notebook: vscode.NotebookDocument): number {
    const limit = vscode.workspace.getConfiguration('codeMode', notebook.uri).get('output.limit');
    return typeof limit === 'number' && limit >= 1 ? Math.floor(limit) : DEFAULT_LIMIT;
  }

  leaseAfterwards(run: CellRun): EditLease | undefined {
    if (run.cell.index < 0 || run.cell.notebook.isClosed || this.#runs.get(run.cell) !== run)
      return undefined;
    const active = this.#queues.get(run.cell.notebook)?.active;
    if (active?.isActive) return { execution: active.execution, release: () => {} };
    try {
      return run.reopen((cell) => this.controller.createNotebookCellExecution(cell));
    } catch (error) {
      // Another kernel was chosen for the notebook, or runs this cell.
      this.#options.log.warn('Late output of a cell was dropped.', error);
      return undefined;
    }
  }

  /** Lets go of all cells; what runs goes on where its session lives on. */
  dispose(): void {
    this.#waiting.dispose();
    for (const run of this.#runs.values()) run.dispose();
    this.#runs.clear();
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #queueOf(notebook: vscode.NotebookDocument): RunQueue {
    const known = this.#queues.get(notebook);
    if (known) return known;
    const queue = new RunQueue({
      onChange: () => this.#waiting.note(notebook, queue),
      onError: (error) => this.#options.log.error('A cell could not be run.', error),
    });
    this.#queues.set(notebook, queue);
    return queue;
  }

  #enqueue(
    notebook: vscode.NotebookDocument,
    batch: readonly CellRun[],
  ): Promise<readonly (ExecutionResult | undefined)[]> {
    this.#queueOf(notebook).add(batch);
    return Promise.all(batch.map((run) => this.#untilEnded(run)));
  }

  #restoreSoon(notebook: vscode.NotebookDocument): void {
    this.restore(notebook).catch((error) =>
      this.#options.log.error("A notebook's runs could not be found again.", error),
    );
  }

  #start(origin: CodeOrigin | undefined): RunSource {
    return new StartedRun({
      openSession: (notebook) => this.#options.sessions.open(notebook),
      keepsSource: this.#options.addCell !== undefined,
      ...(origin === undefined ? {} : { origin }),
    });
  }

  async #follow(
    notebook: vscode.NotebookDocument,
    known: vscode.NotebookCell | undefined,
    session: Session,
    found: CellRunInfo,
  ): Promise<CellRun | undefined> {
    const { source } = found.tag;
    const cell =
      known ?? (source === undefined ? undefined : await this.#options.addCell?.(notebook, source));
    if (!cell) return undefined;
    const newest = this.#runs.get(cell);
    // Shown here as it ran, or run again since.
    if (newest && (!newest.hasEnded || newest.session === session)) return undefined;
    if (newest && newest.requestedAt > found.run.requestedAt) return undefined;
    return this.#prepare(cell, new FollowedRun(session, found));
  }

  /** Those of the cells that this window has not run since. */
  #startWaiting(cells: readonly WaitingCell[]): readonly CellRun[] {
    return cells
      .filter(({ cell }) => cell.index >= 0 && !this.#runs.has(cell))
      .map(({ cell, origin }) => this.#prepare(cell, this.#start(origin)));
  }

  #prepare(cell: vscode.NotebookCell, source: RunSource): CellRun {
    this.#runs.get(cell)?.dispose();
    this.#cleared.unwatch(cell);
    const run = new CellRun(this.controller.createNotebookCellExecution(cell), this, source);
    this.#runs.set(cell, run);
    return run;
  }

  async #untilEnded(run: CellRun): Promise<ExecutionResult | undefined> {
    const result = await run.ended;
    if (!result) return undefined;
    this.#cleared.watch(run.cell, run.key, result.executionCount);
    const { cell, session, origin, isNew } = run;
    this.#ran.fire({ notebook: cell.notebook, cell, session, origin, isNew, result });
    return result;
  }

  #isQueued(cell: vscode.NotebookCell): boolean {
    const run = this.#runs.get(cell);
    return run !== undefined && !run.hasEnded;
  }

  #forget(notebook: vscode.NotebookDocument): void {
    this.#queues.delete(notebook);
    for (const [cell, run] of this.#runs) {
      if (cell.notebook !== notebook) continue;
      run.dispose();
      this.#runs.delete(cell);
    }
  }
}
