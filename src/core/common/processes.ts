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
