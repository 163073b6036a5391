import type { Subscription } from '../../common/events.ts';
import { CodeModeError, NobodyAnswersError } from '../../contract/errors.ts';
import type { InputRequest } from '../../contract/execution.ts';

/** Answers a question of the code. Rejects with `closed` where it went away without answering. */
export type Answerer = (request: InputRequest, signal: AbortSignal) => Promise<string>;

/** Milliseconds for which a question of a window that is being reloaded waits for it to come back. */
export const COMES_BACK_MS = 30_000;

/**
 * Who answers the questions of one run: the one who started it, else those who follow it, else anybody who has the
 * session open.
 */
export class Answers {
  readonly #others: () => Iterable<Answerer>;
  readonly #comesBackMs: number;
  readonly #answerers = new Set<Answerer>();
  readonly #waiting = new Set<() => void>();
  #comesBack = false;

  /**
   * @param others - who else can be asked at this moment
   * @param comesBackMs - milliseconds; see {@link COMES_BACK_MS}
   */
  constructor(others: () => Iterable<Answerer>, comesBackMs = COMES_BACK_MS) {
    this.#others = others;
    this.#comesBackMs = comesBackMs;
  }

  /** Lets somebody answer until the subscription is disposed. */
  add(answerer: Answerer): Subscription {
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

  /** Asks one after the other until one answers or refuses. @throws NobodyAnswersError where there is nobody */
  async ask(request: InputRequest, signal: AbortSignal): Promise<string> {
    const gone = new Set<Answerer>();
    for (;;) {
      signal.throwIfAborted();
      const answerer = [...this.#answerers, ...this.#others()].find((candidate) => !gone.has(candidate));
      if (!answerer) {
        if (!this.#comesBack) throw new NobodyAnswersError();
        await this.#someoneNew(signal);
        continue;
      }
      try {
        return await answerer(request, signal);
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
