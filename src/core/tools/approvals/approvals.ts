import type { CallingRun } from '../../connection/hostCalls.ts';
import { type CodeModeError, NobodyApprovesError, ToolRefusedError } from '../../contract/errors.ts';
import type { ApprovalAnswer, ApprovalRequest, ToolApprovalPolicy } from '../../contract/tools.ts';
import type { Approval, ApprovalStore } from './approvalStore.ts';

/** What is said where something may not be called. */
export interface ApprovalWords {
  blocked(approval: Approval): CodeModeError;
  /** A person said no. */
  refused(approval: Approval): CodeModeError;
  /** Nobody is there to be asked. */
  nobody(approval: Approval): CodeModeError;
}

/** The run that calls, as far as it is asked for. */
type AskingRun = Pick<CallingRun, 'id' | 'initiator' | 'approve'>;

/** What {@link Approvals} decides by. */
export interface ApprovalsOptions {
  readonly policy: ToolApprovalPolicy;
  /** What was said for the workspace; undefined: nothing can be kept for it. */
  readonly store: ApprovalStore | undefined;
  /** By default those of tools. */
  readonly words?: ApprovalWords;
}

/** Decides for one session whether a tool may be called, and asks a person where the policy wants it. */
export class Approvals {
  readonly #options: ApprovalsOptions;
  readonly #words: ApprovalWords;
  /** What was allowed for this session. */
  readonly #allowed = new Set<string>();
  /** Questions that are asked, by what they are about: of several calls at once, one is asked for at a time. */
  readonly #asking = new Map<string, Promise<boolean>>();
  /** In which run the person said no last: it holds for the rest of that run, whose code may try again and again. */
  readonly #refusedIn = new Map<string, string>();

  constructor(options: ApprovalsOptions) {
    this.#options = options;
    this.#words = options.words ?? TOOL_WORDS;
  }

  /**
   * Resolves where the call may be made.
   *
   * @param describe - the question, made where it is asked
   * @throws ToolRefusedError, or what {@link ApprovalsOptions.words} say
   */
  async require(
    approval: Approval,
    describe: () => ApprovalRequest,
    run: AskingRun | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { store } = this.#options;
    if (await store?.isBlocked(approval.tool)) throw this.#words.blocked(approval);
    if (!this.#isAsked(run)) return;
    const key = JSON.stringify([approval.tool, approval.callable, approval.digest]);
    for (;;) {
      if (this.#allowed.has(key) || (await store?.isAllowed(approval))) return;
      if (run && this.#refusedIn.get(key) === run.id) throw this.#words.refused(approval);
      const asking = this.#asking.get(key);
      if (!asking) break;
      await asking;
    }
    const asking = this.#ask(key, approval, describe(), run, signal);
    this.#asking.set(
      key,
      asking.catch(() => false),
    );
    try {
      if (!(await asking)) throw this.#words.refused(approval);
    } finally {
      this.#asking.delete(key);
    }
  }

  #isAsked(run: AskingRun | undefined): boolean {
    const { policy } = this.#options;
    return policy === 'always' || (policy === 'agent' && run?.initiator === 'agent');
  }

  async #ask(
    key: string,
    approval: Approval,
    request: ApprovalRequest,
    run: AskingRun | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const answer = await this.#answer(approval, request, run, signal);
    if (answer === 'no' && run) this.#refusedIn.set(key, run.id);
    if (answer === 'session') this.#allowed.add(key);
    if (answer === 'workspace') {
      if (this.#options.store) await this.#options.store.allow(approval);
      else this.#allowed.add(key);
    }
    return answer !== 'no';
  }

  async #answer(
    approval: Approval,
    request: ApprovalRequest,
    run: AskingRun | undefined,
    signal: AbortSignal,
  ): Promise<ApprovalAnswer> {
    try {
      return (await run?.approve(request, signal)) ?? 'no';
    } catch (error) {
      throw error instanceof NobodyApprovesError ? this.#words.nobody(approval) : error;
    }
  }
}

const TOOL_WORDS: ApprovalWords = {
  blocked: ({ tool }) =>
    new ToolRefusedError(
      `The tool "${tool}" is blocked in this workspace.`,
      'A person can allow it again in the Tools view.',
    ),
  refused: ({ tool, callable }) =>
    new ToolRefusedError(
      `The call of tools.${tool}${callable === tool || callable === null ? '' : `.${callable}`} was not allowed.`,
      'A person said no. Go on without it, or ask what they would allow.',
    ),
  nobody: ({ tool }) => new NobodyApprovesError(tool),
};
