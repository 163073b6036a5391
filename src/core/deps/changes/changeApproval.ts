import { createHash } from 'node:crypto';
import type { CallingRun } from '../../connection/hostCalls.ts';
import type { PackageEnvironment } from '../../contract/dependencies.ts';
import { NobodyApprovesError, ToolRefusedError } from '../../contract/errors.ts';
import type { ToolApprovalPolicy } from '../../contract/tools.ts';
import type { ApprovalStore } from '../../tools/approvals/approvalStore.ts';
import { Approvals, type ApprovalWords } from '../../tools/approvals/approvals.ts';
import type { ChangeOrigin } from './origin.ts';

/** What code can do to packages. */
export type ChangeAction = 'add' | 'remove' | 'sync';

/** A change that a person may have to allow. */
export interface ChangeQuestion {
  readonly action: ChangeAction;
  /** The packages as code names them. */
  readonly packages: readonly string[];
  readonly environment: PackageEnvironment;
}

/** What {@link ChangeApproval} decides by. */
export interface ChangeApprovalOptions {
  /** The executor's id. */
  readonly executor: string;
  readonly policy: ToolApprovalPolicy;
  /** What was said for the workspace; undefined: nothing can be kept for it. */
  readonly store: ApprovalStore | undefined;
}

const DOES: Readonly<Record<ChangeAction, string>> = {
  add: 'Install packages and write them to the configuration of this workspace',
  remove: 'Uninstall packages and take them out of the configuration of this workspace',
  sync: 'Install the packages that are configured for this workspace',
};

const WORDS: ApprovalWords = {
  blocked: ({ callable }) =>
    new ToolRefusedError(
      `deps.${callable} is blocked in this workspace.`,
      'A person can change packages themselves, in the Dependencies view.',
    ),
  refused: ({ callable }) =>
    new ToolRefusedError(
      `deps.${callable} was not allowed.`,
      'A person said no. Go on without it, or ask which packages they would install.',
    ),
  nobody: ({ callable }) =>
    new ToolRefusedError(
      `deps.${callable} needs a person's approval, and nobody is there to give it.`,
      'Open the folder in VS Code, where the question is shown, or let a person change the packages: in the Dependencies view, or with "code-mode deps".',
    ),
};

/** Code whose run is long over counts as an agent's that nobody follows. */
const NOBODYS_RUN: Pick<CallingRun, 'id' | 'initiator' | 'approve'> = {
  id: '',
  initiator: 'agent',
  approve: async ({ tool }) => {
    throw new NobodyApprovesError(tool);
  },
};

/** What is allowed of one environment leaves that of others as it is. No tool has a name with a space. */
const NAME_PREFIX = 'deps ';

/** Whether what was allowed under a name is a change of packages. */
export function isPackageApproval(name: string): boolean {
  return name.startsWith(NAME_PREFIX);
}

/** Asks a person for changes of packages that code makes; what a person does themselves is their yes. */
export class ChangeApproval {
  readonly #executor: string;
  readonly #approvals: Approvals;

  constructor({ executor, policy, store }: ChangeApprovalOptions) {
    this.#executor = executor;
    this.#approvals = new Approvals({ policy, store, words: WORDS });
  }

  /** Resolves where the change may be made. @throws ToolRefusedError */
  async require(question: ChangeQuestion, origin: ChangeOrigin, signal: AbortSignal): Promise<void> {
    if (origin.kind !== 'code') return;
    const { action, packages, environment } = question;
    const digest = createHash('sha256')
      .update(JSON.stringify([this.#executor, environment.folder ?? environment.label]))
      .digest('hex');
    await this.#approvals.require(
      { tool: NAME_PREFIX + digest.slice(0, 16), callable: action, digest },
      () => ({
        tool: 'deps',
        callable: action,
        description: DOES[action],
        commandLine: commandLine(question),
        arguments: { packages },
      }),
      origin.run ?? NOBODYS_RUN,
      signal,
    );
  }
}

function commandLine({ action, packages, environment: { label, installer } }: ChangeQuestion): string {
  const place = `${action === 'remove' ? 'from' : 'into'} the environment ${JSON.stringify(label)}${installer === null ? '' : `, by ${installer}`}`;
  return `${action === 'remove' ? 'uninstall' : 'install'} ${packages.join(' ')} ${place}`;
}
