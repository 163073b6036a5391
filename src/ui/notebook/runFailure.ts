import type { ExecutionError, ExecutionResult } from '../../core/contract/execution.ts';
import { wrapProse } from '../outputs/prose.ts';

/** What a cell shows of a run that did not end well. */
export interface RunFailure {
  readonly error: ExecutionError;
  /** What the person should know besides. */
  readonly notice: string | undefined;
}

/** That Python was started afresh is what the error says. */
const AFTER_A_FRESH_START = 'Run the cells again that define what you need.';

/** The run was ended by the person. */
export const INTERRUPTED: ExecutionError = {
  type: 'KeyboardInterrupt',
  message: '',
  traceback: 'KeyboardInterrupt',
};

/** The exception that ended a run; null where it ended well. */
export function errorOf(result: ExecutionResult): ExecutionError | null {
  if (result.status === 'ok') return null;
  if (result.error) {
    // A death has no Python traceback.
    const { type, message, traceback } = result.error;
    return { type, message, traceback: traceback.trim() ? traceback : wrapProse(`${type}: ${message}`) };
  }
  switch (result.status) {
    case 'timeout':
      return failure('TimeoutError', 'The code took too long and was stopped.');
    case 'died':
      return failure('Error', 'Python ended while the cell ran.');
    default:
      return INTERRUPTED;
  }
}

/** What the traceback does not say. */
export function noticeOf(result: ExecutionResult): string | undefined {
  if (!result.variablesSurvived) return AFTER_A_FRESH_START;
  return result.status === 'timeout' && result.error?.traceback ? result.error.message : undefined;
}

/** What kept the code from running, or its result from coming: of somebody who cancelled it, or of an error of ours. */
export function failureOf(error: unknown): RunFailure {
  // Looked at by shape: importing the class would load the schemas beside it at activation.
  const { message, code, hint } = error instanceof Error ? (error as Shape) : { message: String(error) };
  if (code === 'cancelled') return { error: INTERRUPTED, notice: undefined };
  return {
    error: { type: 'Error', message, traceback: wrapProse(message) },
    notice: typeof hint === 'string' && hint !== '' ? hint : undefined,
  };
}

interface Shape extends Error {
  readonly code?: unknown;
  readonly hint?: unknown;
}

function failure(type: string, message: string): ExecutionError {
  return { type, message, traceback: `${type}: ${message}` };
}
