import type { ToolCall } from '../contract/execution.ts';

/** Calls that a trace lists; of more only their number is kept. */
const MAX_CALLS = 1000;

/** The calls to tools that one run has made, in order. */
export class ToolTrace {
  readonly #calls = new Map<string, ToolCall>();
  #omitted = 0;

  /** Adds a call that has begun, or brings it up to date; one that began when the list was full is counted alone. */
  note(call: ToolCall): void {
    if (this.#calls.has(call.id) || this.#calls.size < MAX_CALLS) this.#calls.set(call.id, call);
    else if (call.durationMs === null) this.#omitted += 1;
  }

  get calls(): readonly ToolCall[] {
    return [...this.#calls.values()];
  }

  /** Calls that are not listed. */
  get omitted(): number {
    return this.#omitted;
  }

  /** All calls, listed or not. */
  get count(): number {
    return this.#calls.size + this.#omitted;
  }
}
