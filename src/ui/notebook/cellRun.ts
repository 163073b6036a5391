import type * as vscode from 'vscode';
import type { CodeOrigin, ExecutionError, ExecutionResult, RunEvent } from '../../core/contract/execution.ts';
import type { Session } from '../../core/session/session.ts';
import { askInput } from '../input.ts';
import { CellOutputs, type EditLease } from '../outputs/cellOutputs.ts';
import type { DisplayRegistry } from '../outputs/displayRegistry.ts';
import type { WholeOutputs } from '../outputs/wholeOutputs.ts';
import { errorOf, failureOf, INTERRUPTED, noticeOf } from './runFailure.ts';
import { labelOf, type OpenRun, type RunSource } from './runSource.ts';

/** What every run of a cell needs; the same for all cells of a kernel. */
export interface CellRunServices {
  readonly wholes: WholeOutputs;
  readonly displays: DisplayRegistry;
  /** Characters that a cell shows before its output is cut. */
  outputLimit(notebook: vscode.NotebookDocument): number;
  /** The session of a run is known: its code begins now. */
  onDidOpen(run: CellRun): void;
  /** The execution to edit a cell with after its own has ended. */
  leaseAfterwards(run: CellRun): EditLease | undefined;
}

/**
 * One run of one cell, from the moment it is asked for: waiting, running, ended. Its outputs live on after it,
 * for what background tasks print and what later cells update.
 */
export class CellRun {
  readonly cell: vscode.NotebookCell;
  readonly execution: vscode.NotebookCellExecution;
  /** Resolves when the cell has ended; undefined where it did not run. */
  readonly ended: Promise<ExecutionResult | undefined>;
  readonly #services: CellRunServices;
  readonly #source: RunSource;
  readonly #requestedAt: number;
  readonly #abort = new AbortController();
  #resolve: (result: ExecutionResult | undefined) => void = () => {};
  #opened: OpenRun | undefined;
  #outputs: CellOutputs | undefined;
  #state: 'waiting' | 'running' | 'ended' = 'waiting';
  #success: boolean | undefined;
  #startTime = 0;
  #endTime = 0;
  #interruptions = 0;

