import * as vscode from 'vscode';

/** A run whose outputs a cell shows. */
interface ShownRun {
  readonly key: string;
  readonly executionCount: number;
  /** Whether the editor has told that the cell has the run's number: it does so a little later. */
  isTold: boolean;
}

const KEY = 'codeMode.clearedRuns';
/** More runs than a session keeps. */
const MAX_REMEMBERED = 500;
/** Milliseconds without a change of cells after which they are looked at: late output takes the number away for a moment. */
const QUIET_MS = 300;

/**
 * Remembers, over reloads of the window, the runs whose outputs were taken away again, by "Clear Outputs" or by another
 * kernel: they must not come back. A window that crashed before its outputs were saved looks the same afterwards.
 */
export class ClearedRuns implements vscode.Disposable {
  readonly #state: vscode.Memento;
  readonly #log: vscode.LogOutputChannel;
  readonly #shown = new WeakMap<vscode.NotebookCell, ShownRun>();
  readonly #changed = new Set<vscode.NotebookCell>();
  readonly #listener: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;

  constructor(state: vscode.Memento, log: vscode.LogOutputChannel) {
    this.#state = state;
    this.#log = log;
    this.#listener = vscode.workspace.onDidChangeNotebookDocument(({ cellChanges }) => {
      for (const { cell } of cellChanges) if (this.#shown.has(cell)) this.#changed.add(cell);
      if (this.#changed.size === 0) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#look(), QUIET_MS);
    });
  }

  /** Whether what a run gave was taken away. */
  has(key: string): boolean {
    return this.#keys.includes(key);
  }

  /** A cell shows a run, to its end. */
  watch(cell: vscode.NotebookCell, key: string, executionCount: number): void {
    this.#shown.set(cell, { key, executionCount, isTold: hasNumber(cell, executionCount) });
  }

  /** A cell is run anew. */
  unwatch(cell: vscode.NotebookCell): void {
    this.#shown.delete(cell);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#listener.dispose();
  }

  get #keys(): readonly string[] {
    const keys: unknown = this.#state.get(KEY);
    return Array.isArray(keys) ? keys : [];
  }

  #look(): void {
    for (const cell of this.#changed) {
      const run = this.#shown.get(cell);
      if (!run) continue;
      if (hasNumber(cell, run.executionCount)) run.isTold = true;
      else if (run.isTold) this.#remember(cell, run);
    }
    this.#changed.clear();
  }

  #remember(cell: vscode.NotebookCell, { key }: ShownRun): void {
    this.#shown.delete(cell);
    this.#state
      .update(KEY, [...this.#keys, key].slice(-MAX_REMEMBERED))
      .then(undefined, (error) => this.#log.warn(String(error)));
  }
}

/** Whether a cell has the number of a run, as one that shows it. */
export function hasNumber({ executionSummary }: vscode.NotebookCell, executionCount: number): boolean {
  return executionSummary?.executionOrder === executionCount;
}
