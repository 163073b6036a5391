import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How often the event loop is looked at, in milliseconds: what a loop shows that has nothing to do. */
const RESOLUTION_MS = 1;

/** The longest that this process's event loop has kept everybody waiting while something was done, in milliseconds. */
export async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  try {
    await work();
  } finally {
    delay.disable();
  }
  return Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
}
