import { randomUUID } from 'node:crypto';
import type { CallingRun } from '../connection/hostCalls.ts';
import type { Json, ToolCall } from '../contract/execution.ts';
import { sizeOfPart } from './resultLimit.ts';
import type { ToolOutcome, ToolPart } from './tool.ts';

/** Characters of an error that a trace keeps. */
const MAX_ERROR_CHARACTERS = 2000;

/** One call on its way through a trace: there from its begin, and complete at its end. */
export class TracedCall {
  readonly #run: CallingRun | undefined;
  readonly #startedAt = performance.now();
  #call: ToolCall;

  /** @param shown - the arguments for people, without secrets */
  constructor(
    run: CallingRun | undefined,
    tool: string,
    callable: string,
    shown: Readonly<Record<string, Json>>,
  ) {
    this.#run = run;
    this.#call = {
      id: randomUUID(),
      tool,
      callable,
      arguments: shown,
      startedAt: Date.now(),
      durationMs: null,
      resultBytes: null,
      error: null,
    };
    run?.noteToolCall(this.#call);
  }

  succeed(outcome: ToolOutcome): ToolCall {
    return this.#end({ resultBytes: sizeOf(outcome), error: null });
  }

  /** @param message - without secrets */
  fail(message: string): ToolCall {
    const error =
      message.length > MAX_ERROR_CHARACTERS ? `${message.slice(0, MAX_ERROR_CHARACTERS)}…` : message;
    return this.#end({ resultBytes: null, error });
  }

  #end(end: Pick<ToolCall, 'resultBytes' | 'error'>): ToolCall {
    this.#call = { ...this.#call, ...end, durationMs: performance.now() - this.#startedAt };
    this.#run?.noteToolCall(this.#call);
    return this.#call;
  }
}

/** Bytes that a call has given. */
function sizeOf(outcome: ToolOutcome): number {
  const parts: readonly ToolPart[] = 'type' in outcome ? [outcome] : outcome;
  return parts.reduce((size, part) => size + sizeOfPart(part), 0);
}
