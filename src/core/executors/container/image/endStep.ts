import { setTimeout as delay } from 'node:timers/promises';
import { isRunning } from '../../../common/processes.ts';
import { processesBelow, readProcessFile } from '../../../common/processesBelow.ts';

const PAUSE_MS = 50;

/**
 * Ends a build of Podman by ending the step that it runs: Podman then takes back what it has begun. Told to end itself, it
 * would leave that, and the step would run on. Resolves when Podman has ended; never rejects.
 */
export async function endStep(podman: number): Promise<void> {
  while (isRunning(podman)) {
    const own = await sessionOf(podman);
    for (const id of await processesBelow(podman)) {
      const session = await sessionOf(id);
      // What a step runs has a session of its own, unlike Podman's helpers.
      if (own === undefined || session === undefined || session === own) continue;
      try {
        process.kill(id, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
    await delay(PAUSE_MS);
  }
}

async function sessionOf(id: number): Promise<string | undefined> {
  // The name before it may hold anything, spaces and brackets too.
  return (await readProcessFile('/proc', `${id}`, 'stat'))?.match(/.*\) \S \d+ \d+ (\d+)/s)?.[1];
}
