import { openTransferStore } from '../../core/storage/transfer/openTransferStore.ts';
import type { TransferStore } from '../../core/storage/transfer/transferStore.ts';
import type { CommandContext } from '../context.ts';
import type { NamedStore } from './address.ts';

/** Opens a store; what its log has to say goes to standard error. */
export function openStore({ spec, password }: NamedStore, { stderr }: CommandContext): TransferStore {
  return openTransferStore(spec, { password, log: (line) => stderr.writeLine(`code-mode: ${line}`) });
}
