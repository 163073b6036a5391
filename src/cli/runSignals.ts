import { ExitCode } from './exitCodes.ts';

/** What a run's signals lead to. */
export interface RunSignalHandlers {
  /** Ctrl+C, for the first time. */
  interrupt(): void;
  /** What can't wait: a second Ctrl+C, SIGTERM, SIGHUP. Called once. */
  end(code: ExitCode): void;
}

/** Turns the process's signals into what they mean for a run, until it is disposed. */
export function listenForSignals(handlers: RunSignalHandlers): { dispose(): void } {
  let interrupts = 0;
  let ended = false;
  const end = (code: ExitCode) => {
    // Whoever sends a third signal is not to wait for a tidy end that does not come.
    if (ended) process.exit(code);
    ended = true;
    handlers.end(code);
  };
  const listeners: [NodeJS.Signals, () => void][] = [
    ['SIGINT', () => (interrupts++ === 0 ? handlers.interrupt() : end(ExitCode.interrupted))],
    ['SIGTERM', () => end(ExitCode.terminated)],
    ['SIGHUP', () => end(ExitCode.hungUp)],
  ];
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return {
    dispose: () => {
      for (const [signal, listener] of listeners) process.off(signal, listener);
    },
  };
}
