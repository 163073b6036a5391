import { ToolArgumentsError } from '../../../contract/errors.ts';
import type { Json } from '../../../contract/execution.ts';
import type { ToolArgument } from '../../tool.ts';
import type { Writing } from './operation.ts';

type Pair = readonly [name: string, value: string];

/** What has a meaning in a URL but not within a query, but for `&`, `=`, `+` and `#`, which would end the value. */
const RESERVED = /%(?:3A|2F|3F|40|21|24|2C|3B)/g;

/**
 * `text` as a part of a URL: nothing in it can end the part.
 * @throws ToolArgumentsError for text that is no valid Unicode
 */
export function encodePart(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    throw new ToolArgumentsError('A text that goes into the URL is not valid Unicode.');
  }
}

/** The value as text for a path: styles `simple`, `label` and `matrix`, encoded. */
export function pathText(writing: Writing, value: ToolArgument): string {
  const { style, explode } = writing;
  if (style === 'json') return encodePart(JSON.stringify(value));
  if (style === 'matrix') {
    const pairs = pairsOf(writing, value, encodePart);
    return pairs.map(([key, text]) => (text === '' ? `;${key}` : `;${key}=${text}`)).join('');
  }
  const items = itemsOf(value, explode).map(encodeItem);
  return style === 'label' ? `.${items.join(explode ? '.' : ',')}` : items.join(',');
}

/** The value as text for a header: style `simple`, not encoded. */
export function headerText({ style, explode }: Writing, value: ToolArgument): string {
  if (style === 'json') return JSON.stringify(value);
  return itemsOf(value, explode)
    .map(({ key, text }) => (key === undefined ? text : `${key}=${text}`))
    .join(',');
}

/** The value as encoded `name=value` pairs for a query, a form or a cookie. */
export function encodedPairs(writing: Writing, value: ToolArgument): readonly Pair[] {
  const encode = writing.allowReserved
    ? (text: string) => encodePart(text).replace(RESERVED, decodeURIComponent)
    : encodePart;
  return pairsOf(writing, value, encode);
}

function pairsOf(writing: Writing, value: ToolArgument, encode: (text: string) => string): readonly Pair[] {
  const { wireName, style, explode } = writing;
  const name = encodePart(wireName);
  if (style === 'json') return [[name, encode(JSON.stringify(value))]];
  if (style === 'deepObject') {
    return deepPairs(wireName, value).map(([key, text]) => [encodePart(key), encode(text)]);
  }
  if (isList(value)) {
    const texts = value.map((item) => encode(scalarText(item)));
    if (explode) return texts.map((text) => [name, text]);
    const between = style === 'spaceDelimited' ? '%20' : style === 'pipeDelimited' ? '%7C' : ',';
    return [[name, texts.join(between)]];
  }
  if (isObject(value)) {
    const entries = entriesOf(value);
    if (explode) return entries.map(([key, item]) => [encodePart(key), encode(scalarText(item))]);
    const texts = entries.flatMap(([key, item]) => [encode(key), encode(scalarText(item))]);
    const between = style === 'spaceDelimited' ? '%20' : style === 'pipeDelimited' ? '%7C' : ',';
    return [[name, texts.join(between)]];
  }
  return [[name, encode(scalarText(value))]];
}

interface Item {
  /** Of an object whose keys are written with their values. */
  readonly key: string | undefined;
  readonly text: string;
}

function itemsOf(value: ToolArgument, explode: boolean): readonly Item[] {
  if (isList(value)) return value.map((item) => ({ key: undefined, text: scalarText(item) }));
  if (!isObject(value)) return [{ key: undefined, text: scalarText(value) }];
  return entriesOf(value).flatMap(([key, item]): Item[] => {
    const text = scalarText(item);
    if (explode) return [{ key, text }];
    return [key, text].map((part) => ({ key: undefined, text: part }));
  });
}

function encodeItem({ key, text }: Item): string {
  return key === undefined ? encodePart(text) : `${encodePart(key)}=${encodePart(text)}`;
}

function deepPairs(name: string, value: ToolArgument): Pair[] {
  if (isList(value)) return value.flatMap((item, index) => deepPairs(`${name}[${index}]`, item));
  if (isObject(value)) return entriesOf(value).flatMap(([key, item]) => deepPairs(`${name}[${key}]`, item));
  return [[name, scalarText(value)]];
}

/** A single value as text; what has parts of its own comes as JSON. */
export function scalarText(value: ToolArgument): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) {
    throw new ToolArgumentsError('Bytes can only be sent as the body or as a part of a form with files.');
  }
  return value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function isList(value: ToolArgument): value is readonly (Json | Uint8Array)[] {
  return Array.isArray(value);
}

/** Whether `value` is an object with keys. */
export function isObject(value: ToolArgument): value is { [key: string]: Json } {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

function entriesOf(value: { readonly [key: string]: Json }): [string, Json][] {
  return Object.entries(value).filter(([, item]) => item !== null);
}
