import type { TerminalOutput } from './terminalOutput.ts';

/** What every command is given. */
export interface CommandContext {
  /** Absolute path of the built `dist` folder. */
  readonly distFolder: string;
  /** Of the command line, which is the extension's. */
  readonly version: string;
  readonly stdout: TerminalOutput;
  readonly stderr: TerminalOutput;
  /** Resolves once whoever reads standard output or standard error has gone. */
  readonly outputBroken: Promise<void>;
}
