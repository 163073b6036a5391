import { CodeModeError, UsageError } from '../../contract/errors.ts';
import { type ComparedItem, type CompareOptions, compareStores, type ItemState } from './compareStores.ts';
import type { ProgressListener } from './progress.ts';
import { SHELVES } from './shelves/index.ts';
import type { TransferKind, TransferStore } from './transferStore.ts';

/** One change that a copy makes to the target. */
export interface CopyStep {
  readonly kind: TransferKind;
  readonly name: string;
  readonly action: 'add' | 'replace' | 'remove';
}

/** An item that is not copied, and why. */
export interface SkippedItem {
  readonly kind: TransferKind;
  readonly name: string;
  readonly reason: string;
}

/** What a copy would do; made without changing anything. */
export interface CopyPlan {
  readonly steps: readonly CopyStep[];
  readonly skipped: readonly SkippedItem[];
  /** How many are the same in both already. */
  readonly same: number;
  /** How many the target alone has, and keeps. */
  readonly kept: number;
}

/** What {@link planCopy} is told. */
export interface PlanOptions extends CompareOptions {
  /** Whether what the source has not is removed from the target. */
  readonly clear: boolean;
}

/** How a copy ended. */
export interface CopyResult {
  readonly done: readonly CopyStep[];
  /** Those that cannot be in the target, or were gone from the source by then. */
  readonly failed: readonly SkippedItem[];
  /** Not done, since something stopped the copy. */
  readonly remaining: readonly CopyStep[];
  /** What stopped it; undefined where all was tried. */
  readonly stopped: CodeModeError | undefined;
}

/**
 * Looks what it takes to make `to` hold what `from` holds.
 *
 * @throws as {@link compareStores}, UsageError where an empty source would clear the target
 */
export async function planCopy(
  from: TransferStore,
  to: TransferStore,
  options: PlanOptions,
): Promise<CopyPlan> {
  const items = await compareStores(from, to, options);
  if (options.clear && items.length > 0 && items.every(({ state }) => state === 'added')) {
    throw new UsageError(
      'The source holds nothing, and so everything in the target would be removed.',
      'See whether the source is the right one, its prefix and workspace included.',
    );
  }
  const steps: CopyStep[] = [];
  const skipped: SkippedItem[] = [];
  for (const item of items) {
    const action = actionFor(item, options.clear);
    if (action === undefined) continue;
    const { kind, name, problem } = item;
    if (problem === undefined) steps.push({ kind, name, action });
    else skipped.push({ kind, name, reason: problem });
  }
  const count = (state: ItemState) => items.filter((item) => item.state === state).length;
  return { steps, skipped, same: count('same'), kept: options.clear ? 0 : count('added') };
}

function actionFor({ state }: ComparedItem, clear: boolean): CopyStep['action'] | undefined {
  switch (state) {
    case 'removed':
      return 'add';
    case 'changed':
      return 'replace';
    case 'added':
      return clear ? 'remove' : undefined;
    case 'same':
      return undefined;
  }
}

/**
 * Does the steps one after the other, each whole or not at all; removals come after all that is added, so that a copy that
 * breaks off has taken nothing away. What cannot be copied by itself is left out; anything else stops the copy, and the
 * result says so and what was done.
 */
export async function copyStore(
  from: TransferStore,
  to: TransferStore,
  steps: readonly CopyStep[],
  { signal, onProgress }: { readonly signal?: AbortSignal; readonly onProgress?: ProgressListener } = {},
): Promise<CopyResult> {
  const ordered = [
    ...steps.filter(({ action }) => action !== 'remove'),
    ...steps.filter(({ action }) => action === 'remove'),
  ];
  const done: CopyStep[] = [];
  const failed: SkippedItem[] = [];
  const copiers = new Map<TransferKind, ReturnType<(typeof SHELVES)[TransferKind]['copier']>>();
  for (const [index, step] of ordered.entries()) {
    const { kind, name } = step;
    try {
      signal?.throwIfAborted();
      onProgress?.({ kind, name, done: index, total: ordered.length });
      if (step.action === 'remove') {
        await SHELVES[kind].delete(name, to);
      } else {
        const copier = copiers.get(kind) ?? SHELVES[kind].copier(from, to);
        copiers.set(kind, copier);
        await (await copier)(name, signal);
      }
      done.push(step);
    } catch (error) {
      if (CodeModeError.is(error, 'usage') || CodeModeError.is(error, 'not-found')) {
        failed.push({ kind, name, reason: error.message });
        continue;
      }
      const stopped = asStop(error, signal);
      return { done, failed, remaining: ordered.slice(index), stopped };
    }
  }
  return { done, failed, remaining: [], stopped: undefined };
}

function asStop(error: unknown, signal: AbortSignal | undefined): CodeModeError {
  if (signal?.aborted) return new CodeModeError('cancelled', 'The copy was cancelled.', { cause: error });
  if (CodeModeError.is(error)) return error;
  return new CodeModeError('storage', `The copy broke off: ${(error as Error).message}`, { cause: error });
}
