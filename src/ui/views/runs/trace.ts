import type { RunStatus, ToolCall } from '../../../core/contract/execution.ts';
import type { Initiator } from '../../../core/contract/tools.ts';
import type { RunInfo, Session } from '../../../core/session/session.ts';

/** What a session has run and which tools that called, as it is written to a file of JSON. */
export interface Trace {
  /** Of this format: raised where a reader of the older one would misunderstand. */
  readonly version: 1;
  /** When it was written; times are ISO 8601 in UTC. */
  readonly exportedAt: string;
  readonly session: { readonly id: string; readonly title: string };
  /** The executor's id, and the Python that it runs, such as `Pyodide 314.0.7, Python 3.14.2`. */
  readonly executor: { readonly id: string; readonly interpreter: string };
  /** Oldest first; those that the session still keeps. */
  readonly runs: readonly TracedRun[];
}

/** A run of a {@link Trace}. */
export interface TracedRun {
  readonly id: string;
  /** The first line of the code that says something, at most 120 characters. */
  readonly title: string;
  /** In words for people. */
  readonly startedBy: string;
  readonly initiator: Initiator;
  readonly requestedAt: string;
  /** Null: it waited or ran when this was written. */
  readonly endedAt: string | null;
  /** Null: it had not ended, or was refused. */
  readonly status: RunStatus | null;
  /** Counted per interpreter; 0: not known. */
  readonly executionCount: number;
  /** In order. */
  readonly toolCalls: readonly TracedCall[];
  /** Calls that are not listed, for there were too many. */
  readonly toolCallsOmitted: number;
}

/** A call of a {@link TracedRun}. Secrets in its arguments are masked, long ones are cut with a mark. */
export type TracedCall = Omit<ToolCall, 'startedAt'> & { readonly startedAt: string };

/** The trace of a session. @param only the id of the one run that is wanted; undefined: all. @throws CodeModeError */
export async function traceOf(session: Session, only?: string): Promise<Trace> {
  const { id, title, executor, interpreter } = session.info;
  const wanted = (await session.runs()).filter((run) => only === undefined || run.id === only);
  const runs: TracedRun[] = [];
  for (const run of wanted) {
    const calls = run.toolCallCount === 0 ? [] : await session.toolCalls(run.id).catch(() => []);
    runs.push(tracedRun(run, calls));
  }
  return {
    version: 1,
    exportedAt: new Date().toISOString(),
    session: { id, title },
    executor: { id: executor, interpreter },
    runs,
  };
}

function tracedRun(run: RunInfo, calls: readonly ToolCall[]): TracedRun {
  const { id, title, startedBy, initiator, requestedAt, endedAt, status, executionCount, toolCallCount } =
    run;
  return {
    id,
    title,
    startedBy,
    initiator,
    requestedAt: timeText(requestedAt),
    endedAt: endedAt === null ? null : timeText(endedAt),
    status,
    executionCount,
    toolCalls: calls.map((call) => ({ ...call, startedAt: timeText(call.startedAt) })),
    // The run may have gone on in between.
    toolCallsOmitted: Math.max(0, toolCallCount - calls.length),
  };
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
