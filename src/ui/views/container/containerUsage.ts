import type { ContainerUsage } from '../../../core/contract/container.ts';

/** What a container used at a moment. Plain data. */
export interface MeasuredUsage extends ContainerUsage {
  /** Milliseconds of a clock that only goes on. */
  readonly at: number;
  /** Processors in use since the look before this one, such as 0.7; null: not known yet. */
  readonly processorsInUse: number | null;
}

/**
 * Adds to what a container uses what can only be told from two looks at it.
 *
 * @param at - milliseconds of the same clock as in `before`
 * @param before - the look before this one; undefined: there was none
 */
export function measureUsage(
  usage: ContainerUsage,
  at: number,
  before: MeasuredUsage | undefined,
): MeasuredUsage {
  return { ...usage, at, processorsInUse: processorsInUse(usage, at, before) };
}

function processorsInUse(
  { processorTime }: ContainerUsage,
  at: number,
  before: MeasuredUsage | undefined,
): number | null {
  if (processorTime === null || !before || before.processorTime === null || at <= before.at) return null;
  const seconds = processorTime - before.processorTime;
  // Another container has taken its place since.
  return seconds < 0 ? null : seconds / ((at - before.at) / 1000);
}
