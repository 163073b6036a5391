import { z } from 'zod';

/** A JSON schema, as far as schemas of tools go. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema | readonly JsonSchema[] | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

/** What a zod schema takes, as a JSON schema. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }) as JsonSchema;
}

/** The schemas that count for the whole of `value`; several where only more of it would decide. */
export function rootSchemas(root: JsonSchema, value: unknown): JsonSchema[] {
  return applying(root, root, value);
}

/** Those that count for what a mapping or list, to which `schemas` apply, has at `step`; none: nothing is known of it. */
export function childSchemas(
  root: JsonSchema,
  schemas: readonly JsonSchema[],
  step: string | number,
  value: unknown,
): JsonSchema[] {
  return schemas.flatMap((schema) => {
    const next = schemaOfStep(schema, step);
    return next === undefined ? [] : applying(root, next, value);
  });
}

/** Those that count for what stands at `path` in `value`. */
export function schemasAt(
  root: JsonSchema,
  value: unknown,
  path: readonly (string | number)[],
): JsonSchema[] {
  let schemas = rootSchemas(root, value);
  let here = value;
  for (const step of path) {
    const isContainer = typeof here === 'object' && here !== null;
    here = isContainer ? (here as Record<string | number, unknown>)[step] : undefined;
    schemas = childSchemas(root, schemas, step, here);
  }
  return schemas;
}

/** The keys that a mapping may have by these schemas; the first schema of a key counts. */
export function propertiesOf(schemas: readonly JsonSchema[]): ReadonlyMap<string, JsonSchema> {
  const found = new Map<string, JsonSchema>();
  for (const { properties = {} } of schemas) {
    for (const [key, schema] of Object.entries(properties)) if (!found.has(key)) found.set(key, schema);
  }
  return found;
}

/** Whether a mapping may have keys beside {@link propertiesOf}; so it may where there should be none. */
export function takesOtherKeys(schemas: readonly JsonSchema[]): boolean {
  const ofMappings = schemas.filter(({ type }) => type === undefined || type === 'object');
  return (
    ofMappings.length === 0 ||
    ofMappings.some(({ properties, additionalProperties }) =>
      properties === undefined ? additionalProperties !== false : Boolean(additionalProperties),
    )
  );
}

/** The values that may stand somewhere, where they are counted. */
export function valuesOf(schemas: readonly JsonSchema[]): unknown[] {
  const values = schemas.flatMap((schema) => {
    if ('const' in schema) return [schema.const];
    return schema.enum ?? (schema.type === 'boolean' ? [true, false] : []);
  });
  return [...new Set(values)];
}

/** The parts of `schema` that say something of `value`: its references followed, of alternatives those that may fit. */
function applying(root: JsonSchema, schema: JsonSchema, value: unknown): JsonSchema[] {
  const { $ref, anyOf, oneOf, allOf } = schema;
  if ($ref !== undefined) return applying(root, referred(root, $ref), value);
  const found: JsonSchema[] = [];
  if (schema.properties || schema.type !== undefined || !(anyOf || oneOf || allOf)) found.push(schema);
  for (const part of allOf ?? []) found.push(...applying(root, part, value));
  for (const alternatives of [anyOf, oneOf]) {
    const parts = (alternatives ?? []).flatMap((alternative) => applying(root, alternative, value));
    const fitting = parts.filter((part) => mayFit(root, part, value));
    found.push(...(fitting.length > 0 ? fitting : parts));
  }
  return found;
}

/** Whether an alternative is not ruled out: by the type of the value, or by a key that says which one it is. */
function mayFit(root: JsonSchema, schema: JsonSchema, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  const types = schema.type === undefined ? undefined : [schema.type].flat();
  const type = Array.isArray(value) ? 'array' : typeof value;
  if (types && !types.includes(type) && !(type === 'number' && types.includes('integer'))) return false;
  if (type !== 'object') return true;
  return Object.entries(schema.properties ?? {}).every(([key, property]) => {
    const given = (value as Record<string, unknown>)[key];
    const values = valuesOf(property.$ref === undefined ? [property] : [referred(root, property.$ref)]);
    return (
      given === undefined || property.type === 'boolean' || values.length === 0 || values.includes(given)
    );
  });
}

function schemaOfStep(schema: JsonSchema, step: string | number): JsonSchema | undefined {
  if (typeof step === 'number') {
    const { items } = schema;
    if (Array.isArray(items)) return (items as readonly JsonSchema[])[step];
    return typeof items === 'object' ? (items as JsonSchema) : undefined;
  }
  const { properties = {}, additionalProperties } = schema;
  if (Object.hasOwn(properties, step)) return properties[step];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

function referred(root: JsonSchema, reference: string): JsonSchema {
  let at: unknown = root;
  for (const key of reference.replace(/^#\/?/u, '').split('/').filter(Boolean)) {
    at = (at as Record<string, unknown> | undefined)?.[key];
  }
  return (at as JsonSchema | undefined) ?? {};
}
