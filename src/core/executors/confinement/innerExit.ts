import { constants } from 'node:os';

/** How a program ended, as `node:child_process` tells it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Above this, an exit code says which signal ended the program within. */
const SIGNAL_BASE = 128;

/**
 * How the confined program ended, by the end of the process that was spawned: what confines a program passes its exit
 * code on, and reports its end by signal n as the exit code 128 + n. An exit code of the program's own from 129 to
 * 192 is taken for a signal, as shells do.
 */
export function innerExit({ code, signal }: Exit): Exit {
  if (code === null || code <= SIGNAL_BASE) return { code, signal };
  const inner = Object.entries(constants.signals).find(([, number]) => number === code - SIGNAL_BASE);
  return inner ? { code: null, signal: inner[0] as NodeJS.Signals } : { code, signal };
}
