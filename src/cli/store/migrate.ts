import { migrateStore as migrate } from '../../core/storage/transfer/migrateStore.ts';
import { cancellable } from '../cancellable.ts';
import type { CommandContext } from '../context.ts';
import { ExitCode } from '../exitCodes.ts';
import { styled } from '../style.ts';
import { assertStore, type NamedStore } from './address.ts';

/** `code-mode store migrate`. @throws CodeModeError */
export async function migrateStore(
  named: NamedStore,
  { json }: { readonly json: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  await assertStore(named);
  return await cancellable(context, async () => {
    const { stdout, stderr } = context;
    const { moved, kept } = await migrate(named.spec, {
      password: named.password,
      log: (line) => stderr.writeLine(`code-mode: ${line}`),
    });
    if (json) stdout.writeLine(JSON.stringify({ store: named.label, moved, kept }, null, 2));
    else {
      for (const name of moved) stdout.writeLine(styled('green', `  ${name}`));
      stdout.writeLine(`${moved.length} moved from skills to workflows, ${kept.length} stay.`);
    }
    for (const { name, reason } of kept) stderr.writeLine(`code-mode: "${name}" stays: ${reason}.`);
    return kept.length > 0 ? ExitCode.failed : ExitCode.ok;
  });
}
