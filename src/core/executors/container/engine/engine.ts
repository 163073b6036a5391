import type { ChildProcess, StdioOptions } from 'node:child_process';

/** How a command of the engine is followed. */
export interface EngineCall {
  readonly signal?: AbortSignal | undefined;
  /** Has the process with this id end where the signal is aborted, before it is killed; by default it is told to (SIGTERM). */
  readonly cancel?: ((processId: number) => void) | undefined;
  /** What it prints on either stream, one line each; what a carriage return would write over is a line as well. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Milliseconds after which it is ended; by default as long as it takes. */
  readonly timeoutMs?: number | undefined;
  /** What it reads; by default nothing. */
  readonly input?: string | undefined;
}

/** What an engine says of itself, as far as starts depend on it. */
export interface EngineFacts {
  /** Its own version: `4.3.1`. */
  readonly version: string;
  /** Whether it runs without root, so that root inside is the person outside. */
  readonly isRootless: boolean;
  /** Whether its containers are on another machine, whose folders ours are not. */
  readonly isRemote: boolean;
  /** Whether it keeps limits of these; what it does not keep is not asked for. */
  readonly limits: {
    readonly memory: boolean;
    readonly swap: boolean;
    readonly cpu: boolean;
    readonly pids: boolean;
  };
}

/**
 * Docker or Podman by its command line: every call goes through here, without a shell. Arguments begin with the
 * subcommand; what the settings say of the engine itself (context, runtime) stands before it already.
 */
export interface Engine {
  readonly kind: 'docker' | 'podman';
  /** For people, with its version: `Podman 4.3.1`. */
  readonly label: string;
  readonly facts: EngineFacts;
  /**
   * Runs a command to its end.
   *
   * @returns what it wrote to standard output
   * @throws CodeModeError for what went wrong, by what the engine says: with what to do; `cancelled` where the signal was
   *   aborted, once the command is gone
   */
  call(args: readonly string[], options?: EngineCall): Promise<string>;
  /** Starts a command whose streams are the caller's, such as `run -i`. */
  spawn(args: readonly string[], stdio: StdioOptions): ChildProcess;
  /** A command for others to start, such as a terminal. */
  command(args: readonly string[]): { readonly file: string; readonly args: readonly string[] };
  /** What `run` is told beside, before the image: Docker's runtime, which is Podman's global option. */
  readonly runArguments: readonly string[];
  /** What went wrong with a command that {@link spawn} started, by what it wrote to standard error; undefined: nothing known. */
  problem(complaint: string): Error | undefined;
}