  constructor(execution: vscode.NotebookCellExecution, services: CellRunServices, source: RunSource) {
    this.execution = execution;
    this.cell = execution.cell;
    this.#services = services;
    this.#source = source;
    this.#requestedAt = source.requestedAt ?? Date.now();
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Names the run among all, over reloads of the window. */
  get key(): string {
    return this.#source.key;
  }

  /** Where the code comes from, if not from the cell itself. */
  get origin(): CodeOrigin | undefined {
    return this.#source.origin;
  }

  /** Whether it was asked for in this window, since its last reload. */
  get isNew(): boolean {
    return this.#source.requestedAt === undefined;
  }

  get isActive(): boolean {
    return this.#state === 'running';
  }

  get hasEnded(): boolean {
    return this.#state === 'ended';
  }

  /** How often the person has interrupted this run. */
  get interruptions(): number {
    return this.#interruptions;
  }

  /** In milliseconds since the epoch. */
  get requestedAt(): number {
    return this.#requestedAt;
  }

  get session(): Session | undefined {
    return this.#opened?.session;
  }

  /** Ends a run that has not begun. */
  cancel(): void {
    if (this.#state !== 'waiting') return;
    this.#source.withdraw();
    this.#end(undefined, undefined);
  }

  /** Interrupts the code; what has not reached Python yet never does. */
  async interrupt(): Promise<void> {
    this.#interruptions++;
    if (!(await this.#opened?.interrupt())) this.#abort.abort();
  }

  /** Runs the cell and shows what it gives. @returns false where the cells behind it should not run */
  async run(): Promise<boolean> {
    if (this.#state !== 'waiting') return false;
    this.#state = 'running';
    this.#startTime = this.#source.requestedAt ?? Date.now();
    this.execution.start(this.#startTime);
    const withdrawn = this.execution.token.onCancellationRequested(() => void this.interrupt());
    try {
      await this.execution.clearOutput();
      const opened = await this.#source.open(this.cell).catch((error: unknown) => ({ error }));
      if (!opened) {
        this.execution.executionOrder = undefined;
        this.#end(undefined, undefined);
        return true;
      }
      if ('error' in opened) {
        await this.#showFailure(opened.error, this.#startOutputs(0));
        this.#end(false, undefined);
        return false;
      }
      this.#opened = opened;
      this.#services.onDidOpen(this);
      const result = await this.#listen(opened);
      this.#end(result?.status === 'ok', result);
      return result?.status === 'ok';
    } catch (error) {
      // The cell or its notebook was closed while it ran, or the editor refused: nothing can be shown there.
      this.#end(false, undefined);
      if (this.cell.index >= 0 && !this.cell.notebook.isClosed) throw error;
      return false;
    } finally {
      withdrawn.dispose();
    }
  }

  /** Lets go of the cell: the code goes on where it runs, and nothing of it is shown any more. */
  dispose(): void {
    this.#outputs?.dispose();
    this.#end(undefined, undefined);
  }

  /** A new execution of the ended run, which looks as it did when it is ended again. */
  reopen(create: (cell: vscode.NotebookCell) => vscode.NotebookCellExecution): EditLease {
    const execution = create(this.cell);
    execution.executionOrder = this.execution.executionOrder;
    execution.start(this.#startTime);
    return { execution, release: () => execution.end(this.#success, this.#endTime) };
  }

  async #listen(run: OpenRun): Promise<ExecutionResult | undefined> {
    const outputs = this.#startOutputs(run.executionCount);
    let result: ExecutionResult;
    try {
      result = await run.listen({
        signal: this.#abort.signal,
        onEvent: (event) => this.#accept(event, run.session, outputs),
        onInput: askInput,
      });
    } catch (error) {
      if (this.#abort.signal.aborted) await this.#fail(outputs, INTERRUPTED);
      else await this.#showFailure(error, outputs);
      return undefined;
    }
    // Disposed in between: there is nothing left to show it in.
    if (this.hasEnded) return result;
    const notice = noticeOf(result);
    const error = errorOf(result);
    if (error) {
      // Where somebody else's run came in between, the number is only known now.
      const traceback = error.traceback.replaceAll(`"${run.label}"`, `"${labelOf(result.executionCount)}"`);
      outputs.fail({ ...error, traceback }, notice);
    } else if (notice) {
      outputs.accept({ kind: 'stderr', text: `${notice}\n` });
    }
    await outputs.finish(result.executionCount);
    this.execution.executionOrder = result.executionCount || undefined;
    return result;
  }

  #startOutputs(executionCount: number): CellOutputs {
    const { cell } = this;
    const title = `Output ${executionCount} of ${nameOf(cell.notebook)}`;
    this.#outputs = new CellOutputs({
      cell,
      executionCount,
      limit: this.#services.outputLimit(cell.notebook),
      openWhole: () => this.#services.wholes.create(title, cell),
      lease: () =>
        this.#state === 'running'
          ? { execution: this.execution, release: () => {} }
          : this.#services.leaseAfterwards(this),
    });
    return this.#outputs;
  }

  #accept(event: RunEvent, session: Session, outputs: CellOutputs): void {
    if (event.kind === 'updateDisplay') {
      this.#services.displays.update(session, event.output);
      return;
    }
    outputs.accept(event);
    if (event.kind === 'display' && event.output.displayId !== undefined) {
      this.#services.displays.add(session, event.output.displayId, outputs);
    }
  }

  async #showFailure(error: unknown, outputs: CellOutputs): Promise<void> {
    const failure = failureOf(error);
    await this.#fail(outputs, failure.error, failure.notice);
  }

  async #fail(outputs: CellOutputs, error: ExecutionError, notice?: string): Promise<void> {
    outputs.fail(error, notice);
    await outputs.finish(undefined);
  }

  #end(success: boolean | undefined, result: ExecutionResult | undefined): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#success = success;
    this.#endTime = this.#source.endedAt ?? Date.now();
    try {
      this.execution.end(success, this.#endTime);
    } catch {
      // Its cell is gone.
    }
    this.#resolve(result);
  }
}

function nameOf(notebook: vscode.NotebookDocument): string {
  return notebook.notebookType === 'interactive'
    ? 'the Interactive Window'
    : (notebook.uri.path.split('/').pop() ?? 'notebook');
}
