import { randomBytes } from 'node:crypto';
import { ToolArgumentsError } from '../../../contract/errors.ts';
import type { Json } from '../../../contract/execution.ts';
import type { ToolArgument } from '../../tool.ts';
import type { BodyPlan, Field } from './operation.ts';
import { encodedPairs, isObject, scalarText } from './styles.ts';
import { type Arguments, argumentFor } from './target.ts';

/** A body as it is sent. */
export interface Payload {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

type Part = readonly [field: Field, value: ToolArgument];

/**
 * @returns undefined where nothing is sent
 * @throws ToolArgumentsError for a value that this kind of body can't carry
 */
export function payloadOf(plan: BodyPlan | undefined, given: Arguments): Payload | undefined {
  if (!plan) return undefined;
  const whole = plan.whole && argumentFor(plan.whole, given);
  if (plan.whole && whole === undefined) return undefined;
  const { encoding, contentType } = plan;
  if (encoding === 'bytes') {
    const bytes = whole instanceof Uint8Array ? whole : Buffer.from(textOf(whole));
    return { contentType, bytes };
  }
  if (encoding === 'text') return { contentType, bytes: Buffer.from(textOf(whole)) };
  if (encoding === 'json' && whole !== undefined) return { contentType, bytes: jsonBytes(whole) };
  const parts = whole === undefined ? givenParts(plan, given) : partsOf(plan, whole);
  if (parts.length === 0 && !plan.required) return undefined;
  if (encoding === 'json') {
    const object = Object.fromEntries(parts.map(([{ wireName }, value]) => [wireName, value]));
    return { contentType, bytes: jsonBytes(object as ToolArgument) };
  }
  if (encoding === 'multipart') return multipartOf(contentType, parts);
  const pairs = parts.flatMap(([field, value]) => encodedPairs(field, value));
  return { contentType, bytes: Buffer.from(pairs.map((pair) => pair.join('=')).join('&')) };
}

function textOf(value: ToolArgument | undefined): string {
  return typeof value === 'string' ? value : scalarText(value ?? null);
}

function jsonBytes(value: ToolArgument): Uint8Array {
  const text = JSON.stringify(value, (_, item: unknown) => {
    if (!(item instanceof Uint8Array)) return item;
    throw new ToolArgumentsError(
      'JSON has no bytes.',
      'Encode them as text, such as base64, as the API wants it.',
    );
  });
  return Buffer.from(text);
}

function givenParts(plan: BodyPlan, given: Arguments): Part[] {
  return plan.fields.flatMap((field): Part[] => {
    if (!field.parameter) return [];
    const value = argumentFor(field.parameter, given);
    if (value === undefined || (value === null && plan.encoding !== 'json')) return [];
    // Text that is given for a file is its content.
    const isFile = field.parameter.type === 'bytes' && typeof value === 'string';
    return [[field, isFile ? Buffer.from(value) : value]];
  });
}

/** The parts of a form that is given as one object. */
function partsOf({ fields }: BodyPlan, whole: ToolArgument): Part[] {
  if (!isObject(whole)) throw new ToolArgumentsError('The body has to be an object (in Python: a dict).');
  return Object.entries(whole).flatMap(([wireName, value]): Part[] => {
    if (value === null) return [];
    const field = fields.find((candidate) => candidate.wireName === wireName) ?? plainField(wireName, value);
    return [[field, value]];
  });
}

function plainField(wireName: string, value: Json): Field {
  const style = isObject(value) ? 'json' : 'form';
  return {
    wireName,
    style,
    explode: true,
    allowReserved: false,
    parameter: undefined,
    contentType: undefined,
  };
}

function multipartOf(contentType: string, parts: readonly Part[]): Payload {
  const boundary = `----------------${randomBytes(18).toString('base64url')}`;
  const pieces: Uint8Array[] = [];
  for (const [field, value] of parts) {
    const values = Array.isArray(value) && field.style !== 'json' ? value : [value];
    for (const item of values as readonly ToolArgument[]) {
      pieces.push(Buffer.from(`--${boundary}\r\n${partHeaders(field, item)}\r\n\r\n`));
      pieces.push(item instanceof Uint8Array ? item : Buffer.from(scalarText(item)), Buffer.from('\r\n'));
    }
  }
  pieces.push(Buffer.from(`--${boundary}--\r\n`));
  return { contentType: `${contentType}; boundary=${boundary}`, bytes: Buffer.concat(pieces) };
}

function partHeaders({ wireName, contentType }: Field, value: ToolArgument): string {
  const name = wireName.replace(/[\r\n"]/g, encodeURIComponent);
  const isFile = value instanceof Uint8Array;
  const type =
    contentType ?? (isFile ? 'application/octet-stream' : isObject(value) ? 'application/json' : undefined);
  const file = isFile ? `; filename="${name}"` : '';
  return `Content-Disposition: form-data; name="${name}"${file}${type ? `\r\nContent-Type: ${type}` : ''}`;
}
