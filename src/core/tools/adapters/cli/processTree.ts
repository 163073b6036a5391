import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { processesBelow } from '../../../common/processesBelow.ts';
import { killProcessTree } from '../../../executors/processTree.ts';

/** Milliseconds that programs have to end by themselves when they are told to, such as to remove their lock files. */
const GRACE_MS = 1_000;

const windows = process.platform === 'win32';

/**
 * Ends a child that leads its process group, and all processes below it, whatever group they are in: it is told to,
 * and killed a moment later.
 *
 * @param exited - resolves when the child has ended
 */
export async function endProcessTree(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  if (windows) {
    killProcessTree(child);
    return;
  }
  // Asked first: a process whose parent has ended is not found any more.
  const all = [-pid, ...(await processesBelow(pid))];
  for (const each of all) send(each, 'SIGTERM');
  const patience = new AbortController();
  await Promise.race([
    exited,
    delay(GRACE_MS, undefined, { signal: patience.signal }).catch(() => undefined),
  ]);
  patience.abort();
  for (const each of all) send(each, 'SIGKILL');
}

/** Kills what is left of the process group that a child leads or has led. Windows has no such groups. */
export function killGroupOf({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined) return;
  if (!windows) send(-pid, 'SIGKILL');
  else if (exitCode === null && signalCode === null) send(pid, 'SIGKILL');
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
