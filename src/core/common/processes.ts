import { systemCode } from './files/systemErrors.ts';

/** Whether there is a process of this id, ours or somebody else's. */
export function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
