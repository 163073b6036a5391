import type { Json } from '../contract/execution.ts';
import type { ToolParameter, ToolValueType } from '../contract/tools.ts';
import { literal } from './pythonText.ts';

type Schema = { readonly [key: string]: Json };

/** What a tool may be called like `str`: the names of types are taken from modules that nothing can be called like. */
export const ANY = '_typing.Any';

const TYPES: Readonly<Record<ToolValueType, string>> = {
  string: '_builtins.str',
  integer: '_builtins.int',
  number: '_builtins.float',
  boolean: '_builtins.bool',
  array: `_builtins.list[${ANY}]`,
  object: `_builtins.dict[_builtins.str, ${ANY}]`,
  bytes: '_builtins.bytes',
  any: ANY,
};

/** More choices than these are told by their type alone. */
const MAX_CHOICES = 100;
/** How deep schemas are read. */
const MAX_DEPTH = 4;

/** The type of what a call gives, or of what a workflow takes, as Python writes it. */
export function annotationOfType(type: ToolValueType): string {
  return TYPES[type];
}

/** The type of what a parameter of a tool takes, as Python writes it. */
export function annotationOfParameter({ type, schema, required }: ToolParameter): string {
  const choices = choicesOf(schema.enum);
  let annotation: string;
  if (type === 'bytes') annotation = union([TYPES.bytes, TYPES.string]);
  else if (type === 'array') annotation = listOf(choices ?? itemsOf(schema, 0));
  else if (choices !== undefined) annotation = choices;
  else {
    const described = annotationOfSchema(schema, 0);
    annotation = described === ANY ? TYPES[type] : described;
  }
  // What is not needed may be None, which is as if it was not given.
  return required ? annotation : union([annotation, 'None']);
}

/** Types of which it has one. */
export function union(types: readonly string[]): string {
  if (types.includes(ANY)) return ANY;
  return [...new Set(types.flatMap((type) => type.split(' | ')))].join(' | ');
}

function annotationOfSchema(schema: Json | undefined, depth: number): string {
  if (!isSchema(schema) || depth > MAX_DEPTH) return ANY;
  const choices = choicesOf(schema.enum ?? (schema.const === undefined ? undefined : [schema.const]));
  if (choices !== undefined) return choices;
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(alternatives)) {
    return union(alternatives.map((each: Json) => annotationOfSchema(each, depth + 1)));
  }
  const type = schema.type;
  if (Array.isArray(type)) {
    return union(type.map((each: Json) => annotationOfSchema({ ...schema, type: each }, depth + 1)));
  }
  switch (type) {
    case 'null':
      return 'None';
    case 'array':
      return listOf(itemsOf(schema, depth));
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
    case 'object':
      return TYPES[type];
    default:
      return ANY;
  }
}

function itemsOf(schema: Schema, depth: number): string {
  return annotationOfSchema(schema.items, depth + 1);
}

function listOf(items: string): string {
  return `_builtins.list[${items}] | _builtins.tuple[${items}, ...]`;
}

/** A `Literal` of choices; undefined where they are not few, or not all of the kind that it takes. */
function choicesOf(choices: Json | undefined): string | undefined {
  if (!Array.isArray(choices) || choices.length === 0 || choices.length > MAX_CHOICES) return undefined;
  const literals = choices.map((choice: Json) =>
    typeof choice === 'number' && !Number.isSafeInteger(choice) ? undefined : literal(choice),
  );
  return literals.includes(undefined) ? undefined : `_typing.Literal[${literals.join(', ')}]`;
}

function isSchema(value: Json | undefined): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
