import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { CodeOrigin, ExecutionResult } from '../../core/contract/execution.ts';
import type { FollowOptions } from '../../core/session/session.ts';
import { errorText } from '../editor/pythonText.ts';
import { askInput } from '../input.ts';
import { plainTextOf } from '../outputs/plainText.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';
import type { RunSurface } from './editorRuns.ts';

/** How the tags begin by which the runs of this surface are found again after a reload of the window. */
const TAG_PREFIX = 'output-channel:';
/** Milliseconds for which output is gathered before the editor is told. */
const GATHER_MS = 40;

/**
 * Runs code in the workspace's session and writes what it prints to an output channel, like a console: for those
 * who switch the Interactive Window off.
 */
export class OutputSurface implements RunSurface, vscode.Disposable {
  readonly #sessions: WorkspaceSessions;
  #channel: vscode.OutputChannel | undefined;
  #gathered = '';
  #timer: NodeJS.Timeout | undefined;
  readonly #attached: vscode.Disposable;
  /** The tags of the runs that are written here already. */
  readonly #shown = new Set<string>();

  constructor(sessions: WorkspaceSessions, log: vscode.LogOutputChannel) {
    this.#sessions = sessions;
    this.#attached = sessions.onDidAttach(() => {
      this.#restore().catch((error) =>
        log.error('Runs of the output channel could not be found again.', error),
      );
    });
  }

  async run(code: string, origin: CodeOrigin): Promise<ExecutionResult> {
    const session = await this.#sessions.workspaceSession();
    this.#open().show(true);
    this.#write(`${prompted(code)}\n`);
    const tag = `${TAG_PREFIX}${randomUUID()}`;
    this.#shown.add(tag);
    return this.#show((options) => session.run(code, { ...options, origin, tag }));
  }

  dispose(): void {
    this.#attached.dispose();
    clearTimeout(this.#timer);
    this.#channel?.dispose();
    this.#channel = undefined;
  }

  /** Writes what still runs from before a reload of the window; a new window's channel is empty. */
  async #restore(): Promise<void> {
    const session = await this.#sessions.findWorkspaceSession();
    for (const { id, tag, endedAt, requestedAt } of (await session?.runs()) ?? []) {
      if (!session || !tag?.startsWith(TAG_PREFIX) || endedAt !== null || this.#shown.has(tag)) continue;
      this.#shown.add(tag);
      this.#open();
      this.#write(`… The code that was run at ${new Date(requestedAt).toLocaleTimeString()} goes on …\n`);
      await this.#show((options) => session.follow(id, options)).catch((error: unknown) =>
        this.#write(`${error instanceof Error ? error.message : String(error)}\n`),
      );
    }
  }

  /** Writes what a run gives, to its end. */
  async #show(listen: (options: FollowOptions) => Promise<ExecutionResult>): Promise<ExecutionResult> {
    try {
      const result = await listen({ onInput: askInput, onEvent: (event) => this.#write(plainTextOf(event)) });
      if (result.error) this.#write(`${result.error.traceback.trimEnd() || errorText(result)}\n`);
      if (!result.variablesSurvived) this.#write('Python was started afresh: variables are gone.\n');
      return result;
    } finally {
      this.#flush();
    }
  }

  #open(): vscode.OutputChannel {
    this.#channel ??= vscode.window.createOutputChannel('Python Code Mode Output');
    return this.#channel;
  }

  #write(text: string): void {
    this.#gathered += text;
    this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#channel?.append(this.#gathered);
    this.#gathered = '';
  }
}

function prompted(code: string): string {
  return code
    .split('\n')
    .map((line, index) => `${index === 0 ? '>>>' : '...'} ${line}`)
    .join('\n');
}
