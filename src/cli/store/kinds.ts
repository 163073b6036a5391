import { UsageError } from '../../core/contract/errors.ts';
import {
  TRANSFER_KINDS,
  type TransferKind,
  WORKSPACE_KINDS,
} from '../../core/storage/transfer/transferStore.ts';

/**
 * What `--type` chooses, given any number of times; without it all that the store has of its own.
 *
 * @param workspace - the workspace that is meant, if any: it has neither tools nor packages
 * @throws UsageError
 */
export function chosenKinds(
  types: readonly string[] | undefined,
  workspace: string | undefined,
): readonly TransferKind[] {
  const possible = workspace === undefined ? TRANSFER_KINDS : WORKSPACE_KINDS;
  if (types === undefined) return possible;
  for (const type of types) {
    if (!TRANSFER_KINDS.some((kind) => kind === type)) {
      throw new UsageError(`There is no type "${type}".`, `Types: ${TRANSFER_KINDS.join(', ')}.`);
    }
    if (!possible.some((kind) => kind === type)) {
      throw new UsageError(
        `A workspace has no ${type} of its own.`,
        'Leave --workspace out: tools and packages are those of the whole store.',
      );
    }
  }
  return TRANSFER_KINDS.filter((kind) => types.includes(kind));
}
