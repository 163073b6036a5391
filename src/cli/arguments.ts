import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from '../core/contract/errors.ts';

type ParseArgsOptionsConfig = NonNullable<ParseArgsConfig['options']>;

/** The options and positional arguments of one command. */
export interface CommandArguments<Options extends ParseArgsOptionsConfig> {
  readonly values: ReturnType<typeof parseArgs<{ options: Options; strict: true }>>['values'];
  readonly positionals: readonly string[];
}

/**
 * Parses the arguments of a command.
 *
 * An option that takes a value takes the next argument whatever it looks like, as Python does: `-c "-1"` and
 * `--timeout -1` say what was meant and need no guess.
 *
 * @throws UsageError with the command's help as the hint
 */
export function parseCommandArguments<const Options extends ParseArgsOptionsConfig>(
  command: string,
  args: readonly string[],
  options: Options,
): CommandArguments<Options> {
  const hint = `Run "code-mode ${command} --help" for what it takes.`;
  const joined = joinValues(args, options, hint);
  try {
    const { values, positionals } = parseArgs({
      args: joined,
      options,
      strict: true,
      allowPositionals: true,
    });
    return { values: values as CommandArguments<Options>['values'], positionals };
  } catch (error) {
    // Only the first sentence: the rest of Node's message explains how to pass dashes, which is handled here.
    const message = (error as Error).message.split(/\. |\n/)[0] ?? '';
    throw new UsageError(`${message.replace(/\.?$/, '.')}`, hint);
  }
}

function joinValues(args: readonly string[], options: ParseArgsOptionsConfig, hint: string): string[] {
  const longNameOf = new Map<string, string>();
  for (const [name, option] of Object.entries(options)) {
    if (option.type !== 'string') continue;
    longNameOf.set(`--${name}`, `--${name}`);
    if (option.short) longNameOf.set(`-${option.short}`, `--${name}`);
  }
  const seen = new Set<string>();
  const joined: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index]!;
    if (argument === '--') return [...joined, ...args.slice(index)];
    const name = longNameOf.get(argument) ?? longNameOf.get(argument.split('=', 1)[0]!);
    const isRepeatable = name !== undefined && options[name.slice(2)]?.multiple === true;
    if (name && seen.has(name) && !isRepeatable) throw new UsageError(`"${name}" is given twice.`, hint);
    if (name) seen.add(name);
    if (!longNameOf.has(argument)) {
      joined.push(argument);
      continue;
    }
    const value = args[++index];
    if (value === undefined) throw new UsageError(`"${argument}" needs a value.`, hint);
    joined.push(`${name}=${value}`);
  }
  return joined;
}
