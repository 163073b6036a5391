import type { Json } from '../../../contract/execution.ts';
import type { ToolCallableInfo, ToolParameter, ToolValueType } from '../../../contract/tools.ts';
import { pythonNameFor } from '../../../python-source/identifiers.ts';
import type { ToolDescription } from '../../tool.ts';
import {
  type CliConfig,
  type CliOption,
  type CliOutput,
  type CliPositional,
  type CliRecipe,
  PLAIN_OPTION,
} from './config.ts';

/** One parameter of the schema, and where it goes. */
export type CliParameter =
  | { readonly kind: 'option'; readonly name: string; readonly spec: CliOption }
  | { readonly kind: 'positional'; readonly name: string; readonly spec: CliPositional }
  | {
      readonly kind: 'stdin';
      readonly name: string;
      readonly spec: NonNullable<CliConfig['schema']['stdin']>;
    };

/** What `tools.NAME.…` means already; a recipe of that name gets another one. */
const METHODS = new Set(['list', 'call_sync', 'call_async']);

const TYPES = {
  string: 'string',
  str: 'string',
  integer: 'integer',
  int: 'integer',
  number: 'number',
  float: 'number',
  boolean: 'boolean',
  bool: 'boolean',
  array: 'array',
  list: 'array',
} as const satisfies Record<CliOption['type'], ToolValueType>;

const RETURNS = {
  text: 'string',
  json: 'any',
  json_lines: 'array',
  bytes: 'bytes',
} as const satisfies Record<CliOutput, ToolValueType>;

/** In the order of the command line: options, positionals, standard input. */
export function parametersOf({ schema }: CliConfig): CliParameter[] {
  const parameters: CliParameter[] = Object.entries(schema.options).map(([name, spec]) => ({
    kind: 'option',
    name,
    spec: spec ?? PLAIN_OPTION,
  }));
  for (const spec of schema.positional) parameters.push({ kind: 'positional', name: spec.name, spec });
  if (schema.stdin) parameters.push({ kind: 'stdin', name: schema.stdin.name, spec: schema.stdin });
  return parameters;
}

/** The type of an option or a positional. */
export function typeOf({ type }: CliOption | CliPositional): (typeof TYPES)[CliOption['type']] {
  return TYPES[type];
}

/** What a parameter can be; undefined: anything of its type. */
export function choicesOf({ choices, enum: listed }: CliOption | CliPositional): CliOption['choices'] {
  return choices ?? listed;
}

/** What Python code calls a recipe. */
export function callableNameFor(recipe: string): string {
  const name = pythonNameFor(recipe);
  return METHODS.has(name) ? `${name}_` : name;
}

/**
 * The recipes, and what `tools.NAME(...)` calls: the recipe that is named like the tool, where there is one, else the
 * program with all of its parameters.
 */
export function describeCli(config: CliConfig): ToolDescription {
  const callables = Object.entries(config.recipes).map(([name, recipe]) =>
    describeRecipe(config, name, recipe),
  );
  const ownRecipe = callables.find(({ originalName }) => originalName === config.name);
  return { callables, direct: ownRecipe ?? describeDirect(config) };
}

function describeDirect(config: CliConfig): ToolCallableInfo {
  return {
    name: config.name,
    originalName: config.name,
    description: config.description,
    parameters: inSignatureOrder(parametersOf(config)).map((parameter) => describeParameter(parameter, {})),
    returns: RETURNS[config.output ?? 'text'],
  };
}

/**
 * The parameters that `params` names, or all where it names none; those that the program can't do without; and those
 * with a preset, which a call may give as well.
 */
function describeRecipe(config: CliConfig, name: string, recipe: CliRecipe): ToolCallableInfo {
  const all = inSignatureOrder(parametersOf(config));
  const listed = Object.keys(recipe.params);
  const shown = listed.length === 0 ? all : listed.flatMap((each) => all.filter((one) => one.name === each));
  const required = all.filter((one) => !shown.includes(one) && one.spec.required);
  const preset = all.filter((one) => ![...shown, ...required].includes(one) && one.name in recipe.preset);
  return {
    name: callableNameFor(name),
    originalName: name,
    description: recipe.description,
    parameters: [...shown, ...required, ...preset].map((parameter) => describeParameter(parameter, recipe)),
    returns: RETURNS[recipe.output ?? config.output ?? 'text'],
  };
}

/** Positionals first: they say what a call is about. */
function inSignatureOrder(parameters: readonly CliParameter[]): CliParameter[] {
  const isPositional = ({ kind }: CliParameter) => kind === 'positional';
  return [...parameters.filter(isPositional), ...parameters.filter((each) => !isPositional(each))];
}

function describeParameter(
  parameter: CliParameter,
  { params = {}, preset = {} }: Partial<CliRecipe>,
): ToolParameter {
  const { name, spec } = parameter;
  const override = params[name] ?? {};
  const value =
    preset[name] ?? override.default ?? ('default' in spec ? spec.default : undefined) ?? undefined;
  return {
    name: pythonNameFor(name),
    originalName: name,
    type: parameter.kind === 'stdin' ? 'any' : typeOf(parameter.spec),
    description: override.description ?? spec.description,
    required: value === undefined && (override.required ?? spec.required),
    ...(value === undefined ? {} : { default: value }),
    schema: parameter.kind === 'stdin' ? {} : jsonSchemaOf(parameter.spec),
  };
}

function jsonSchemaOf(spec: CliOption | CliPositional): Record<string, Json> {
  const type = typeOf(spec);
  const choices = choicesOf(spec);
  const limited = choices ? { enum: choices } : {};
  return type === 'array' ? { type, ...(choices ? { items: limited } : {}) } : { type, ...limited };
}
