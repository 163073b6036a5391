import { UsageError } from '../../core/contract/errors.ts';
import type { StorageBackend } from '../../core/contract/storage.ts';
import { openStorage } from '../../core/storage/openStorage.ts';
import { parseCommandArguments } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import type { ExitCode } from '../exitCodes.ts';
import { ADDRESS_OPTIONS, type AddressOptions, assertStore, storeAt } from './address.ts';

/** The options of the commands that work on what one store holds. */
export const STORE_OPTIONS = {
  ...ADDRESS_OPTIONS,
  base: { type: 'string' },
  target: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Those of {@link STORE_OPTIONS} in a help text. */
export const STORE_OPTIONS_HELP = `  --base DIR        The base folder that is the store (default: .code-mode)
  --target STORE    Or: any store
  --prefix P        What the keys of a store in Redis begin with (default: py_code_mode)
  --workspace ID    A workspace of the store
  --json            Print the result as JSON
  -h, --help        Show this help
`;

type Options = Parameters<typeof parseCommandArguments>[2];

/**
 * Parses a command that has commands of its own: `code-mode artifacts load NAME`.
 *
 * @param counts - by command, the least and the largest number of arguments that it takes
 * @throws UsageError
 */
export function parseStoreCommand<const Given extends Options, Command extends string>(
  family: string,
  args: readonly string[],
  options: Given,
  counts: Readonly<Record<Command, readonly [least: number, most: number]>>,
) {
  const { values, positionals } = parseCommandArguments(family, args, options);
  if ((values as { help?: boolean }).help) return 'help';
  const hint = `Run "code-mode ${family} --help" for what it takes.`;
  const [command, ...names] = positionals;
  if (command === undefined || !Object.hasOwn(counts, command)) {
    throw new UsageError(
      command === undefined
        ? `${family} needs a command: ${Object.keys(counts).join(', ')}.`
        : `There is no command "${family} ${command}".`,
      hint,
    );
  }
  const [least, most] = counts[command as Command];
  if (names.length < least) throw new UsageError(`"${family} ${command}" needs an argument more.`, hint);
  if (names.length > most) throw new UsageError(`"${names[most]}" is one argument too many.`, hint);
  return { command: command as Command, names, values };
}

/**
 * Opens the store that the options name for `work`.
 *
 * @param mustExist - whether a folder that is none of a store is an error
 * @throws CodeModeError
 */
export async function inStore(
  values: AddressOptions & { readonly base?: string | undefined; readonly target?: string | undefined },
  { stderr }: CommandContext,
  mustExist: boolean,
  work: (storage: StorageBackend) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (values.base !== undefined && values.target !== undefined) {
    throw new UsageError('Both --base and --target are given.', 'Give one of them.');
  }
  const named = storeAt(values.target ?? values.base ?? '.code-mode', values);
  if (mustExist) await assertStore(named);
  await using storage = openStorage(named.spec, {
    password: named.password,
    log: (line) => stderr.writeLine(`code-mode: ${line}`),
  });
  return await work(storage);
}
