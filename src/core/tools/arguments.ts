import { ToolArgumentsError } from '../contract/errors.ts';
import type { Json } from '../contract/execution.ts';
import type { ToolCallableInfo, ToolParameter, ToolValueType } from '../contract/tools.ts';
import { nearestWord } from './definition/suggestion.ts';
import { PYTHON_TYPES, pythonLiteral } from './pythonWords.ts';
import type { ToolArgument } from './tool.ts';

/** An article and the type, as messages have it. */
const TYPE_NAMES: Readonly<Record<ToolValueType, string>> = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'a boolean',
  array: 'a list',
  object: 'a dict',
  bytes: 'bytes or a string',
  any: 'anything',
};

/**
 * Checks what a call was given against what is declared.
 *
 * @param label - how Python code names the callable: `tools.curl.get`
 * @returns the arguments by their {@link ToolParameter.originalName}; null for one that is not needed is left out
 * @throws ToolArgumentsError that names every argument that is wrong, missing or unknown, and the right ones
 */
export function checkArguments(
  label: string,
  { parameters }: ToolCallableInfo,
  given: Readonly<Record<string, ToolArgument>>,
): Readonly<Record<string, ToolArgument>> {
  const byName = new Map<string, ToolParameter>();
  for (const parameter of parameters) byName.set(parameter.originalName, parameter);
  // A Python name wins over another parameter's own name.
  for (const parameter of parameters) byName.set(parameter.name, parameter);
  const checked: Record<string, ToolArgument> = {};
  const problems: string[] = [];
  const refused = new Set<ToolParameter>();
  for (const [name, value] of Object.entries(given)) {
    const parameter = byName.get(name);
    if (!parameter) {
      const similar = nearestWord(
        name,
        parameters.map((candidate) => candidate.name),
      );
      problems.push(
        `has no parameter '${name}'${similar === undefined ? '' : ` (did you mean '${similar}'?)`}`,
      );
    } else if (parameter.originalName in checked) {
      problems.push(`was given '${parameter.name}' twice`);
    } else if (value === null) {
      // Where null is no value, None is as good as not given.
      if (takesNull(parameter)) checked[parameter.originalName] = null;
    } else {
      const wrong = problemOf(parameter, value);
      if (wrong === undefined) checked[parameter.originalName] = value;
      else {
        problems.push(wrong);
        refused.add(parameter);
      }
    }
  }
  for (const parameter of parameters) {
    const { name, originalName, required } = parameter;
    if (required && !(originalName in checked) && !refused.has(parameter)) problems.push(`needs '${name}'`);
  }
  if (problems.length === 0) return checked;
  throw new ToolArgumentsError(
    `${label} ${problems.join(', ')}. Its signature is ${signatureOf(parameters)}.`,
  );
}

/** As Python would write it: `(url: str, max_time: int = None)`. */
export function signatureOf(parameters: readonly ToolParameter[]): string {
  const sorted = [...parameters].sort((a, b) => Number(b.required) - Number(a.required));
  const texts = sorted.map(({ name, type, required, default: fallback }) => {
    const value = required ? '' : ` = ${fallback === undefined ? 'None' : pythonLiteral(fallback)}`;
    return `${name}: ${PYTHON_TYPES[type]}${value}`;
  });
  return `(${texts.join(', ')})`;
}

function problemOf({ name, type, schema }: ToolParameter, value: ToolArgument): string | undefined {
  if (!hasType(value, type)) return `takes ${TYPE_NAMES[type]} for '${name}', not ${describe(value)}`;
  const choices = schema.enum;
  if (!Array.isArray(choices) || value instanceof Uint8Array) return undefined;
  const isChoice = (item: unknown) => choices.some((choice: Json) => choice === item);
  if (Array.isArray(value) ? value.every(isChoice) : isChoice(value)) return undefined;
  return `takes one of ${choices.map((choice: Json) => pythonLiteral(choice)).join(', ')} for '${name}'`;
}

function hasType(value: ToolArgument, type: ToolValueType): boolean {
  switch (type) {
    case 'any':
      return true;
    case 'string':
    case 'bytes':
      // The tool says how it takes the other of the two.
      return typeof value === 'string' || value instanceof Uint8Array;
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      return Array.isArray(value);
    case 'object':
      return (
        typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
      );
  }
}

function takesNull({ type, schema }: ToolParameter): boolean {
  return type === 'any' || allowsNull(schema);
}

/** As JSON schema and OpenAPI 3.0 say it. */
function allowsNull(schema: Json | undefined): boolean {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return false;
  const { type, nullable, enum: choices, anyOf, oneOf } = schema as Readonly<Record<string, Json>>;
  const contains = (list: Json | undefined, isIt: (item: Json) => boolean) =>
    Array.isArray(list) && list.some(isIt);
  return (
    type === 'null' ||
    nullable === true ||
    contains(type, (item) => item === 'null') ||
    contains(choices, (item) => item === null) ||
    contains(anyOf, allowsNull) ||
    contains(oneOf, allowsNull)
  );
}

function describe(value: ToolArgument): string {
  if (value === null) return 'None';
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a dict';
  if (typeof value === 'string')
    return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
  return pythonLiteral(value);
}
