import type { ExecutorState } from '../../core/contract/executor.ts';

/** How a state is shown wherever people see it. */
export interface StateWords {
  /** The name of a codicon. */
  readonly icon: string;
  readonly word: string;
  /** What there is to say besides the word. */
  readonly explanation?: string;
}

/** What Python does, for people. */
export const STATES: Readonly<Record<ExecutorState, StateWords>> = {
  stopped: { icon: 'circle-outline', word: 'not started' },
  starting: { icon: 'loading~spin', word: 'starting' },
  idle: { icon: 'pass', word: 'idle' },
  busy: { icon: 'sync~spin', word: 'busy' },
  dead: { icon: 'error', word: 'not running', explanation: 'it ended or could not be started' },
};

/** The word of a state with its explanation. */
export function explainState(state: ExecutorState): string {
  const { word, explanation } = STATES[state];
  return explanation === undefined ? word : `${word}: ${explanation}`;
}
