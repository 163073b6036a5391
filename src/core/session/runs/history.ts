import { CodeModeError } from '../../contract/errors.ts';
import type { RunInfo } from '../session.ts';
import type { SessionRun } from './sessionRun.ts';

/** Ended runs that a session keeps for who comes later: at most so many, and at most so much of them together. */
const MAX_ENDED = 200;
const MAX_ENDED_SIZE = 32_000_000;

/** The runs of one session: those that wait or run, and the newest that have ended. */
export class RunHistory {
  readonly #runs = new Map<string, SessionRun>();

  /** @throws CodeModeError `usage` for an id that is taken */
  add(run: SessionRun): void {
    if (this.#runs.has(run.id)) throw new CodeModeError('usage', `There is a run "${run.id}" already.`);
    this.#runs.set(run.id, run);
  }

  /** @throws CodeModeError `not-found` */
  get(id: string): SessionRun {
    const run = this.#runs.get(id);
    if (run) return run;
    throw new CodeModeError('not-found', 'This run is not kept any more.', { hint: 'Run the code again.' });
  }

  /** Oldest first. */
  list(): readonly RunInfo[] {
    return [...this.#runs.values()].map((run) => run.info);
  }

  /** There may be somebody new who answers what the code asks. */
  wakeQuestions(): void {
    for (const run of this.#runs.values()) if (!run.hasEnded) wake(run);
  }

  /** Somebody has gone who is expected back: approvals that are asked for wait for a moment. */
  expectApproverBack(): void {
    for (const run of this.#runs.values()) if (!run.hasEnded) run.approvals.expectBack();
  }

  /** Lets the oldest ended runs go that are too many or too large; the newest stays. To be called when one has ended. */
  trim(): void {
    const ended = [...this.#runs.values()].filter((run) => run.hasEnded);
    let size = ended.reduce((sum, run) => sum + run.size, 0);
    let count = ended.length;
    for (const run of ended.slice(0, -1)) {
      if (count <= MAX_ENDED && size <= MAX_ENDED_SIZE) return;
      size -= run.size;
      count -= 1;
      this.#runs.delete(run.id);
      run.forget();
    }
  }
}

function wake(run: SessionRun): void {
  run.answers.wake();
  run.approvals.wake();
}
