import type { CodeModeError } from '../../../contract/errors.ts';

/** How long a call may go on: it ends in time, with its run, and with its tool. */
export interface CallLimits {
  /** Of the run. */
  readonly signal: AbortSignal | undefined;
  /** Milliseconds; undefined: as long as it takes. */
  readonly timeoutMs: number | undefined;
  readonly onTimeout: () => CodeModeError;
  readonly onCancel: () => CodeModeError;
}

/** What a tool has under way. */
export class OpenCalls {
  readonly #controllers = new Set<AbortController>();
  #ended: CodeModeError | undefined;

  /** Runs `work` with a signal that is aborted with the error that then is to be thrown. */
  async run<T>(limits: CallLimits, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal, timeoutMs, onTimeout, onCancel } = limits;
    if (this.#ended) throw this.#ended;
    if (signal?.aborted) throw onCancel();
    const controller = new AbortController();
    const cancel = () => controller.abort(onCancel());
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(() => controller.abort(onTimeout()), timeoutMs);
    signal?.addEventListener('abort', cancel, { once: true });
    this.#controllers.add(controller);
    const aborted = new Promise<never>((_, reject) => {
      controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
    });
    try {
      return await Promise.race([work(controller.signal), aborted]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      this.#controllers.delete(controller);
    }
  }

  /** Ends all of them with `error`; no more begin. */
  end(error: CodeModeError): void {
    this.#ended = error;
    for (const controller of this.#controllers) controller.abort(error);
  }
}
