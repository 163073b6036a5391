import { ToolArgumentsError } from '../../../contract/errors.ts';
import { pythonNameFor } from '../../../python-source/identifiers.ts';
import type { ToolArgument } from '../../tool.ts';
import type { CliConfig, CliOption, CliPositional } from './config.ts';
import { type Convention, conventionOf } from './conventions.ts';
import { type CliParameter, choicesOf, parametersOf, typeOf } from './parameters.ts';

/** What is run. */
export interface ProgramCall {
  readonly command: string;
  readonly args: readonly string[];
  /** What it reads; undefined: nothing, its input ends at once. */
  readonly stdin: Uint8Array | undefined;
}

type Arguments = Readonly<Record<string, ToolArgument>>;

/**
 * Makes the command line of a call: the program, its subcommand, the options in the order of the schema, the positionals.
 *
 * What counts for a parameter is what the call gives, else the preset of the recipe, else the default that the recipe
 * gives it, else that of the schema. `null` (Python's None) is as if it was not given.
 *
 * **No argument turns into an option.** What begins with `-`, and is not `-` alone, is passed only so that the program
 * can't take it for one:
 *
 * | what | program that keeps the convention | curl | any other |
 * | --- | --- | --- | --- |
 * | a positional | after `--` | after `--` | refused |
 * | a value of `--name` | `--name=VALUE` | `--name VALUE` | `--name=VALUE` |
 * | a value of `-n` | `-nVALUE` | `-n VALUE` | refused, unless it is a number: `-n -5` |
 * | a value of `-name` | refused, unless it is a number | `-name VALUE` | refused, unless it is a number |
 * | a value of `flag: x=` | `x=VALUE` | `x=VALUE` | `x=VALUE` |
 *
 * A number can't name an option that the caller chose, and `-n -5` is what every program takes that knows `-n`. Each
 * item of an array is a value of its own; with a separator, all of them together are one. `-` alone stands for standard
 * input or output by custom, and no program takes it for an option.
 *
 * @param recipeName - undefined: `tools.NAME(...)` itself
 * @param given - by {@link CliParameter.name}
 * @throws ToolArgumentsError
 */
export function programCall(
  config: CliConfig,
  recipeName: string | undefined,
  given: Arguments,
): ProgramCall {
  const recipe = recipeName === undefined ? undefined : config.recipes[recipeName];
  const command = config.command ?? config.name;
  const convention = conventionOf(command, config.end_of_options);
  const options: string[] = [];
  const positionals: string[] = [];
  let stdin: Uint8Array | undefined;
  for (const parameter of parametersOf(config)) {
    const value = effectiveValue(parameter, recipe, given);
    if (value === undefined) {
      const isRequired = recipe?.params[parameter.name]?.required ?? parameter.spec.required;
      if (isRequired) throw missing(config, parameter);
      continue;
    }
    switch (parameter.kind) {
      case 'option':
        options.push(...optionArguments(parameter, value, convention));
        break;
      case 'positional':
        positionals.push(...textsOf(parameter, value));
        break;
      case 'stdin':
        stdin = inputOf(value);
        break;
    }
  }
  const looksLikeOption = positionals.find(beginsLikeOption);
  if (looksLikeOption !== undefined) {
    if (!convention.endOfOptions) throw refused(command, looksLikeOption);
    options.push('--');
  }
  const words = [config.subcommand ?? [], recipe?.subcommand ?? []].flatMap(wordsOf);
  return { command, args: [...words, ...options, ...positionals], stdin };
}

function wordsOf(words: string | readonly string[]): readonly string[] {
  return typeof words === 'string' ? words.split(/\s+/u).filter(Boolean) : words;
}

function effectiveValue(
  { name, spec }: CliParameter,
  recipe: CliConfig['recipes'][string] | undefined,
  given: Arguments,
): ToolArgument | undefined {
  const schemaDefault = 'default' in spec ? spec.default : undefined;
  return given[name] ?? recipe?.preset[name] ?? recipe?.params[name]?.default ?? schemaDefault ?? undefined;
}

