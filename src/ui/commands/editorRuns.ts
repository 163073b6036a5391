import * as vscode from 'vscode';
import type { CodeOrigin, ExecutionResult } from '../../core/contract/execution.ts';
import type { Code, CodePiece } from '../editor/codePiece.ts';
import type { InlineValues } from '../editor/inlineValues.ts';
import { showError } from '../messages.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';

/** Where code from the editor runs and shows its output. */
export interface RunSurface {
  /** Runs code in the workspace's session; undefined if it could not run and the person was told why. */
  run(
    code: string,
    origin: CodeOrigin,
    options?: { preserveFocus?: boolean },
  ): Promise<ExecutionResult | undefined>;
}

/** What {@link EditorRuns} works with. */
export interface EditorRunsOptions {
  readonly sessions: WorkspaceSessions;
  readonly inlineValues: InlineValues;
  /** The surface that the settings choose at this moment. */
  readonly surface: () => RunSurface;
  /** A piece has run to its end, whatever that was. */
  readonly onDidRun: (piece: Code | CodePiece, result: ExecutionResult) => void;
  readonly log: vscode.LogOutputChannel;
}

/**
 * Runs pieces of code from the editor one after the other, in the order in which they were asked for. The pieces
 * of one request end with the first that fails; an interrupt ends all that wait.
 */
export class EditorRuns implements vscode.Disposable {
  readonly #options: EditorRunsOptions;
  readonly #changed = new vscode.EventEmitter<void>();
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;
  #generation = 0;

  /** {@link waiting} changed. */
  readonly onDidChange = this.#changed.event;

  constructor(options: EditorRunsOptions) {
    this.#options = options;
  }

  /** How many pieces wait behind the one that runs. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Runs pieces in order after those asked for before; resolves when they have ended. A failure is shown, not
   * thrown. What a piece of a document gives is shown beside it as well.
   */
  run(pieces: readonly (Code | CodePiece)[]): Promise<void> {
    if (pieces.length === 0 || !this.#options.sessions.ensureTrusted()) return Promise.resolve();
    const generation = this.#generation;
    this.#setWaiting(this.#waiting + pieces.length);
    this.#tail = this.#tail.then(async () => {
      let left = pieces.length;
      try {
        for (const piece of pieces) {
          if (generation !== this.#generation) return;
          left -= 1;
          this.#setWaiting(this.#waiting - 1);
          if (!(await this.#runPiece(piece))) return;
        }
      } catch (error) {
        void showError(error, this.#options.log);
      } finally {
        if (generation === this.#generation) this.#setWaiting(this.#waiting - left);
      }
    });
    return this.#tail;
  }

  /** Forgets the pieces that wait; the one that runs goes on. */
  dropWaiting(): void {
    this.#generation += 1;
    this.#setWaiting(0);
  }

  dispose(): void {
    this.dropWaiting();
    this.#changed.dispose();
  }

  /** Whether the next piece of the same request may run. */
  async #runPiece(piece: Code | CodePiece): Promise<boolean> {
    // Opened before anything is shown: a setting that can't be used is told once, and leaves no cell behind.
    await this.#options.sessions.workspaceSession();
    const finish = 'document' in piece ? this.#options.inlineValues.begin(piece) : undefined;
    const result = await this.#options.surface().run(piece.code, piece.origin, { preserveFocus: true });
    if (!result) return false;
    // Values of variables that are gone would mislead.
    if (!result.variablesSurvived) this.#options.inlineValues.clear();
    finish?.(result);
    this.#options.onDidRun(piece, result);
    return result.status === 'ok';
  }

  #setWaiting(waiting: number): void {
    if (waiting === this.#waiting) return;
    this.#waiting = waiting;
    this.#changed.fire();
  }
}
