import type { Event } from '../common/events.ts';
import type { Frame } from './frames.ts';

/** Why an interpreter ended. */
export interface ExitReason {
  /** For people: `exit code 3`, `killed by SIGKILL`, `ran out of memory`. */
  readonly description: string;
  /** For the log, where it never was ready: what was printed until then. */
  readonly printed?: string;
}

/**
 * A way to one live interpreter: frames in both directions, a signal that reaches it while it computes, and
 * its end. A backend's launcher makes one for each start.
 */
export interface Transport {
  send(frame: Frame): void;
  readonly onFrame: Event<Frame>;
  /** Fired exactly once, after the last frame, whichever way the interpreter ended. */
  readonly onExit: Event<ExitReason>;
  /** Interrupts run `run` if it is the one that computes; a frame tells the same to one that awaits. */
  interrupt(run: number): void;
  /** Ends the interpreter without asking it; resolves once it is gone. */
  kill(): Promise<void>;
  /**
   * Lets an idle interpreter end as a program ends (exit handlers, files that are open), within a grace period;
   * resolves once it is gone. Without it, ending is killing.
   */
  end?(): Promise<void>;
  /**
   * Bytes of memory that the interpreter and what it started take right now; undefined where that can't be told, or
   * once it has ended. Never rejects, and code that computes does not notice.
   */
  memory?(): Promise<number | undefined>;
}

/** Starts an interpreter. It sends a `ready` message by itself. Aborting the signal ends the attempt. */
export type Launcher = (signal: AbortSignal) => Promise<Transport>;
