import type { Json } from '../../../../contract/execution.ts';
import type { ToolValueType } from '../../../../contract/tools.ts';
import { type ApiDocument, type Fields, isFields, own, type Place } from './apiDocument.ts';

/** Levels of a schema that are kept: of what is deeper there is the type alone. */
const MAX_DEPTH = 5;
/** Schemas within one that are kept. */
const MAX_PARTS = 200;
/** `allOf` within `allOf`. */
const MAX_MERGES = 100;

/** Keywords whose values are taken as they are. */
const PLAIN = [
  'format',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'pattern',
  'required',
  'default',
  'writeOnly',
];
const TYPES: ReadonlySet<string> = new Set(['string', 'integer', 'number', 'boolean', 'array', 'object']);

/** A schema with what is all over `allOf` in one place. */
export interface MergedSchema {
  readonly fields: Fields;
  readonly properties: ReadonlyMap<string, Place>;
  readonly required: ReadonlySet<string>;
}

/** Schemas are asked for several things each. */
const merged = new WeakMap<Fields, MergedSchema>();

/** Brings together what a schema and its `allOf` say. @throws ToolFailedError for a reference that leads nowhere */
export function mergedSchema(document: ApiDocument, schema: Place): MergedSchema {
  if (!isFields(schema.value)) return merge(document, schema);
  const known = merged.get(schema.value) ?? merge(document, schema);
  merged.set(schema.value, known);
  return known;
}

function merge(document: ApiDocument, schema: Place): MergedSchema {
  const properties = new Map<string, Place>();
  const required = new Set<string>();
  let fields: Fields = {};
  let left = MAX_MERGES;
  const add = (place: Place) => {
    const { value, pointer } = document.resolve(place);
    if (!isFields(value) || left-- <= 0) return;
    for (const [, part] of document.members(document.at({ value, pointer }, 'allOf'))) add(part);
    for (const [name, property] of document.members(document.at({ value, pointer }, 'properties'))) {
      properties.set(name, property);
    }
    const names = own(value, 'required');
    if (Array.isArray(names)) for (const name of names) if (typeof name === 'string') required.add(name);
    const { allOf, properties: _, required: __, ...rest } = value;
    fields = { ...fields, ...rest };
  };
  add(schema);
  return { fields, properties, required };
}

/** The type of the values of a schema, as Python code sees them. */
export function valueType(document: ApiDocument, schema: Place): ToolValueType {
  return typeOf(document, schema, 0);
}

function typeOf(document: ApiDocument, schema: Place, depth: number): ToolValueType {
  const { fields, properties } = mergedSchema(document, schema);
  const [type, ...others] = typesOf(fields).filter((name) => name !== 'null');
  if (others.length > 0) return 'any';
  if (type === 'string' || (type === undefined && isBinary(fields)))
    return isBinary(fields) ? 'bytes' : 'string';
  if (type !== undefined) return TYPES.has(type) ? (type as ToolValueType) : 'any';
  if (properties.size > 0) return 'object';
  if (own(fields, 'items') !== undefined) return 'array';
  for (const key of ['oneOf', 'anyOf']) {
    const parts = alternatives(document, { value: fields, pointer: schema.pointer }, key).parts;
    if (parts.length === 0 || depth >= MAX_DEPTH) continue;
    const types = new Set(parts.map((part) => typeOf(document, part, depth + 1)));
    const [only] = types;
    return types.size === 1 && only ? only : 'any';
  }
  const choices = own(fields, 'enum');
  if (Array.isArray(choices) && choices.length > 0 && choices.every((choice) => typeof choice === 'string')) {
    return 'string';
  }
  return 'any';
}

/** The parts of `oneOf` or `anyOf`, and whether null is one of them. */
function alternatives(document: ApiDocument, place: Place, key: string) {
  const all = document.members(document.at(place, key)).map(([, part]) => part);
  const parts = all.filter((part) => !isFields(part.value) || own(part.value, 'type') !== 'null');
  return { parts, orNull: parts.length < all.length };
}

function typesOf(fields: Fields): readonly string[] {
  const type = own(fields, 'type');
  if (typeof type === 'string') return [type];
  return Array.isArray(type) ? type.filter((name) => typeof name === 'string') : [];
}

/** Whether these are bytes: OpenAPI 3.0 says `format: binary`, 3.1 a media type without an encoding. */
function isBinary(fields: Fields): boolean {
  if (own(fields, 'format') === 'binary') return true;
  const mediaType = own(fields, 'contentMediaType');
  return (
    typeof mediaType === 'string' &&
    own(fields, 'contentEncoding') === undefined &&
    !/json|^text/.test(mediaType)
  );
}

/** A schema without references, as far as it is not too deep: of what is in a circle there is the type alone. */
export function plainSchema(document: ApiDocument, schema: Place): Fields {
  let left = MAX_PARTS;
  const plain = (place: Place, depth: number, isWithin: ReadonlySet<string>): Fields => {
    const { pointer } = document.resolve(place);
    const { fields, properties, required } = mergedSchema(document, place);
    const result: Record<string, Json> = {};
    const types = typesOf(fields);
    const isNullable = own(fields, 'nullable') === true && types.length > 0;
    if (isNullable) result.type = [...types, 'null'];
    else if (types.length > 0) result.type = types.length === 1 ? (types[0] ?? '') : [...types];
    if (depth > MAX_DEPTH || isWithin.has(pointer) || left-- <= 0) return result;
    const within = new Set([...isWithin, pointer]);
    for (const key of PLAIN) {
      const value = own(fields, key);
      if (value !== undefined) result[key] = value;
    }
    const choices = own(fields, 'enum');
    if (Array.isArray(choices))
      result.enum = isNullable && !choices.includes(null) ? [...choices, null] : choices;
    const only = own(fields, 'const');
    if (only !== undefined) result.enum = [only];
    const description = own(fields, 'description');
    if (depth > 0 && typeof description === 'string') result.description = description;
    const here = { value: fields, pointer };
    if (properties.size > 0) {
      result.properties = Object.fromEntries(
        [...properties].map(([name, property]) => [name, plain(property, depth + 1, within)]),
      );
    }
    if (required.size > 0) result.required = [...required];
    for (const key of ['items', 'additionalProperties']) {
      const below = document.at(here, key);
      if (isFields(below.value)) result[key] = plain(below, depth + 1, within);
    }
    for (const key of ['oneOf', 'anyOf']) {
      const { parts, orNull } = alternatives(document, here, key);
      const [first, ...others] = parts.map((part) => plain(part, depth + 1, within));
      if (first === undefined) continue;
      if (orNull && others.length === 0)
        Object.assign(result, first, { type: [first.type ?? 'object', 'null'].flat() });
      else result[key] = [first, ...others, ...(orNull ? [{ type: 'null' }] : [])];
    }
    return result;
  };
  return plain(schema, 0, new Set());
}
