import type { CommandContext } from './context.ts';
import { ExitCode } from './exitCodes.ts';
import { listenForSignals } from './runSignals.ts';

/** How long work that was cancelled may take to come to its end where nothing else is said, in milliseconds. */
const END_GRACE_MS = 2000;

/**
 * Does the work of a command until a signal, or the end of whoever reads the output, cancels it. Work that does not end
 * soon by itself is left where it is; a second Ctrl+C leaves it at once.
 *
 * @param work - what cancels it is told by its signal, whose reason is the exit code
 * @param graceMs - milliseconds that work which was cancelled may take to come to its end
 * @returns what `work` returns, or what a cancelled one ends with
 */
export async function cancellable(
  context: CommandContext,
  work: (signal: AbortSignal) => Promise<ExitCode>,
  graceMs = END_GRACE_MS,
): Promise<ExitCode> {
  const controller = new AbortController();
  let leave: (code: ExitCode) => void = () => undefined;
  const left = new Promise<ExitCode>((resolve) => {
    leave = resolve;
  });
  let grace: NodeJS.Timeout | undefined;
  const cancel = (code: ExitCode) => {
    grace ??= setTimeout(() => leave(code), graceMs);
    controller.abort(code);
  };
  void context.outputBroken.then(() => cancel(ExitCode.brokenPipe));
  const signals = listenForSignals({
    interrupt: () => cancel(ExitCode.interrupted),
    end: (code) => (controller.signal.aborted ? leave(code) : cancel(code)),
  });
  try {
    return await Promise.race([work(controller.signal), left]);
  } catch (error) {
    if (controller.signal.aborted) return controller.signal.reason as ExitCode;
    throw error;
  } finally {
    clearTimeout(grace);
    signals.dispose();
  }
}
