import type { CallingRun } from '../../connection/hostCalls.ts';
import { ToolRefusedError } from '../../contract/errors.ts';
import type { ApprovalRequest, ToolApprovalPolicy } from '../../contract/tools.ts';
import type { Approval, ApprovalStore } from './approvalStore.ts';

/** What {@link Approvals} decides by. */
export interface ApprovalsOptions {
  readonly policy: ToolApprovalPolicy;
  /** What was said for the workspace; undefined: nothing can be kept for it. */
  readonly store: ApprovalStore | undefined;
}

/** Decides for one session whether a tool may be called, and asks a person where the policy wants it. */
export class Approvals {
  readonly #options: ApprovalsOptions;
  /** What was allowed for this session. */
  readonly #allowed = new Set<string>();
  /** Questions that are asked, by what they are about: of several calls at once, one is asked for at a time. */
  readonly #asking = new Map<string, Promise<boolean>>();
  /** In which run the person said no last: it holds for the rest of that run, whose code may try again and again. */
  readonly #refusedIn = new Map<string, string>();

  constructor(options: ApprovalsOptions) {
    this.#options = options;
  }

  /**
   * Resolves where the call may be made.
   *
   * @param describe - the question, made where it is asked
   * @throws ToolRefusedError
   */
  async require(
    approval: Approval,
    describe: () => ApprovalRequest,
    run: CallingRun | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { store } = this.#options;
    if (await store?.isBlocked(approval.tool)) {
      throw new ToolRefusedError(
        `The tool "${approval.tool}" is blocked in this workspace.`,
        'A person can allow it again in the Tools view.',
      );
    }
    if (!this.#isAsked(run)) return;
    const key = JSON.stringify([approval.tool, approval.callable, approval.digest]);
    for (;;) {
      if (this.#allowed.has(key) || (await store?.isAllowed(approval))) return;
      if (run && this.#refusedIn.get(key) === run.id) throw refused(approval);
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
      if (!(await asking)) throw refused(approval);
    } finally {
      this.#asking.delete(key);
    }
  }

  #isAsked(run: CallingRun | undefined): boolean {
    const { policy } = this.#options;
    return policy === 'always' || (policy === 'agent' && run?.initiator === 'agent');
  }

  async #ask(
    key: string,
    approval: Approval,
    request: ApprovalRequest,
    run: CallingRun | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const answer = (await run?.approve(request, signal)) ?? 'no';
    if (answer === 'no' && run) this.#refusedIn.set(key, run.id);
    if (answer === 'session') this.#allowed.add(key);
    if (answer === 'workspace') {
      if (this.#options.store) await this.#options.store.allow(approval);
      else this.#allowed.add(key);
    }
    return answer !== 'no';
  }
}

function refused({ tool, callable }: Approval): ToolRefusedError {
  return new ToolRefusedError(
    `The call of tools.${tool}${callable === tool || callable === null ? '' : `.${callable}`} was not allowed.`,
    'A person said no. Go on without it, or ask what they would allow.',
  );
}
