import { isExpression } from '../../core/python-source/expression.ts';
import type { FieldType, FieldValue, FormEntries, FormField } from './formDescription.ts';

/** What a text means, in both languages. */
type Meaning = Omit<FieldValue, 'name'>;
/** What is wrong with a text, for a person. */
type Refusal = string;

/** What a filled in form gives. */
export interface FormReading {
  /** In the order of the fields, without those that are left unset. */
  readonly values: readonly FieldValue[];
  /** By field, what is wrong with it. */
  readonly errors: Readonly<Record<string, string>>;
}

const INTEGER = /^([+-]?)(?:0*(\d+(?:_\d+)*)|(0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+))$/u;
const DECIMAL = /^([+-]?)(?=\.?\d)(\d+(?:_\d+)*)?(?:\.(\d+(?:_\d+)*)?)?([eE][+-]?\d+(?:_\d+)*)?$/u;
const NOT_FINITE = /^[+-]?(?:inf(?:inity)?|nan)$/iu;
const JSON_PART = /"(?:[^"\\]|\\.)*"|true|false|null/gu;
const PYTHON_WORDS: Readonly<Record<string, string>> = { true: 'True', false: 'False', null: 'None' };

const READERS: Readonly<Record<FieldType, (text: string) => Meaning | Refusal>> = {
  string: (text) => ({ python: JSON.stringify(text), json: JSON.stringify(text) }),
  integer: readInteger,
  number: readNumber,
  boolean: (text) => {
    if (text !== 'true' && text !== 'false') return 'Choose True or False.';
    return { python: text === 'true' ? 'True' : 'False', json: text };
  },
  array: (text) => readJson(text, (value) => Array.isArray(value), 'a list as JSON, such as ["a", 1]'),
  object: (text) => readJson(text, isObject, 'an object as JSON, such as {"a": 1}'),
  any: (text) =>
    isExpression(text)
      ? { python: text, json: isJson(text) ? text : undefined }
      : 'Write a Python expression, such as "text", 10 or [1, 2].',
};

/** Works out what was typed into a form. Pure: nothing of it is run. */
export function readForm(fields: readonly FormField[], entries: FormEntries): FormReading {
  const values: FieldValue[] = [];
  const errors: Record<string, string> = {};
  for (const field of fields) {
    const entry = entries[field.name] ?? null;
    const text = field.type === 'string' ? entry : (entry?.trim() ?? null);
    if (text === null || (text === '' && field.type !== 'string')) {
      if (field.required) errors[field.name] = missing(field.type);
      continue;
    }
    const { choices } = field;
    const read =
      field.type === 'string' && choices && !choices.includes(text)
        ? `Choose one of ${choices.join(', ')}.`
        : READERS[field.type](text);
    if (typeof read === 'string') errors[field.name] = read;
    else values.push({ name: field.name, ...read });
  }
  return { values, errors };
}

function missing(type: FieldType): Refusal {
  if (type === 'boolean') return 'Choose True or False.';
  return type === 'string' ? 'Write a text, or choose an empty one.' : 'This is needed.';
}

function readInteger(text: string): Meaning | Refusal {
  const found = INTEGER.exec(text);
  if (!found) return 'Write a whole number, such as 10.';
  const [, sign = '', digits = '', other] = found;
  const shownSign = sign === '-' ? '-' : '';
  if (other !== undefined) {
    const value = BigInt(other.replaceAll('_', ''));
    return { python: shownSign + other, json: shownSign + value };
  }
  return { python: shownSign + digits, json: shownSign + digits.replaceAll('_', '') };
}

function readNumber(text: string): Meaning | Refusal {
  if (NOT_FINITE.test(text)) return { python: `float("${text}")`, json: undefined };
  const found = DECIMAL.exec(text);
  if (!found) {
    const integer = readInteger(text);
    return typeof integer === 'string' ? 'Write a number, such as 2.5 or 1e-3.' : integer;
  }
  const [, sign = '', before = '', after = '', exponent = ''] = found.map((part) =>
    part?.replaceAll('_', ''),
  );
  const whole = (before ?? '').replace(/^0+(?=\d)/u, '') || '0';
  const written = `${sign === '-' ? '-' : ''}${whole}${after ? `.${after}` : ''}${exponent ?? ''}`;
  // What was written with a point is a float in Python, whatever stands behind the point.
  const isFloat = text.includes('.') && !after && !exponent;
  return { python: isFloat ? `${written}.0` : written, json: written };
}

function readJson(text: string, fits: (value: unknown) => boolean, wanted: string): Meaning | Refusal {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `Write ${wanted}. ${error instanceof Error ? error.message : String(error)}`;
  }
  return fits(value) ? { python: pythonOfJson(text), json: text } : `Write ${wanted}.`;
}

/** JSON text as a Python expression: numbers stay as they are written, so that no digit is lost. */
function pythonOfJson(text: string): string {
  // Escapes mean the same in both, apart from `\/` and pairs of surrogates: those are written out.
  return text.replace(JSON_PART, (part) => PYTHON_WORDS[part] ?? JSON.stringify(JSON.parse(part)));
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
