import type { Subscription } from '../../common/events.ts';
import { CodeModeError } from '../../contract/errors.ts';
import type { InputRequest } from '../../contract/execution.ts';
import type { ApprovalAnswer } from '../../contract/tools.ts';
import type { ApprovalQuestion } from '../session.ts';

/** Answers a question of the code. Rejects with `closed` where it went away without answering. */
export type AnswererOf<Question, Answer> = (question: Question, signal: AbortSignal) => Promise<Answer>;
/** Answers what the code asks by `input()`. */
export type Answerer = AnswererOf<InputRequest, string>;
/** Allows calls to tools, or not. */
export type Approver = AnswererOf<ApprovalQuestion, ApprovalAnswer>;

/** Milliseconds for which a question of a window that is being reloaded waits for it to come back. */
export const COMES_BACK_MS = 30_000;

/**
 * Who answers the questions of one run: the one who started it, else those who follow it, else anybody who has the
 * session open.
 */
export class Answers<Question = InputRequest, Answer = string> {
  readonly #others: () => Iterable<AnswererOf<Question, Answer>>;
  readonly #nobody: (question: Question) => CodeModeError;
  readonly #comesBackMs: number;
  readonly #answerers = new Set<AnswererOf<Question, Answer>>();
  readonly #waiting = new Set<() => void>();
  #comesBack = false;

  /**
   * @param others - who else can be asked at this moment
   * @param nobody - what a question fails with that nobody is there for
   * @param comesBackMs - milliseconds; see {@link COMES_BACK_MS}
   */
  constructor(
    others: () => Iterable<AnswererOf<Question, Answer>>,
    nobody: (question: Question) => CodeModeError,
    comesBackMs = COMES_BACK_MS,
  ) {
    this.#others = others;
    this.#nobody = nobody;
    this.#comesBackMs = comesBackMs;
  }

  /** Lets somebody answer until the subscription is disposed. */
  add(answerer: AnswererOf<Question, Answer>): Subscription {
    this.#answerers.add(answerer);
    this.wake();
    return { dispose: () => void this.#answerers.delete(answerer) };
  }

  /** Somebody has gone who is expected back, such as a window that is reloaded: questions wait for a moment. */
  expectBack(): void {
    this.#comesBack = true;
    setTimeout(() => {
      this.#comesBack = false;
      this.wake();
    }, this.#comesBackMs).unref();
  }

  /** There may be somebody new to ask. */
  wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  /** Asks one after the other until one answers or refuses. @throws CodeModeError where there is nobody */
  async ask(question: Question, signal: AbortSignal): Promise<Answer> {
    const gone = new Set<AnswererOf<Question, Answer>>();
    for (;;) {
      signal.throwIfAborted();
      const answerer = [...this.#answerers, ...this.#others()].find((candidate) => !gone.has(candidate));
      if (!answerer) {
        if (!this.#comesBack) throw this.#nobody(question);
        await this.#someoneNew(signal);
        continue;
      }
      try {
        return await answerer(question, signal);
      } catch (error) {
        if (signal.aborted || !CodeModeError.is(error, 'closed')) throw error;
        gone.add(answerer);
      }
    }
  }

  #someoneNew(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}
