import { adapterOf, adapterTypes } from '../adapters/index.ts';
import { type JsonSchema, propertiesOf, schemasAt, valuesOf } from './jsonSchema.ts';
import { isMapping } from './mapping.ts';
import { DEFAULT_TYPE, schemaOfAdapter } from './parse.ts';
import { type TextRange, type YamlPath, YamlText } from './yaml.ts';
import { type YamlPlace, yamlPlace } from './yamlPlace.ts';

/** What can be written at a place of a tool's YAML. */
export interface YamlCompletion {
  readonly kind: 'key' | 'value';
  readonly label: string;
  /** What replaces the word at the place; its lines are indented already. */
  readonly insert: string;
  /** What it is for, in Markdown. */
  readonly description: string;
}

/** {@link YamlCompletion}s, and where the word begins that they replace, as an offset. */
export interface YamlCompletions {
  readonly start: number;
  readonly items: readonly YamlCompletion[];
}

/** What can be written at `offset` of the text, which may be half written. */
export function completionsAt(text: string, offset: number): YamlCompletions {
  const place = yamlPlace(text, offset);
  if (!place) return { start: offset, items: [] };
  const value = valueAround(text, offset);
  const schema = schemaOf(text, value);
  const items = schema ? [...(place.kind === 'key' ? keysAt : valuesAt)(schema, value, place)] : [];
  return { start: place.start, items };
}

/** What is said of the key at `offset`, in Markdown; undefined where there is nothing to say. */
export function hoverAt(
  text: string,
  offset: number,
): (TextRange & { readonly markdown: string }) | undefined {
  const yaml = new YamlText(text);
  const path = yaml.keyAt(offset);
  const schema = path && schemaOf(text, yaml.value);
  if (!path || !schema) return undefined;
  const schemas = schemasAt(schema, yaml.value, path);
  const markdown = descriptionOf(schemas);
  return markdown === '' ? undefined : { ...yaml.rangeOf(path, 'key'), markdown };
}

/** What the text says; without the line of `offset` where that is not finished. */
function valueAround(text: string, offset: number): unknown {
  const whole = new YamlText(text).value;
  if (whole !== undefined) return whole;
  const start = Math.max(text.lastIndexOf('\n', offset - 1) + 1, 0);
  const end = text.indexOf('\n', offset);
  return new YamlText(text.slice(0, start) + (end < 0 ? '' : text.slice(end))).value;
}

function schemaOf(text: string, value: unknown): JsonSchema | undefined {
  const said = isMapping(value) ? value.type : /^type:\s*(\w+)/mu.exec(text)?.[1];
  const adapter = adapterOf(typeof said === 'string' ? said : DEFAULT_TYPE) ?? adapterOf(DEFAULT_TYPE);
  return adapter && schemaOfAdapter(adapter);
}

function* keysAt(
  schema: JsonSchema,
  value: unknown,
  { path, indent, given }: YamlPlace,
): Iterable<YamlCompletion> {
  const mapping = at(value, path);
  const isGiven = (key: string) => given.includes(key) || (isMapping(mapping) && Object.hasOwn(mapping, key));
  for (const [key, property] of propertiesOf(schemasAt(schema, value, path))) {
    if (isGiven(key)) continue;
    const schemas = schemasAt(schema, value, [...path, key]);
    const insert = `${key}:${behindKey(schemas, indent)}`;
    yield { kind: 'key', label: key, insert, description: descriptionOf([property, ...schemas]) };
  }
  const [first, , third] = path;
  if (first !== 'recipes' || path.length !== 3 || (third !== 'params' && third !== 'preset')) return;
  for (const [name, { description }] of parametersOf(value)) {
    if (isGiven(name)) continue;
    yield { kind: 'key', label: name, insert: `${name}: ${third === 'params' ? '{}' : ''}`, description };
  }
}

function* valuesAt(schema: JsonSchema, value: unknown, { path }: YamlPlace): Iterable<YamlCompletion> {
  const [first, , third, parameter] = path;
  let values =
    path.length === 1 && first === 'type' ? adapterTypes : valuesOf(schemasAt(schema, value, path));
  if (first === 'recipes' && third === 'preset' && path.length === 4) {
    const type = parametersOf(value).get(String(parameter))?.type;
    if (type === 'boolean' || type === 'bool') values = [true, false];
  }
  for (const one of values) {
    const label = String(one);
    const description = first === 'type' ? descriptionOf(typeSchemas(label)) : '';
    yield { kind: 'value', label, insert: label, description };
  }
}

/** What a kind of tools says of itself. */
function typeSchemas(type: string): JsonSchema[] {
  const adapter = adapterOf(type);
  return adapter ? schemasAt(schemaOfAdapter(adapter), undefined, ['type']) : [];
}

/** What follows a key: room for what it takes. */
function behindKey(schemas: readonly JsonSchema[], indent: number | undefined): string {
  const types = new Set(schemas.flatMap(({ type = [] }) => type));
  if (indent === undefined || types.size !== 1) return ' ';
  const below = `\n${' '.repeat(indent + 2)}`;
  if (types.has('object')) return below;
  const [items] = schemas.map((schema) => schema.items);
  const isOfMappings = typeof items === 'object' && 'properties' in items;
  return types.has('array') && isOfMappings ? `${below}- ` : ' ';
}

/** What a schema says of something: what it is for, its values, what counts without it. */
function descriptionOf(schemas: readonly JsonSchema[]): string {
  const said = new Set(schemas.flatMap(({ description }) => description ?? []));
  const values = valuesOf(schemas).map((value) => `\`${String(value)}\``);
  const fallback = schemas.find((schema) => 'default' in schema)?.default;
  const isTelling = fallback !== undefined && fallback !== '' && JSON.stringify(fallback).length > 2;
  return [
    ...said,
    values.length > 1 ? `One of ${values.join(', ')}.` : '',
    isTelling ? `Without it: \`${JSON.stringify(fallback)}\`.` : '',
  ]
    .filter((line) => line !== '')
    .join('\n\n');
}

/** The parameters that the schema of a program has, by name. */
function parametersOf(value: unknown): Map<string, { type: unknown; description: string }> {
  const found = new Map<string, { type: unknown; description: string }>();
  const add = (name: unknown, said: unknown) => {
    if (typeof name !== 'string') return;
    const { type, description } = isMapping(said) ? said : {};
    found.set(name, { type, description: typeof description === 'string' ? description : '' });
  };
  const options = at(value, ['schema', 'options']);
  const positional = at(value, ['schema', 'positional']);
  const stdin = at(value, ['schema', 'stdin']);
  if (isMapping(options)) for (const [name, said] of Object.entries(options)) add(name, said);
  if (Array.isArray(positional)) for (const said of positional) if (isMapping(said)) add(said.name, said);
  if (isMapping(stdin)) add(stdin.name ?? 'input', stdin);
  return found;
}

function at(value: unknown, path: YamlPath): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Record<string | number, unknown>)[step];
  }
  return here;
}
