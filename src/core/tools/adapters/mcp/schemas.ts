import type { Json } from '../../../contract/execution.ts';
import type { ToolValueType } from '../../../contract/tools.ts';

/** A JSON schema. */
export type Schema = { readonly [key: string]: Json };

/** Pieces of one schema that are put in the place of references to them, so that recursion and repetition end. */
const MAX_INLINED = 200;

const TYPES: ReadonlySet<string> = new Set(['string', 'integer', 'number', 'boolean', 'array', 'object']);

export function isSchema(value: Json | undefined): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * `schema` with what it refers to (`$ref`) in place of the references, since it leaves the document `root` that they
 * lead into. A part that contains itself becomes `{}`: anything.
 */
export function inlineReferences(schema: Schema, root: Schema): Schema {
  let inlined = 0;
  const inline = (value: Json, within: readonly string[]): Json => {
    if (Array.isArray(value)) return value.map((item: Json) => inline(item, within));
    if (!isSchema(value)) return value;
    const { $ref: reference, ...rest } = value;
    const entries = Object.entries(typeof reference === 'string' ? rest : value);
    const own = Object.fromEntries(entries.map(([key, item]) => [key, inline(item, within)]));
    if (typeof reference !== 'string') return own;
    inlined += 1;
    const target = inlined > MAX_INLINED || within.includes(reference) ? undefined : find(reference, root);
    const found = target === undefined ? {} : inline(target, [...within, reference]);
    return isSchema(found) ? { ...found, ...own } : own;
  };
  return inline(schema, []) as Schema;
}

/** What a reference within the document leads to: `#/$defs/Colour`. */
function find(reference: string, root: Schema): Schema | undefined {
  if (!reference.startsWith('#')) return undefined;
  let at: Json | undefined = root;
  for (const part of reference.slice(1).split('/').slice(1)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    at = isSchema(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return isSchema(at) ? at : undefined;
}

/** The one type that a schema without references allows beside null; `any` where there are several. */
export function typeOf(schema: Schema): ToolValueType {
  const types = typesOf(schema);
  types?.delete('null');
  if (types?.has('number')) types.delete('integer');
  const [type, ...others] = types ?? [];
  return type !== undefined && others.length === 0 && TYPES.has(type) ? (type as ToolValueType) : 'any';
}

/** The types that a schema allows; undefined: all. */
function typesOf(schema: Schema): Set<string> | undefined {
  const { type } = schema;
  if (typeof type === 'string') return new Set([type]);
  if (Array.isArray(type)) return new Set(type.map(String));
  if ('const' in schema) return new Set([typeOfValue(schema.const ?? null)]);
  if (Array.isArray(schema.enum)) return new Set(schema.enum.map(typeOfValue));
  for (const alternatives of [schema.anyOf, schema.oneOf]) {
    if (Array.isArray(alternatives))
      return union(alternatives.map((one) => (isSchema(one) ? typesOf(one) : undefined)));
  }
  for (const part of Array.isArray(schema.allOf) ? schema.allOf : []) {
    const types = isSchema(part) ? typesOf(part) : undefined;
    if (types !== undefined) return types;
  }
  if (isSchema(schema.properties)) return new Set(['object']);
  return undefined;
}

function union(sets: readonly (Set<string> | undefined)[]): Set<string> | undefined {
  const all = new Set<string>();
  for (const set of sets) {
    if (set === undefined) return undefined;
    for (const type of set) all.add(type);
  }
  return all;
}

function typeOfValue(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}
