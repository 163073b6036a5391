import { type ChildProcess, spawn } from 'node:child_process';
import { killProcessGroup } from '../common/processes.ts';

/**
 * Kills a child that was spawned as the leader of its process group (`detached`), and all that it started and that has
 * not left the group. Harmless when they are gone.
 */
export function killProcessTree(child: ChildProcess): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    const taskkill = spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' });
    // Without it, at least the child itself ends.
    taskkill.on('error', () => child.kill('SIGKILL'));
    return;
  }
  killProcessGroup(child.pid);
}
