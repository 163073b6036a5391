/** How the command line ends; the first four are part of the design, the others are the shell's convention. */
export const ExitCode = {
  ok: 0,
  /** The Python code failed, a capability did not keep its promise, or Python could not be started. */
  failed: 1,
  /** Wrong usage or settings: nothing was run. */
  usage: 2,
  /** The run took longer than `--timeout`. */
  timeout: 124,
  /** 128 + SIGHUP. */
  hungUp: 129,
  /** 128 + SIGINT. */
  interrupted: 130,
  /** 128 + SIGPIPE: whoever read the output has gone. */
  brokenPipe: 141,
  /** 128 + SIGTERM. */
  terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
