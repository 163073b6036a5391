import * as vscode from 'vscode';
import type { CodeOrigin, ExecutionResult, RunEvent } from '../../core/contract/execution.ts';
import { errorText } from '../editor/pythonText.ts';
import { askInput } from '../input.ts';
import type { WorkspaceSessions } from '../sessions/workspaceSessions.ts';
import type { RunSurface } from './editorRuns.ts';

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

  constructor(sessions: WorkspaceSessions) {
    this.#sessions = sessions;
  }

  async run(code: string, origin: CodeOrigin): Promise<ExecutionResult> {
    const session = await this.#sessions.workspaceSession();
    this.#channel ??= vscode.window.createOutputChannel('Python Code Mode Output');
    this.#channel.show(true);
    this.#write(`${prompted(code)}\n`);
    try {
      const result = await session.run(code, {
        origin,
        onInput: askInput,
        onEvent: (event) => this.#write(textOf(event)),
      });
      if (result.error) this.#write(`${result.error.traceback.trimEnd() || errorText(result)}\n`);
      if (!result.variablesSurvived) this.#write('Python was started afresh: variables are gone.\n');
      return result;
    } finally {
      this.#flush();
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#channel?.dispose();
    this.#channel = undefined;
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

function textOf(event: RunEvent): string {
  if (event.kind === 'stdout' || event.kind === 'stderr') return event.text;
  if (event.kind !== 'display' && event.kind !== 'updateDisplay') return '';
  const text = event.output.data['text/plain'];
  return typeof text === 'string' ? `${text}\n` : `[${Object.keys(event.output.data).join(', ')}]\n`;
}
