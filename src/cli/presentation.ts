import type {
  DisplayOutput,
  ExecutionError,
  ExecutionResult,
  MimeBundle,
  RunEvent,
} from '../core/contract/execution.ts';
import { describeOmitted } from '../core/session/runs/journal.ts';
import { resultToJson } from './jsonResult.ts';
import type { TerminalOutput } from './terminalOutput.ts';

/** How a run is shown: while it runs and at its end. */
export interface Presentation {
  readonly onEvent: (event: RunEvent) => void;
  finish(result: ExecutionResult): void;
  /** Where the prompt of `input()` goes, and that of `getpass()`. */
  readonly promptOutput: TerminalOutput;
  readonly passwordPromptOutput: TerminalOutput;
}

/** `--json`: one result on standard output, at the end, and nothing else. */
export class JsonPresentation implements Presentation {
  readonly #stdout: TerminalOutput;
  readonly promptOutput: TerminalOutput;
  readonly passwordPromptOutput: TerminalOutput;

  constructor(stdout: TerminalOutput, stderr: TerminalOutput) {
    this.#stdout = stdout;
    this.promptOutput = stderr;
    this.passwordPromptOutput = stderr;
  }

  readonly onEvent = (): void => undefined;

  finish(result: ExecutionResult): void {
    this.#stdout.writeLine(resultToJson(result));
  }
}

/** For people: output as it comes, displays and the value as text, the traceback on standard error. */
export class LivePresentation implements Presentation {
  readonly #stdout: TerminalOutput;
  readonly #stderr: TerminalOutput;
  readonly promptOutput: TerminalOutput;
  readonly passwordPromptOutput: TerminalOutput;
  #valueShown = false;

  constructor(stdout: TerminalOutput, stderr: TerminalOutput) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.promptOutput = stdout;
    this.passwordPromptOutput = stderr;
  }

  readonly onEvent = (event: RunEvent): void => {
    switch (event.kind) {
      case 'stdout':
        this.#stdout.write(event.text);
        break;
      case 'stderr':
        this.#stderr.write(event.text);
        break;
      case 'omitted':
        this.#stderr.write(describeOmitted(event));
        break;
      case 'display':
      case 'updateDisplay':
        this.#display(event.output);
        break;
      default:
        // A terminal can't take back what it shows, so clearOutput has no effect here, and the trace of tools
        // is part of --json.
        break;
    }
  };

  finish(result: ExecutionResult): void {
    if (!this.#valueShown && result.value !== null) {
      this.#stdout.writeLine(
        typeof result.value === 'string' && result.valueIsRepr ? result.value : JSON.stringify(result.value),
      );
    }
    if (!result.error) return;
    if (!this.#stderr.atLineStart) this.#stderr.write('\n');
    this.#stderr.writeLine(describeError(result.error));
  }

  #display(output: DisplayOutput): void {
    if (output.isValue) this.#valueShown = true;
    this.#stdout.writeLine(plainText(output.data));
  }
}

/** The traceback, and what it does not say itself: that the run was stopped, and what became of the variables. */
function describeError({ type, message, traceback }: ExecutionError): string {
  const summary = message ? `${type}: ${message}` : type;
  // As Python itself does, whose sys.exit("sorry") prints that and no traceback.
  if (type === 'SystemExit') return /^-?\d*$/.test(message) ? summary : message;
  if (traceback === '') return summary;
  const lastLine = traceback.trimEnd().split('\n').at(-1) ?? '';
  const says = traceback.includes(message) || lastLine.startsWith(type);
  return says ? traceback : `${traceback.trimEnd()}\n${summary}`;
}

/** The text of a MIME bundle that a terminal can show, or what there is in its place. */
function plainText(bundle: MimeBundle): string {
  for (const type of ['text/plain', 'text/markdown', 'text/latex']) {
    const text = bundle[type];
    if (typeof text === 'string') return text;
  }
  return `<${Object.keys(bundle).join(', ') || 'empty display'}>`;
}
