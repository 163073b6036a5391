/** A program with its arguments and its environment. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What to spawn in place of a program that is to be confined. */
export interface ConfinedCommand extends Command {
  /**
   * For `spawn`: the process leads a group and a session of its own. So nothing can be typed into our terminal, and
   * killing the group (`process.kill(-pid, 'SIGKILL')`) reaches everything, while it is still being started as well.
   */
  readonly detached: true;
  /** Ends what serves the program; to be called once it is gone, or was never started. Idempotent. */
  release(): Promise<void>;
}
