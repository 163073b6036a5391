import { ToolTrace } from '../../connection/toolTrace.ts';
import { NobodyAnswersError, NobodyApprovesError } from '../../contract/errors.ts';
import type { ExecutionResult, RunOptions } from '../../contract/execution.ts';
import type { ApprovalAnswer } from '../../contract/tools.ts';
import type { ApprovalQuestion, RunInfo } from '../session.ts';
import { type Answerer, Answers, type Approver } from './answers.ts';
import { RunJournal, sizeOfBundle, sizeOfJson } from './journal.ts';

/** What a run of a session is begun with. */
export interface RunRequest extends Pick<RunOptions, 'timeoutS' | 'origin' | 'initiator'> {
  readonly id: string;
  readonly code: string;
  readonly tag: string | null;
  /** In words for people. */
  readonly startedBy: string;
  /** Who else may be asked what the code asks, where those who follow the run can't. */
  readonly others: () => Iterable<Answerer>;
  /** Who may be asked whether it may call a tool. */
  readonly approvers: () => Iterable<Approver>;
}

/** What a run needs of its session. */
export interface RunOwner {
  /** Runs the code; its promise becomes {@link SessionRun.result}. */
  execute(): Promise<ExecutionResult>;
  /** The run has its end. */
  onEnd(): void;
}

/** One run of a session: what it has emitted, who answers it, and its result. */
export class SessionRun {
  readonly id: string;
  readonly journal = new RunJournal();
  readonly answers: Answers;
  readonly approvals: Answers<ApprovalQuestion, ApprovalAnswer>;
  readonly trace = new ToolTrace();
  readonly #request: RunRequest;
  readonly #owner: RunOwner;
  readonly #title: string;
  readonly #requestedAt = Date.now();
  readonly #abort = new AbortController();
  #result: Promise<ExecutionResult> | undefined;
  #ended:
    | { readonly at: number; readonly result: ExecutionResult | undefined; readonly size: number }
    | undefined;
  #isDelivered = false;
  #isKept = true;

  constructor(request: RunRequest, owner: RunOwner) {
    this.id = request.id;
    this.#request = request;
    this.#title = titleOf(request.code);
    this.#owner = owner;
    this.answers = new Answers(request.others, () => new NobodyAnswersError());
    this.approvals = new Answers(request.approvers, ({ tool }) => new NobodyApprovesError(tool));
  }

  /** Aborted when the run is cancelled. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Rejects where the code could not be run at all. */
  get result(): Promise<ExecutionResult> {
    if (!this.#result) throw new Error('The run has not begun, or is forgotten.');
    return this.#result;
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** Whether what background tasks of the run still print is kept in its journal. */
  get isKept(): boolean {
    return this.#isKept;
  }

  get info(): RunInfo {
    return {
      id: this.id,
      title: this.#title,
      initiator: this.#request.initiator ?? 'person',
      toolCallCount: this.trace.count,
      tag: this.#request.tag,
      startedBy: this.#request.startedBy,
      requestedAt: this.#requestedAt,
      endedAt: this.#ended?.at ?? null,
      status: this.#ended?.result?.status ?? null,
      executionCount: this.#ended?.result?.executionCount ?? 0,
      isDelivered: this.#isDelivered,
    };
  }

  /** What the run takes of memory, about, in characters and bytes. */
  get size(): number {
    return this.journal.size + (this.#ended?.size ?? 0);
  }

  /** Runs the code. */
  begin(): void {
    this.#result = this.#owner.execute().then(
      (result) => {
        this.#ended = { at: Date.now(), result, size: sizeOfResult(result) };
        this.#owner.onEnd();
        return result;
      },
      (error: unknown) => {
        this.#ended = { at: Date.now(), result: undefined, size: 0 };
        this.#owner.onEnd();
        throw error;
      },
    );
    // Whoever wants it awaits it; nobody has to.
    this.#result.catch(() => undefined);
  }

  /** False where it has ended. */
  cancel(): boolean {
    if (this.#ended) return false;
    this.#abort.abort();
    return true;
  }

  /** Somebody was given the result. */
  markDelivered(): void {
    this.#isDelivered = true;
  }

  /** Lets go of what it has emitted and of its result; those who wait for it have it. */
  forget(): void {
    this.#isKept = false;
    this.#result = undefined;
    this.#ended &&= { at: this.#ended.at, result: undefined, size: 0 };
    this.journal.clear();
  }
}

const MAX_TITLE_CHARACTERS = 120;

/** The first line of code that says something. */
function titleOf(code: string): string {
  // Not all of a huge cell is looked through.
  const lines = code.slice(0, 10_000).split('\n', 200);
  const line = lines.map((text) => text.trim()).find((text) => text !== '' && !/^(?:#|%%)/.test(text));
  const title = line ?? lines.find((text) => text.trim() !== '')?.trim() ?? '';
  return title.length > MAX_TITLE_CHARACTERS ? `${title.slice(0, MAX_TITLE_CHARACTERS - 1)}…` : title;
}

function sizeOfResult({ stdout, stderr, value, displays }: ExecutionResult): number {
  const rest = stdout.length + stderr.length + sizeOfJson(value);
  return displays.reduce((size, display) => size + sizeOfBundle(display.data), rest);
}
