import path from 'node:path';
import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml';
import type { Json } from '../../contract/execution.ts';
import { pythonNameFor } from '../../python-source/identifiers.ts';
import { conventionOf } from '../adapters/cli/conventions.ts';
import { callableNameFor } from '../adapters/cli/parameters.ts';
import { toYaml } from '../definition/yaml.ts';
import type { HelpPositional, HelpText } from './helpText.ts';
import type { HelpOption } from './options.ts';

/** A tool that was made from a program's help. */
export interface ToolFromHelp {
  /** A name for it. */
  readonly name: string;
  /** The text of its file, with comments where something was guessed. */
  text(name: string): string;
}

/** Parameters that one recipe may show; of a program with more it shows what it can't do without. */
const SHOWN_PARAMETERS = 8;
const MAX_SUBCOMMANDS = 100;
const ARGUMENTS = 'arguments';

/** Where a comment stands, as keys into the YAML, and what it says. */
type Comment = readonly [path: readonly (string | number)[], text: string];

/**
 * @param words - the program and the subcommand that the help is of
 * @param asked - the command line whose answer the help is
 */
export function toolFromHelp(words: readonly string[], asked: string, help: HelpText): ToolFromHelp {
  const [command = '', ...subcommand] = words;
  const program = path.basename(command).replace(/\.exe$/iu, '');
  const comments: Comment[] = [];
  if (help.description === '')
    comments.push([['description'], 'What is it for? Searches and agents find it by this.']);
  const options = usableOptions(help.options).map((option) => optionOf(option, command, comments));
  const taken = new Set(options.map(([name]) => pythonNameFor(name)));
  const positional =
    help.subcommands.length > 0
      ? [{ name: ARGUMENTS, type: 'array', description: 'What follows the subcommand.' }]
      : help.positionals.map((each) => positionalOf(each, taken));
  const config = {
    description: help.description,
    command,
    ...(subcommand.length > 0 ? { subcommand: [...subcommand] } : {}),
    schema: { options: Object.fromEntries(options), positional },
    recipes: recipesOf(help, options, positional),
  };
  if (help.subcommands.length > 0) {
    const example = [...words, help.subcommands[0]!.name].join(' ');
    comments.push([
      ['recipes'],
      `What a subcommand takes is not known here. For a tool that knows it, make one of "${example}".`,
    ]);
  } else {
    comments.push([['recipes'], 'Recipes are what people and agents call: add your own, with presets.']);
  }
  const begin = `Made from what "${asked}" says. Look it over: what is marked was guessed.`;
  return {
    name: nameOf([program, ...subcommand]),
    text: (name) => write({ name, ...config }, begin, comments),
  };
}

/** `python3_http_server` for `python3 -m http.server`. */
function nameOf(words: readonly string[]): string {
  const names = words.filter((word) => !word.startsWith('-')).map((word) => path.basename(word));
  return pythonNameFor(names.join('_')).replace(/^_+/u, '') || 'tool';
}

/** Those that Python code can tell apart. */
function usableOptions(options: readonly HelpOption[]): HelpOption[] {
  const taken = new Set<string>();
  return options.filter(({ name }) => {
    const pythonName = pythonNameFor(name);
    return /[\p{L}\p{N}]/u.test(name) && !taken.has(pythonName) && taken.add(pythonName);
  });
}

function optionOf(
  option: HelpOption,
  command: string,
  comments: Comment[],
): readonly [string, Record<string, Json>] {
  const { name, value, joined, optionalValue, several, choices, description, required } = option;
  const long = option.flags.find((flag) => flag.startsWith('--'));
  const type =
    value === undefined ? 'boolean' : several ? 'array' : choices.length > 0 ? 'string' : typeOf(value);
  const at = ['schema', 'options', name];
  if (type === 'array') comments.push([[...at, 'type'], 'guessed: it can be given several times']);
  else if (type !== 'boolean' && type !== 'string') comments.push([[...at, 'type'], `guessed from ${value}`]);
  // A program that shows its values after "=" may take them only so; those of POSIX are known to take both.
  const needsJoined = optionalValue || (joined && conventionOf(command, undefined).values !== 'joined');
  const short = long === undefined ? (option.flags[0] ?? '').replace(/^-/u, '') : undefined;
  return [
    name,
    {
      type,
      ...(short === undefined ? {} : { short }),
      ...(long !== undefined && value !== undefined && needsJoined ? { flag: `${long}=` } : {}),
      ...(required ? { required } : {}),
      ...(choices.length > 0 ? { choices: [...choices] } : {}),
      description,
    },
  ];
}

function typeOf(value: string): 'string' | 'integer' | 'number' {
  const name = value.replace(/[<>[\]]/gu, '');
  if (/^(?:num(?:ber)?|n|int(?:eger)?|uint|count|port)$/iu.test(name)) return 'integer';
  return /^(?:float|double)$/iu.test(name) ? 'number' : 'string';
}

function positionalOf(
  { name, required, several, choices, description }: HelpPositional,
  taken: Set<string>,
): { name: string } & Record<string, Json> {
  const plural = several && taken.has(pythonNameFor(name)) && !name.endsWith('s') ? `${name}s` : name;
  let free = plural;
  while (taken.has(pythonNameFor(free))) free = `${free}_argument`;
  taken.add(pythonNameFor(free));
  return {
    name: free,
    type: several ? 'array' : 'string',
    required,
    ...(choices.length > 0 ? { choices: [...choices] } : {}),
    description,
  };
}

function recipesOf(
  { description, subcommands }: HelpText,
  options: readonly (readonly [string, Record<string, Json>])[],
  positional: readonly { readonly name: string }[],
): Record<string, Json> {
  if (subcommands.length > 0) {
    const recipes = subcommands
      .slice(0, MAX_SUBCOMMANDS)
      .map((each): [string, Json] => [
        callableNameFor(each.name),
        { description: each.description, subcommand: each.name, params: { [ARGUMENTS]: {} } },
      ]);
    return Object.fromEntries(recipes);
  }
  const required = options.flatMap(([name, { required: isRequired }]) => (isRequired ? [name] : []));
  const shown = [...positional.map(({ name }) => name), ...required];
  const isShort = options.length + positional.length <= SHOWN_PARAMETERS || shown.length === 0;
  const params = isShort ? {} : { params: Object.fromEntries(shown.map((name) => [name, {}])) };
  return { run: { description, ...params } };
}

function write(config: Readonly<Record<string, Json>>, begin: string, comments: readonly Comment[]): string {
  const document = parseDocument(toYaml(config));
  for (const [at, text] of comments) {
    const container = document.getIn(at.slice(0, -1), true);
    const pair =
      isMap(container) &&
      (container as YAMLMap).items.find(({ key }) => isScalar(key) && key.value === at.at(-1));
    if (!pair) continue;
    if (isScalar(pair.value)) pair.value.comment = ` ${text}`;
    else if (isScalar(pair.key)) pair.key.commentBefore = ` ${text}`;
  }
  return `# ${begin}\n${document.toString({ lineWidth: 0 })}`;
}
