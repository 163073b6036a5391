import { readFileSync } from 'node:fs';
import { systemCode } from './files/systemErrors.ts';

/** Whether there is a process of this id, ours or somebody else's. */
export function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/**
 * When a process began, in a number that means something beside others of this machine alone; a process that got the same
 * id later has another one. Undefined where the system does not tell, or there is no such process.
 */
export function processStart(processId: number): string | undefined {
  try {
    // The name before it may hold anything, spaces and brackets too; it is the twentieth value behind the name.
    return /.*\)(?: \S+){19} (\d+)/s.exec(readFileSync(`/proc/${processId}/stat`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/**
 * Kills the process group that process `leader` leads, and so all that it started and that has not left the group.
 * Harmless when nobody of it is left. Not for Windows, which has no such groups.
 */
export function killProcessGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left, or (macOS) nobody that is not a zombie.
  }
}
