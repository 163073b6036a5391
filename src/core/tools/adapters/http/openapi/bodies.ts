import type { ToolParameter } from '../../../../contract/tools.ts';
import { CONTENT_TYPES } from '../endpoints.ts';
import type { BodyPlan, Field, Writing } from '../operation.ts';
import type { ParameterNames } from '../parameterNames.ts';
import { type ApiDocument, type Fields, isFields, own, type Place, textAt } from './apiDocument.ts';
import { type MergedSchema, mergedSchema, plainSchema, valueType } from './schemas.ts';

type Encoding = BodyPlan['encoding'];

/** Media types that can be sent, best first. */
const PREFERENCE: readonly (readonly [RegExp, Encoding])[] = [
  [/^application\/json\b/i, 'json'],
  [/\+json\b/i, 'json'],
  [/^application\/x-www-form-urlencoded\b/i, 'form'],
  [/^multipart\/form-data\b/i, 'multipart'],
  [/^text\/|xml\b|yaml\b/i, 'text'],
  [/./, 'bytes'],
];

/** The body of an operation, as its `requestBody` has it; undefined: it has none. @param names - of the operation */
export function bodyOfOperation(
  document: ApiDocument,
  operation: Place,
  names: ParameterNames,
): BodyPlan | undefined {
  const body = document.resolve(document.at(operation, 'requestBody'));
  if (!isFields(body.value)) return undefined;
  const chosen = chosenMedia(document, document.at(body, 'content'));
  if (!chosen) return undefined;
  const { encoding, media } = chosen;
  const contentType = /[*]/.test(chosen.contentType) ? CONTENT_TYPES[encoding] : chosen.contentType;
  const isRequired = own(body.value, 'required') === true;
  const schema = document.at(media, 'schema');
  const merged = isFields(schema.value) ? mergedSchema(document, schema) : undefined;
  const isObject = merged !== undefined && valueType(document, schema) === 'object';
  const writable = merged ? withoutReadOnly(document, merged) : [];
  const canFlatten =
    isObject &&
    (encoding === 'json' || encoding === 'form' || encoding === 'multipart') &&
    isClosed(merged.fields);
  const fieldOf = (name: string, place: Place, parameter: ToolParameter | undefined): Field => ({
    ...writingOf(document, media, name, place, encoding),
    parameter,
    contentType: partType(document, media, name),
  });
  if (canFlatten && writable.length > 0 && !writable.some(([name]) => names.collides(name))) {
    const fields = writable.map(([name, place]) => {
      const required = isRequired && merged.required.has(name);
      return fieldOf(name, place, parameterOf(document, names.take(name, 'body'), place, required));
    });
    return { encoding, contentType, required: isRequired, whole: undefined, fields };
  }
  const description = textAt(body.value, 'description');
  const type =
    encoding === 'text'
      ? 'string'
      : encoding === 'bytes'
        ? 'bytes'
        : isFields(schema.value)
          ? valueType(document, schema)
          : 'any';
  const whole: ToolParameter = {
    ...names.take('body', 'request'),
    type: encoding === 'json' && type === 'bytes' ? 'any' : type,
    description,
    required: isRequired,
    schema: isFields(schema.value) ? plainSchema(document, schema) : {},
  };
  const fields = writable.map(([name, place]) => fieldOf(name, place, undefined));
  return { encoding, contentType, required: isRequired, whole, fields };
}

/** A parameter as a schema describes it. */
export function parameterOf(
  document: ApiDocument,
  names: Pick<ToolParameter, 'name' | 'originalName'>,
  schema: Place,
  required: boolean,
  description = '',
): ToolParameter {
  const plain = isFields(schema.value) ? plainSchema(document, schema) : {};
  const { fields } = mergedSchema(document, schema);
  const type = isFields(schema.value) ? valueType(document, schema) : 'any';
  const text = description || textAt(fields, 'description');
  return {
    ...names,
    type,
    description: own(fields, 'deprecated') === true ? `Deprecated. ${text}`.trim() : text,
    required,
    schema: plain,
  };
}

function chosenMedia(document: ApiDocument, content: Place) {
  const all = document.members(content);
  for (const [pattern, encoding] of PREFERENCE) {
    const found = all.find(([contentType]) => pattern.test(contentType));
    if (found) return { contentType: found[0], encoding, media: document.resolve(found[1]) };
  }
  return undefined;
}

function withoutReadOnly(
  document: ApiDocument,
  { properties }: MergedSchema,
): readonly (readonly [string, Place])[] {
  return [...properties].filter(
    ([, place]) => own(mergedSchema(document, place).fields, 'readOnly') !== true,
  );
}

/** Whether its properties are all that it can have, as far as it says so: others could not be given as parameters. */
function isClosed(fields: Fields): boolean {
  const others = own(fields, 'additionalProperties');
  if (others === true || (isFields(others) && Object.keys(others).length > 0)) return false;
  return own(fields, 'oneOf') === undefined && own(fields, 'anyOf') === undefined;
}

function writingOf(
  document: ApiDocument,
  media: Place,
  wireName: string,
  schema: Place,
  encoding: Encoding,
): Writing {
  const said = document.at(media, 'encoding', wireName).value;
  const style = isFields(said) ? textAt(said, 'style') : '';
  const explode = isFields(said) ? own(said, 'explode') : undefined;
  const allowReserved = isFields(said) && own(said, 'allowReserved') === true;
  if (style === 'deepObject') return { wireName, style: 'deepObject', explode: true, allowReserved };
  if (style === 'spaceDelimited' || style === 'pipeDelimited') {
    return { wireName, style, explode: explode === true, allowReserved };
  }
  if (style === 'form') return { wireName, style, explode: explode !== false, allowReserved };
  const isObject = encoding !== 'json' && valueType(document, schema) === 'object';
  return { wireName, style: isObject ? 'json' : 'form', explode: explode !== false, allowReserved };
}

function partType(document: ApiDocument, media: Place, name: string): string | undefined {
  const type = document.at(media, 'encoding', name, 'contentType').value;
  return typeof type === 'string' && !/[*,\r\n]/.test(type) ? type : undefined;
}
