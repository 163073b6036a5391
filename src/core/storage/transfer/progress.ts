import type { TransferKind } from './transferStore.ts';

/** Where a comparison or a copy is. */
export interface Progress {
  readonly kind: TransferKind;
  readonly name: string;
  /** How many were done before this one, and of how many. */
  readonly done: number;
  readonly total: number;
}

export type ProgressListener = (progress: Progress) => void;
