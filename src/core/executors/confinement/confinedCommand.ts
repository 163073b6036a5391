import type { ChildProcess } from 'node:child_process';

/** A program with its arguments and its environment. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What to spawn in place of a program that is to be confined. */
export interface ConfinedCommand extends Command {
  /**
   * For `spawn`: the process leads a group of its own. So it is away from our terminal, and {@link killConfined}
   * reaches all of it while it is starting, too.
   */
  readonly detached: true;
  /** Ends what serves the program; to be called once it is gone, or was never started. Idempotent. */
  release(): Promise<void>;
}

/** Ends a confined process with all that runs within, at once. */
export function killConfined(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
