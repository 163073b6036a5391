import type { z } from 'zod';
import { nearestWord } from './suggestion.ts';

type Issue = z.core.$ZodRawIssue;
type IssueOf<Code extends Issue['code']> = Extract<Issue, { readonly code: Code }>;

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'nothing',
};

/** What a schema refuses, in a sentence for a person; undefined where zod says it as well. */
export function issueSentence(issue: Issue): string | undefined {
  const subject = subjectOf(issue.path ?? []);
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return `${subject} is missing.`;
      return `${subject} is ${typeName(issue.expected)}, not ${kindOf(issue.input)}.`;
    case 'invalid_value':
      if (issue.input === undefined) return `${subject} is missing.`;
      return notOneOf(subject, issue.input, issue.values.map(String));
    case 'too_small':
      return tooSmall(subject, issue);
    case 'too_big':
      return tooBig(subject, issue);
    case 'invalid_format':
      return `${subject} is no ${issue.format === 'url' ? 'URL' : issue.format}.`;
    case 'invalid_union':
      return unionSentence(subject, issue);
    case 'invalid_key':
      return keySentence(issue.path ?? []);
    default:
      return undefined;
  }
}

/** A message as it stands by itself. */
export function sentence(message: string): string {
  const [first = ''] = message;
  return `${first.toUpperCase()}${message.slice(first.length)}${/[.!?]$/u.test(message) ? '' : '.'}`;
}

/** What `value` is, said to somebody who is to write another one of `values`. */
export function notOneOf(subject: string, value: unknown, values: readonly string[]): string {
  const nearest = typeof value === 'string' ? nearestWord(value, values) : undefined;
  const is = `${subject} is ${enumerate(values)}, not ${typeof value === 'string' ? JSON.stringify(value) : kindOf(value)}.`;
  return nearest === undefined || values.length < 4 ? is : `${is} Did you mean ${nearest}?`;
}

/** `schema.positional[0].name`, as it is said in a sentence. */
export function subjectOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'A tool';
  const written = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return `\`${written.replace(/^\./u, '')}\``;
}

/** What somebody has written, by its kind. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : `${value}`;
  return typeof value === 'string' ? 'text' : 'a mapping';
}

/** `cli, mcp or http` */
export function enumerate(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function typeName(expected: string): string {
  return TYPES[expected] ?? expected;
}

function tooSmall(subject: string, { origin, minimum, inclusive }: IssueOf<'too_small'>): string {
  if (origin === 'number' || origin === 'int') {
    return `${subject} is ${inclusive ? 'at least' : 'more than'} ${minimum}.`;
  }
  if (Number(minimum) <= 1) return `${subject} is empty; there is at least one.`;
  return `${subject} has at least ${minimum} ${origin === 'string' ? 'characters' : 'items'}.`;
}

function tooBig(subject: string, { origin, maximum, inclusive }: IssueOf<'too_big'>): string {
  if (origin === 'number' || origin === 'int') {
    return `${subject} is ${inclusive ? 'at most' : 'less than'} ${maximum}.`;
  }
  return `${subject} has at most ${maximum} ${origin === 'string' ? 'characters' : 'items'}.`;
}

function keySentence(path: readonly PropertyKey[]): string {
  const key = JSON.stringify(String(path.at(-1)));
  return path.length < 2
    ? `${key} can't be a key.`
    : `${key} can't be a key of ${subjectOf(path.slice(0, -1))}.`;
}

/** Where none of the alternatives is of the type that was written: their types. Otherwise what is wrong with the nearest. */
function unionSentence(subject: string, issue: IssueOf<'invalid_union'>): string | undefined {
  if (issue.input === undefined) return `${subject} is missing.`;
  const types = issue.errors.map(typesTaken);
  if (types.length > 0 && types.every((some) => some.length > 0)) {
    return `${subject} is ${enumerate([...new Set(types.flat())])}, not ${kindOf(issue.input)}.`;
  }
  const nearest = issue.errors.find((_, index) => types[index]?.length === 0)?.[0];
  return nearest && `${subject}: ${nearest.message}`;
}

/** The types that an alternative takes, where it is of another one that it fails; none where it is of that type. */
function typesTaken([first]: readonly z.core.$ZodIssue[]): string[] {
  if (first === undefined || first.path.length > 0) return [];
  if (first.code === 'invalid_type') return [typeName(first.expected)];
  return first.code === 'invalid_union' ? first.errors.flatMap(typesTaken) : [];
}
