import { Problem } from './problem.mjs';
import { stopOnSignals } from './processes.mjs';

/**
 * Runs a script's main function. What it throws is printed for a person and ends the process with code 1; Ctrl+C
 * ends whatever the script started, and then the script.
 * @param {(stopping: AbortSignal) => Promise<number | void>} main Resolves to the exit code. `stopping` is aborted
 *   when the script has been asked to end.
 */
export async function script(main) {
  const stopping = stopOnSignals();
  try {
    process.exitCode = (await main(stopping)) ?? 0;
  } catch (error) {
    // What was just ended on purpose is bound to have failed.
    if (stopping.aborted) return;
    if (!(error instanceof Problem)) throw error;
    console.error(`\n✖ ${error.message}\n  ${error.hint}\n`);
    process.exitCode = 1;
  }
}
