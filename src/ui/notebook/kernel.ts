import * as vscode from 'vscode';
import type { CodeOrigin, ExecutionResult } from '../../core/contract/execution.ts';
import type { Session } from '../../core/session/session.ts';
import type { EditLease } from '../outputs/cellOutputs.ts';
import type { DisplayRegistry } from '../outputs/displayRegistry.ts';
import type { WholeOutputs } from '../outputs/wholeOutputs.ts';
import { CellRun, type CellRunServices } from './cellRun.ts';
import { RunQueue } from './runQueue.ts';

/** Where a kernel's sessions come from. */
export interface KernelSessions {
  open(notebook: vscode.NotebookDocument): Promise<Session>;
  current(notebook: vscode.NotebookDocument): Session | undefined;
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
  readonly log: vscode.LogOutputChannel;
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
  readonly #queues = new Map<vscode.NotebookDocument, RunQueue>();
  /** The newest run of each cell, whose outputs it shows. */
  readonly #runs = new Map<vscode.NotebookCell, CellRun>();
  readonly #disposables: vscode.Disposable[] = [];
  readonly #ran = new vscode.EventEmitter<{ notebook: vscode.NotebookDocument; result: ExecutionResult }>();
  #offering = false;

  /** A cell has run to its end, whatever that was. */
  readonly onDidRun = this.#ran.event;

  constructor(options: KernelOptions) {
    this.#options = options;
    this.wholes = options.wholes;
    this.displays = options.displays;
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
      this.#ran,
      vscode.workspace.onDidCloseNotebookDocument((notebook) => this.#forget(notebook)),
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
    const batch: CellRun[] = [];
    for (const cell of cells) {
      if (this.#isQueued(cell)) continue;
      this.#runs.get(cell)?.dispose();
      const run = new CellRun(this.controller.createNotebookCellExecution(cell), this, origin);
      this.#runs.set(cell, run);
      batch.push(run);
    }
    this.#queueOf(notebook).add(batch);
    return Promise.all(
      batch.map(async (run) => {
        const result = await run.ended;
        if (result) this.#ran.fire({ notebook, result });
        return result;
      }),
    );
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

  openSession(notebook: vscode.NotebookDocument): Promise<Session> {
    return this.#options.sessions.open(notebook);
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

  dispose(): void {
    for (const queue of this.#queues.values()) queue.cancelWaiting();
    for (const run of this.#runs.values()) run.dispose();
    this.#runs.clear();
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #queueOf(notebook: vscode.NotebookDocument): RunQueue {
    let queue = this.#queues.get(notebook);
    if (!queue) {
      queue = new RunQueue((error) => this.#options.log.error('A cell could not be run.', error));
      this.#queues.set(notebook, queue);
    }
    return queue;
  }

  #isQueued(cell: vscode.NotebookCell): boolean {
    const run = this.#runs.get(cell);
    return run !== undefined && !run.hasEnded;
  }

  #forget(notebook: vscode.NotebookDocument): void {
    this.#queues.get(notebook)?.cancelWaiting();
    this.#queues.delete(notebook);
    for (const [cell, run] of this.#runs) {
      if (cell.notebook !== notebook) continue;
      run.dispose();
      this.#runs.delete(cell);
    }
  }
}
