import type { Json, ToolCall } from '../contract/execution.ts';
import type { ApprovalAnswer, ApprovalRequest, Initiator } from '../contract/tools.ts';

/** The run that made a host call. */
export interface CallingRun {
  /** Names the run among those of its interpreter, and of those before it. */
  readonly id: string;
  readonly initiator: Initiator;
  /** Puts a call to a tool into the run's trace, or brings the one of that id up to date. */
  noteToolCall(call: ToolCall): void;
  /** Says how far something is that takes long. */
  tellProgress(message: string): void;
  /** Asks a person. @throws CodeModeError `tool-refused` where nobody can be asked */
  approve(request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalAnswer>;
}

/** A call that Python makes to the host, for instance `artifacts.save`. */
export interface HostCall {
  /** `namespace.operation`. */
  readonly method: string;
  /** Not trusted: the handler checks it with its schema. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly buffers: readonly Uint8Array[];
  /** Aborted when the run that made the call is interrupted, or the interpreter ends. */
  readonly signal: AbortSignal;
  /**
   * Aborted once the variables are gone that what the call gave may have been kept in: the interpreter ended, in
   * whichever way, or was reset.
   */
  readonly lifetime: AbortSignal;
  /** The run that made the call; undefined where Python did not make it, or the run is long over. */
  readonly run?: CallingRun | undefined;
}

/** What a host call gives back: JSON, and bytes as bytes. */
export interface HostReply {
  readonly result: Json;
  readonly buffers?: readonly Uint8Array[];
}

/**
 * Answers one method. A rejection becomes an exception in Python: a CodeModeError keeps its code, which the
 * Python package maps to an exception type.
 */
export type HostCallHandler = (call: HostCall) => Promise<HostReply>;

/** Handlers by method name. */
export type HostCallHandlers = Readonly<Record<string, HostCallHandler>>;

/** Finds the handler of a method, or undefined. */
export type HostCallLookup = (method: string) => HostCallHandler | undefined;
