import { randomUUID } from 'node:crypto';
import type * as vscode from 'vscode';
import type { CodeOrigin, ExecutionResult } from '../../core/contract/execution.ts';
import type { FollowOptions, Session } from '../../core/session/session.ts';
import { type CellIdentity, type CellRunInfo, formatCellTag } from './cellTag.ts';

/** Where a cell's run comes from: its code is started, or a run that lives already is followed. */
export interface RunSource {
  /** Names the run among all, over reloads of the window. */
  readonly key: string;
  /** When the run was asked for, in milliseconds since the epoch; undefined: when it is the cell's turn. */
  readonly requestedAt: number | undefined;
  /** When the run ended, where it had by the time that it was found. */
  readonly endedAt: number | undefined;
  /** Where the code comes from, if that is known and not the cell itself. */
  readonly origin: CodeOrigin | undefined;
  /** Opens what the run needs; undefined where there is nothing to run. Rejects with a message for the person. */
  open(cell: vscode.NotebookCell): Promise<OpenRun | undefined>;
  /** The person does not want the run any more, whose turn in the cell has not come. */
  withdraw(): void;
}

/** A run of a cell that can be listened to. */
export interface OpenRun {
  readonly session: Session;
  /** The execution count that the run will most likely have. */
  readonly executionCount: number;
  /** The name of the code in tracebacks, where that is made from {@link executionCount}. */
  readonly label: string;
  /** Gives the run's events and its result; to be called once. */
  listen(options: FollowOptions): Promise<ExecutionResult>;
  /** Interrupts the code; false where it has not reached Python and the signal of {@link listen} has to end it. */
  interrupt(): Promise<boolean>;
}

/** How tracebacks name the code of a cell. */
export function labelOf(executionCount: number): string {
  return `Cell In[${executionCount}]`;
}

/** By what a cell is known after a reload of the window. */
export function identityOf(cell: vscode.NotebookCell): CellIdentity {
  // Where VS Code's own serializer of `.ipynb` files keeps it.
  const id: unknown = cell.metadata.id;
  return {
    notebook: cell.notebook.uri.toString(),
    id: typeof id === 'string' && id !== '' ? id : undefined,
    index: cell.index,
    code: cell.document.getText().replaceAll('\r\n', '\n'),
  };
}

/** What a {@link StartedRun} is made with. */
export interface StartedRunOptions {
  readonly openSession: (notebook: vscode.NotebookDocument) => Promise<Session>;
  /** Whether the cell can be made again from its run, since no file keeps it. */
  readonly keepsSource: boolean;
  /** Where the code comes from; undefined: the cell itself. */
  readonly origin?: CodeOrigin;
}

/** Starts the code of a cell. */
export class StartedRun implements RunSource {
  readonly key = randomUUID();
  readonly requestedAt = undefined;
  readonly endedAt = undefined;
  readonly origin: CodeOrigin | undefined;
  readonly #options: StartedRunOptions;

  constructor(options: StartedRunOptions) {
    this.#options = options;
    this.origin = options.origin;
  }

  async open(cell: vscode.NotebookCell): Promise<OpenRun | undefined> {
    const identity = identityOf(cell);
    if (identity.code.trim() === '') return undefined;
    const { openSession, keepsSource } = this.#options;
    const session = await openSession(cell.notebook);
    const executionCount = session.info.executionCount + session.info.queued + 1;
    const label = labelOf(executionCount);
    return {
      session,
      executionCount,
      label,
      listen: (options) =>
        session.run(identity.code, {
          ...options,
          origin: this.origin ?? { filename: label, firstLine: 1 },
          tag: formatCellTag(identity, { executionCount, key: this.key }, keepsSource),
        }),
      interrupt: () => session.interrupt(),
    };
  }

  withdraw(): void {
    // Nobody knows of it.
  }
}

/** Follows a run that lived on without this window. */
export class FollowedRun implements RunSource {
  readonly key: string;
  readonly requestedAt: number;
  readonly endedAt: number | undefined;
  readonly origin = undefined;
  readonly #session: Session;
  readonly #found: CellRunInfo;

  constructor(session: Session, found: CellRunInfo) {
    this.#session = session;
    this.#found = found;
    this.key = found.tag.key;
    this.requestedAt = found.run.requestedAt;
    this.endedAt = found.run.endedAt ?? undefined;
  }

  async open(): Promise<OpenRun> {
    const session = this.#session;
    const { run, tag } = this.#found;
    return {
      session,
      executionCount: tag.executionCount,
      label: labelOf(tag.executionCount),
      listen: (options) => session.follow(run.id, options),
      interrupt: async () => {
        await this.#interrupt();
        return true;
      },
    };
  }

  withdraw(): void {
    // A session that is gone has nothing to cancel.
    this.#interrupt().catch(() => undefined);
  }

  /** What somebody else runs stays untouched: behind that the run only waits. */
  async #interrupt(): Promise<void> {
    const { id } = this.#found.run;
    const [running, ...waiting] = (await this.#session.runs()).filter(({ endedAt }) => endedAt === null);
    if (running?.id === id && (await this.#session.interrupt())) return;
    if (running?.id === id || waiting.some((run) => run.id === id)) await this.#session.cancel(id);
  }
}
