/** File descriptors of the child process beside the standard three. Frames for Python arrive on standard input. */
export const ChildPipe = {
  /** Frames from Python. */
  OUTPUT: 3,
  /** Ids of runs to interrupt, each {@link INTERRUPT_BYTES} long: they overtake what waits on standard input. */
  INTERRUPTS: 4,
} as const;

/** Bytes of a run's id on the interrupt pipe (unsigned, big-endian). */
export const INTERRUPT_BYTES = 4;

/** In place of a run's id: ends Python, whatever it is doing, and delivers what it printed last. */
export const END = 0;
