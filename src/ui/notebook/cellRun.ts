import type * as vscode from 'vscode';
import type { CodeOrigin, ExecutionError, ExecutionResult, RunEvent } from '../../core/contract/execution.ts';
import type { Session } from '../../core/session/session.ts';
import { askInput } from '../input.ts';
import { CellOutputs, type EditLease } from '../outputs/cellOutputs.ts';
import type { DisplayRegistry } from '../outputs/displayRegistry.ts';
import { wrapProse } from '../outputs/prose.ts';
import type { WholeOutputs } from '../outputs/wholeOutputs.ts';

/** What every run of a cell needs; the same for all cells of a kernel. */
export interface CellRunServices {
  readonly wholes: WholeOutputs;
  readonly displays: DisplayRegistry;
  /** The session that a notebook runs in; rejects with a message for the person where there can be none. */
  openSession(notebook: vscode.NotebookDocument): Promise<Session>;
  /** Characters that a cell shows before its output is cut. */
  outputLimit(notebook: vscode.NotebookDocument): number;
  /** The execution to edit a cell with after its own has ended. */
  leaseAfterwards(run: CellRun): EditLease | undefined;
}

/** That Python was started afresh is what the error says. */
const AFTER_A_FRESH_START = 'Run the cells again that define what you need.';

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
  readonly #origin: CodeOrigin | undefined;
  readonly #abort = new AbortController();
  #resolve: (result: ExecutionResult | undefined) => void = () => {};
  #session: Session | undefined;
  #outputs: CellOutputs | undefined;
  #state: 'waiting' | 'running' | 'ended' = 'waiting';
  #success: boolean | undefined;
  #startTime = 0;
  #endTime = 0;
  #interruptions = 0;

  /** @param origin - where the cell's code comes from; undefined: the cell itself */
  constructor(execution: vscode.NotebookCellExecution, services: CellRunServices, origin?: CodeOrigin) {
    this.execution = execution;
    this.cell = execution.cell;
    this.#services = services;
    this.#origin = origin;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
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

  get session(): Session | undefined {
    return this.#session;
  }

  /** Ends a run that has not begun. */
  cancel(): void {
    if (this.#state === 'waiting') this.#end(undefined, undefined);
  }

  /** Interrupts the code; what has not reached Python yet never does. */
  async interrupt(): Promise<void> {
    this.#interruptions++;
    if (!(await this.#session?.interrupt())) this.#abort.abort();
  }

  /** Runs the cell and shows what it gives. @returns false where the cells behind it should not run */
  async run(): Promise<boolean> {
    if (this.#state !== 'waiting') return false;
    this.#state = 'running';
    this.#startTime = Date.now();
    this.execution.start(this.#startTime);
    const withdrawn = this.execution.token.onCancellationRequested(() => void this.interrupt());
    try {
      const code = this.cell.document.getText().replaceAll('\r\n', '\n');
      await this.execution.clearOutput();
      if (code.trim() === '') {
        this.execution.executionOrder = undefined;
        this.#end(undefined, undefined);
        return true;
      }
      const result = await this.#runIn(code);
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

  /** Ends the run and lets go of its outputs: whatever it still prints is dropped. */
  dispose(): void {
    this.cancel();
    this.#abort.abort();
    this.#outputs?.dispose();
  }

  /** A new execution of the ended run, which looks as it did when it is ended again. */
  reopen(create: (cell: vscode.NotebookCell) => vscode.NotebookCellExecution): EditLease {
    const execution = create(this.cell);
    execution.executionOrder = this.execution.executionOrder;
    execution.start(this.#startTime);
    return { execution, release: () => execution.end(this.#success, this.#endTime) };
  }

  async #runIn(code: string): Promise<ExecutionResult | undefined> {
    const notebook = this.cell.notebook;
    let session: Session;
    try {
      session = await this.#services.openSession(notebook);
    } catch (error) {
      await this.#showFailure(error);
      return undefined;
    }
    this.#session = session;
    const expectedCount = session.info.executionCount + session.info.queued + 1;
    const outputs = this.#startOutputs(expectedCount);
    const label = `Cell In[${expectedCount}]`;
    let result: ExecutionResult;
    try {
      result = await session.run(code, {
        signal: this.#abort.signal,
        onEvent: (event) => this.#accept(event, session, outputs),
        onInput: askInput,
        origin: this.#origin ?? { filename: label, firstLine: 1 },
      });
    } catch (error) {
      if (this.#abort.signal.aborted) await this.#fail(outputs, INTERRUPTED);
      else await this.#showFailure(error);
      return undefined;
    }
    const notice = noticeOf(result);
    const error = result.status === 'ok' ? null : errorOf(result);
    if (error) {
      // Where somebody else's run came in between, the number is only known now.
      const traceback = error.traceback.replaceAll(`"${label}"`, `"Cell In[${result.executionCount}]"`);
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

  /** What kept the code from running, as the cell's output. */
  async #showFailure(error: unknown): Promise<void> {
    const message = error instanceof Error ? error.message : String(error);
    const hint = error instanceof Error && 'hint' in error ? String(error.hint ?? '') : '';
    const outputs = this.#outputs ?? this.#startOutputs(0);
    await this.#fail(outputs, { type: 'Error', message, traceback: wrapProse(message) }, hint || undefined);
  }

  async #fail(outputs: CellOutputs, error: ExecutionError, notice?: string): Promise<void> {
    outputs.fail(error, notice);
    await outputs.finish(undefined);
  }

  #end(success: boolean | undefined, result: ExecutionResult | undefined): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#success = success;
    this.#endTime = Date.now();
    try {
      this.execution.end(success, this.#endTime);
    } catch {
      // Its cell is gone.
    }
    this.#resolve(result);
  }
}

const INTERRUPTED: ExecutionError = {
  type: 'KeyboardInterrupt',
  message: '',
  traceback: 'KeyboardInterrupt',
};

function errorOf(result: ExecutionResult): ExecutionError {
  if (result.error) {
    // A death has no Python traceback.
    const { type, message, traceback } = result.error;
    return { type, message, traceback: traceback.trim() ? traceback : wrapProse(`${type}: ${message}`) };
  }
  switch (result.status) {
    case 'timeout':
      return failure('TimeoutError', 'The code took too long and was stopped.');
    case 'died':
      return failure('Error', 'Python ended while the cell ran.');
    default:
      return INTERRUPTED;
  }
}

/** What the traceback does not say. */
function noticeOf(result: ExecutionResult): string | undefined {
  if (!result.variablesSurvived) return AFTER_A_FRESH_START;
  return result.status === 'timeout' && result.error?.traceback ? result.error.message : undefined;
}

function failure(type: string, message: string): ExecutionError {
  return { type, message, traceback: `${type}: ${message}` };
}

function nameOf(notebook: vscode.NotebookDocument): string {
  return notebook.notebookType === 'interactive'
    ? 'the Interactive Window'
    : (notebook.uri.path.split('/').pop() ?? 'notebook');
}
