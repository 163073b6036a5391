import type * as vscode from 'vscode';
import type { DisplayOutput, ExecutionError, RunEvent } from '../../core/contract/execution.ts';
import { streamItem, toCellOutput, toItems } from './outputItems.ts';
import { type OutputEdit, OutputModel, type OutputRecord, type WholeSink } from './outputModel.ts';

/** The right to edit a cell's outputs for a moment. */
export interface EditLease {
  readonly execution: vscode.NotebookCellExecution;
  /** Gives it back, once the edits are made. */
  release(): void;
}

/** What a cell's outputs are made with. */
export interface CellOutputsOptions {
  readonly cell: vscode.NotebookCell;
  /** Characters of text that the cell shows before it is cut. */
  readonly limit: number;
  /** The execution count that the run will most likely have. */
  readonly executionCount: number;
  readonly openWhole: () => WholeSink;
  /** The execution to edit through; undefined where the cell can be edited no more. */
  readonly lease: () => EditLease | undefined;
}

/** Milliseconds between two edits of a cell: short enough to look live, long enough to coalesce a flood. */
const INTERVAL_MS = 60;
/** Rewriting much text costs the editor more than adding to it. */
const REWRITE_INTERVAL_MS = 250;
const LARGE_CHARACTERS = 20_000;

/**
 * The outputs of one run of a cell. Events go into a model at once; the cell is edited at most every
 * {@link INTERVAL_MS}, and never while an earlier edit is under way, so that a flood of output is carried at
 * the pace that the editor can show.
 */
export class CellOutputs implements vscode.Disposable {
  readonly cell: vscode.NotebookCell;
  readonly #model: OutputModel;
  readonly #lease: () => EditLease | undefined;
  readonly #outputs = new Map<OutputRecord, vscode.NotebookCellOutput>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  #interval = INTERVAL_MS;
  #disposed = false;

  constructor(options: CellOutputsOptions) {
    this.cell = options.cell;
    this.#lease = options.lease;
    this.#model = new OutputModel({
      characters: options.limit,
      executionCount: options.executionCount,
      openWhole: options.openWhole,
    });
  }

  /** Takes an event of the run in. */
  accept(event: RunEvent): void {
    if (!this.#disposed && this.#model.accept(event)) this.#flushSoon();
  }

  /** Replaces what this cell displayed under the id of `output`; false if it displayed nothing under it. */
  update(output: DisplayOutput): boolean {
    if (this.#disposed || !this.#model.update(output)) return false;
    this.#flushSoon();
    return true;
  }

  /** Shows the exception that ended the run, and below it what the person should know besides. */
  fail(error: ExecutionError, notice?: string): void {
    this.#model.fail(error, notice);
  }

  /** Shows everything that is still on its way. The run's execution can end after that. */
  async finish(executionCount: number | undefined): Promise<void> {
    this.#model.finish(executionCount);
    await this.#flush();
  }

  /** Lets go of the text kept elsewhere; later output of the run is dropped. */
  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#model.dispose();
  }

  #flushSoon(): void {
    if (this.#timer || this.#flushing || this.#disposed) return;
    this.#timer = setTimeout(() => {
      this.#flush().catch((error) => console.error("A cell's output could not be shown.", error));
    }, this.#interval);
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#flushing) await this.#flushing;
    this.#flushing = this.#edit().finally(() => {
      this.#flushing = undefined;
      if (this.#model.hasChanges) this.#flushSoon();
    });
    await this.#flushing;
  }

  async #edit(): Promise<void> {
    if (!this.#model.hasChanges || this.#disposed) return;
    const lease = this.#lease();
    if (!lease) return this.dispose();
    const edits = this.#model.takeEdits();
    this.#interval = edits.some(isLarge) ? REWRITE_INTERVAL_MS : INTERVAL_MS;
    try {
      await Promise.all(edits.map((edit) => this.#apply(edit, lease.execution)));
    } catch (error) {
      // The cell or its notebook went away in between: there is nothing left to show the output in.
      if (this.cell.index >= 0 && !this.cell.notebook.isClosed) throw error;
      this.dispose();
    } finally {
      lease.release();
    }
  }

  async #apply(edit: OutputEdit, execution: vscode.NotebookCellExecution): Promise<void> {
    switch (edit.kind) {
      case 'replaceAll':
        this.#outputs.clear();
        await execution.replaceOutput(
          edit.records.map((record) => this.#newOutput(record)),
          this.cell,
        );
        return;
      case 'append':
        await execution.appendOutput(this.#newOutput(edit.record), this.cell);
        return;
      case 'appendText':
        await execution.appendOutputItems(
          streamItem(edit.record.stream, edit.text),
          this.#outputOf(edit.record),
        );
        return;
      case 'replaceItems':
        await execution.replaceOutputItems(toItems(edit.record), this.#outputOf(edit.record));
        return;
    }
  }

  #newOutput(record: OutputRecord): vscode.NotebookCellOutput {
    const output = toCellOutput(record);
    this.#outputs.set(record, output);
    return output;
  }

  #outputOf(record: OutputRecord): vscode.NotebookCellOutput {
    const output = this.#outputs.get(record);
    if (!output) throw new Error('This output was never shown.');
    return output;
  }
}

function isLarge(edit: OutputEdit): boolean {
  return (
    (edit.kind === 'replaceItems' &&
      edit.record.kind === 'stream' &&
      edit.record.text.length > LARGE_CHARACTERS) ||
    edit.kind === 'replaceAll'
  );
}