function optionArguments(
  parameter: CliParameter & { readonly kind: 'option' },
  value: ToolArgument,
  convention: Convention,
): string[] {
  const { name, spec } = parameter;
  const flag = spec.flag ?? (spec.short === undefined ? `--${name}` : `-${spec.short}`);
  const type = typeOf(spec);
  if (type === 'boolean') return value === true ? [flag] : [];
  const texts = textsOf(parameter, value);
  if (texts.length === 0) return [];
  const values = spec.separator === undefined || type !== 'array' ? texts : [texts.join(spec.separator)];
  const isNumber = type === 'integer' || type === 'number';
  return values.flatMap((text) => withValue(name, flag, text, isNumber, convention));
}

function withValue(
  name: string,
  flag: string,
  text: string,
  isNumber: boolean,
  { values }: Convention,
): string[] {
  if (flag.endsWith('=')) return [`${flag}${text}`];
  if (!beginsLikeOption(text) || values === 'separate') return [flag, text];
  if (flag.startsWith('--')) return [`${flag}=${text}`];
  const isOneLetter = /^-.$/u.test(flag);
  if (isOneLetter && values === 'joined') return [`${flag}${text}`];
  if (isNumber) return [flag, text];
  throw new ToolArgumentsError(
    `${pythonNameFor(name)} is ${JSON.stringify(text)}, which begins with "-": the program could take it for an option.`,
    isOneLetter
      ? `If the program takes ${flag}VALUE, as those of POSIX do, add \`end_of_options: true\` to the tool's file.`
      : `If the program takes ${flag}=VALUE or --${name}=VALUE, say so in the tool's file by \`flag: ${flag}=\` or \`flag: --${name}=\`.`,
  );
}

function beginsLikeOption(text: string): boolean {
  return text.length > 1 && text.startsWith('-');
}

/** A value as arguments: one, or one for each item of an array. */
function textsOf(parameter: Exclude<CliParameter, { kind: 'stdin' }>, value: ToolArgument): string[] {
  const { name, spec } = parameter;
  const items = typeOf(spec) === 'array' && Array.isArray(value) ? value : [value];
  return items.map((item: ToolArgument) => {
    const text = textOf(name, item);
    checkChoice(name, spec, text);
    return text;
  });
}

function textOf(name: string, value: ToolArgument): string {
  if (value instanceof Uint8Array) {
    throw new ToolArgumentsError(
      `${pythonNameFor(name)} is bytes, but arguments of a program are text.`,
      'Decode it first, such as by value.decode().',
    );
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.includes('\0')) {
    throw new ToolArgumentsError(
      `${pythonNameFor(name)} has a NUL character, which no argument of a program can have.`,
    );
  }
  return text;
}

function checkChoice(name: string, spec: CliOption | CliPositional, text: string): void {
  const choices = choicesOf(spec)?.map(String);
  if (!choices || choices.includes(text)) return;
  throw new ToolArgumentsError(
    `${pythonNameFor(name)} is ${JSON.stringify(text)}, but it can only be ${choices.join(', ')}.`,
  );
}

/** Text as UTF-8, bytes as they are, any other value as JSON. */
function inputOf(value: ToolArgument): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

function missing({ name: tool }: CliConfig, { name }: CliParameter): ToolArgumentsError {
  return new ToolArgumentsError(`tools.${tool} needs ${pythonNameFor(name)}.`);
}

function refused(command: string, argument: string): ToolArgumentsError {
  return new ToolArgumentsError(
    `${JSON.stringify(argument)} begins with "-": ${command} could take it for an option.`,
    `If it is a path, write ./ before it. If ${command} takes "--" for the end of its options, add \`end_of_options: true\` to the tool's file.`,
  );
}
