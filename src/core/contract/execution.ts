import { z } from 'zod';
import type { ApprovalAnswer, ApprovalRequest, Initiator } from './tools.ts';

/** Anything that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * One object in several representations, by MIME type. Text types hold strings, `application/json` and its
 * kin hold JSON, and binary types (PNG, JPEG …) hold bytes.
 */
export type MimeBundle = Readonly<Record<string, Json | Uint8Array>>;

/** Something that a run displayed. */
export interface DisplayOutput {
  readonly data: MimeBundle;
  /** By MIME type or for the whole bundle, as in the Jupyter protocol. */
  readonly metadata: Readonly<Record<string, Json>>;
  /** Set where a later `update_display` can address it. */
  readonly displayId?: string;
  /** True for the representation of the last expression's value. */
  readonly isValue?: boolean;
}

/** An exception that ended a run, or why the run was ended. */
export interface ExecutionError {
  /** The exception's type, such as `ValueError`. */
  readonly type: string;
  readonly message: string;
  /** As Python prints it, without colour; line numbers are the code's own. */
  readonly traceback: string;
  /** Where an import failed: the top-level module that is not there, such as `sklearn`; not the name of a package. */
  readonly missingModule?: string;
}

/** What Python and other processes say of an {@link ExecutionError}. */
export const ExecutionErrorSchema = z.object({
  type: z.string(),
  message: z.string(),
  traceback: z.string(),
  missingModule: z.string().exactOptional(),
}) satisfies z.ZodType<ExecutionError>;

/** How a run ended. `died`: the interpreter went away under it. */
export const RunStatusSchema = z.enum(['ok', 'error', 'interrupted', 'timeout', 'died']);
export type RunStatus = z.infer<typeof RunStatusSchema>;

/** One call that Python made to a tool during a run; an entry of the trace. Plain data. */
export interface ToolCall {
  /** Names the call within its run. */
  readonly id: string;
  readonly tool: string;
  /** As Python code says it; the tool's own name where the tool itself was called. */
  readonly callable: string;
  /** Secrets are masked, long ones are cut with a mark, bytes are described. */
  readonly arguments: Readonly<Record<string, Json>>;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds; null: it goes on. */
  readonly durationMs: number | null;
  /** Bytes of the result, as text in UTF-8 or as JSON; null: there is none. */
  readonly resultBytes: number | null;
  readonly error: string | null;
}

/** What a run gave. Plain data: it can be cloned, sent to another process and kept. */
export interface ExecutionResult {
  readonly status: RunStatus;
  /** The value of a last expression: JSON where it is JSON, otherwise its `repr` with {@link valueIsRepr}. */
  readonly value: Json;
  readonly valueIsRepr: boolean;
  /** What was printed, cut in the middle with a mark where it exceeds the session's bound. */
  readonly stdout: string;
  readonly stderr: string;
  /** What was displayed, in order, later updates applied. The value itself is not repeated here. */
  readonly displays: readonly DisplayOutput[];
  readonly error: ExecutionError | null;
  /** Milliseconds from the run's start in Python's queue to its end. */
  readonly executionTimeMs: number;
  /** The calls to tools, in order; see {@link toolCallsOmitted}. */
  readonly toolCalls: readonly ToolCall[];
  /** Calls that are not listed, for there were too many. */
  readonly toolCallsOmitted: number;
  /** The executor's id. */
  readonly executor: string;
  /** 1-based, counted per interpreter like Jupyter's execution count. */
  readonly executionCount: number;
  /** False where the interpreter was started afresh because of this run: variables are gone. */
  readonly variablesSurvived: boolean;
}

/** A question that the code asks a person through `input()` or `getpass()`. */
export interface InputRequest {
  readonly prompt: string;
  readonly password: boolean;
}

/** What streams while code runs. */
export type RunEvent =
  | { readonly kind: 'stdout' | 'stderr'; readonly text: string }
  | { readonly kind: 'display'; readonly output: DisplayOutput }
  | { readonly kind: 'updateDisplay'; readonly output: DisplayOutput & { readonly displayId: string } }
  | { readonly kind: 'clearOutput'; readonly wait: boolean }
  | { readonly kind: 'inputRequest'; readonly request: InputRequest }
  /** A call to a tool has begun, or has ended: the same `id` again. */
  | { readonly kind: 'toolCall'; readonly call: ToolCall }
  | { readonly kind: 'progress'; readonly message: string }
  | OmittedOutput;

/** Stands where output is missing: the listener was too slow for it, or came when it was no longer kept. */
export interface OmittedOutput {
  readonly kind: 'omitted';
  /** Characters of printed text (UTF-16 code units). */
  readonly characters: number;
  /** Displays and updates of them. */
  readonly displays: number;
}

/** Where code comes from, so that tracebacks name the user's own file and lines. */
export interface CodeOrigin {
  /** Shown in tracebacks, and what a debugger or link opens: a path, or a label such as `Cell [3]`. */
  readonly filename: string;
  /** The line of `filename` (1-based) that the code's first line is. */
  readonly firstLine: number;
}

/** How to run one piece of code. */
export interface RunOptions {
  /** Seconds after which the code is stopped; undefined: the executor's default; null: never. */
  readonly timeoutS?: number | null;
  /** Cancels: a queued run never starts, a running one is interrupted and, after the grace period, killed. */
  readonly signal?: AbortSignal;
  /** Called in order, for this run's events only; also for output that background tasks print later. */
  readonly onEvent?: (event: RunEvent) => void;
  /** Answers `input()`. Without it, `input()` raises an error that says so. */
  readonly onInput?: (request: InputRequest, signal: AbortSignal) => Promise<string>;
  /** Whose run it is; by default a person's. An agent's is asked for its tool calls. */
  readonly initiator?: Initiator;
  /** Asks a person whether a tool may be called. Without it, calls that need an approval are refused. */
  readonly onApproval?: (request: ApprovalRequest, signal: AbortSignal) => Promise<ApprovalAnswer>;
  readonly origin?: CodeOrigin;
}

/** A timeout in seconds that can be kept: above zero, at most 24 days (the longest timer that Node has). */
export const TimeoutSchema = z
  .number({ error: 'a timeout is a number of seconds' })
  .positive('a timeout is above zero seconds')
  .max(2_000_000, 'a timeout is at most 2,000,000 seconds');
