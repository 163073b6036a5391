import type { CommandContext } from './context.ts';
import { ExitCode } from './exitCodes.ts';
import { listenForSignals } from './runSignals.ts';

/**
 * Does the work of a command until a signal, or the end of whoever reads the output, cancels it.
 *
 * @param work - what cancels it is told by its signal, whose reason is the exit code
 * @returns what `work` returns, or what a cancelled one ends with
 */
export async function cancellable(
  context: CommandContext,
  work: (signal: AbortSignal) => Promise<ExitCode>,
): Promise<ExitCode> {
  const controller = new AbortController();
  const cancel = (code: ExitCode) => controller.abort(code);
  void context.outputBroken.then(() => cancel(ExitCode.brokenPipe));
  const signals = listenForSignals({ interrupt: () => cancel(ExitCode.interrupted), end: cancel });
  try {
    return await work(controller.signal);
  } catch (error) {
    if (controller.signal.aborted) return controller.signal.reason as ExitCode;
    throw error;
  } finally {
    signals.dispose();
  }
}
