import { UsageError } from '../../core/contract/errors.ts';
import { parseCommandArguments } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { ExitCode } from '../exitCodes.ts';
import { ADDRESS_OPTIONS, type NamedStore, storeAt } from './address.ts';
import { diffStores } from './diff.ts';
import { STORE_COMMAND_HELP, STORE_HELP } from './help.ts';
import { chosenKinds } from './kinds.ts';
import { listStore } from './list.ts';
import { migrateStore } from './migrate.ts';
import { transfer } from './transfer.ts';

const COMMON = {
  ...ADDRESS_OPTIONS,
  target: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;
const TYPE = { type: { type: 'string', multiple: true } } as const;
const COPY = { ...COMMON, ...TYPE, clear: { type: 'boolean' }, 'dry-run': { type: 'boolean' } } as const;

type StoreCommand = keyof typeof STORE_COMMAND_HELP;

/** `code-mode store`. @throws CodeModeError */
export async function storeCommand(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  const [command, ...rest] = args;
  if (command === '-h' || command === '--help') return help(STORE_HELP, context);
  if (command === undefined || !Object.hasOwn(COMMANDS, command)) {
    throw new UsageError(
      command === undefined ? 'store needs a command.' : `There is no command "store ${command}".`,
      'Commands: bootstrap, pull, diff, list, migrate. Run "code-mode store --help" for more.',
    );
  }
  return await COMMANDS[command as StoreCommand](rest, context);
}

const COMMANDS: Readonly<
  Record<StoreCommand, (args: readonly string[], context: CommandContext) => Promise<ExitCode>>
> = {
  async bootstrap(args, context) {
    const values = parse('bootstrap', args, { ...COPY, source: { type: 'string' } });
    if (values.help) return help(STORE_COMMAND_HELP.bootstrap, context);
    const target = targetOf('bootstrap', values);
    return await transfer(folderOf('bootstrap', 'source', values.source), target, copyOf(values), context);
  },

  async pull(args, context) {
    const values = parse('pull', args, { ...COPY, dest: { type: 'string' } });
    if (values.help) return help(STORE_COMMAND_HELP.pull, context);
    const target = targetOf('pull', values);
    return await transfer(target, folderOf('pull', 'dest', values.dest), copyOf(values), context);
  },

  async diff(args, context) {
    const options = { ...COMMON, ...TYPE, source: { type: 'string' }, patch: { type: 'boolean' } } as const;
    const values = parse('diff', args, options);
    if (values.help) return help(STORE_COMMAND_HELP.diff, context);
    const target = targetOf('diff', values);
    const { patch = false, json = false } = values;
    const kinds = chosenKinds(values.type, values.workspace);
    return await diffStores(
      folderOf('diff', 'source', values.source),
      target,
      { kinds, patch, json },
      context,
    );
  },

  async list(args, context) {
    const values = parse('list', args, { ...COMMON, ...TYPE });
    if (values.help) return help(STORE_COMMAND_HELP.list, context);
    const kinds = chosenKinds(values.type, values.workspace);
    return await listStore(targetOf('list', values), { kinds, json: values.json ?? false }, context);
  },

  async migrate(args, context) {
    const values = parse('migrate', args, COMMON);
    if (values.help) return help(STORE_COMMAND_HELP.migrate, context);
    return await migrateStore(targetOf('migrate', values), { json: values.json ?? false }, context);
  },
};

function help(text: string, { stdout }: CommandContext): ExitCode {
  stdout.write(text);
  return ExitCode.ok;
}

function parse<const Options extends Parameters<typeof parseCommandArguments>[2]>(
  command: StoreCommand,
  args: readonly string[],
  options: Options,
) {
  const { values, positionals } = parseCommandArguments(`store ${command}`, args, options);
  if (positionals.length > 0) {
    throw new UsageError(`"${positionals[0]}" is one argument too many.`, hint(command));
  }
  return values;
}

function targetOf(
  command: StoreCommand,
  values: { target?: string | undefined; prefix?: string | undefined; workspace?: string | undefined },
): NamedStore {
  if (values.target === undefined) throw new UsageError('--target STORE is missing.', hint(command));
  return storeAt(values.target, values);
}

function folderOf(command: StoreCommand, option: string, folder: string | undefined): NamedStore {
  if (folder === undefined) throw new UsageError(`--${option} DIR is missing.`, hint(command));
  return storeAt(folder, {});
}

function copyOf(values: {
  type?: string[] | undefined;
  workspace?: string | undefined;
  clear?: boolean | undefined;
  'dry-run'?: boolean | undefined;
  json?: boolean | undefined;
}) {
  const { clear = false, json = false, 'dry-run': dryRun = false } = values;
  return { kinds: chosenKinds(values.type, values.workspace), clear, dryRun, json };
}

function hint(command: StoreCommand): string {
  return `Run "code-mode store ${command} --help" for what it takes.`;
}
