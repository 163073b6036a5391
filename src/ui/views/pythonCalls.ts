import type { FieldType, FieldValue } from '../forms/formDescription.ts';

/** A parameter of what is called. */
export interface CalledParameter {
  readonly name: string;
  readonly type: FieldType | 'bytes';
  readonly required: boolean;
}

/** What stands for a value that is to be filled in. */
const BLANKS: Readonly<Record<CalledParameter['type'], string>> = {
  string: '""',
  integer: '0',
  number: '0.0',
  boolean: 'False',
  array: '[]',
  object: '{}',
  bytes: 'b""',
  any: 'None',
};

/** The code that calls something with values. @param called such as `workflows.greet` */
export function callOf(called: string, values: readonly FieldValue[]): string {
  const given = values.map(({ name, python }) => `${name}=${inOnePlace(python)}`);
  return `${called}(${given.join(', ')})`;
}

/** A call to be filled in: what is required has a blank of its type, the rest is left out. */
export function blankCallOf(called: string, parameters: readonly CalledParameter[]): string {
  const given = requiredOf(parameters).map(({ name, type }) => `${name}=${BLANKS[type]}`);
  return `${called}(${given.join(', ')})`;
}

/** As {@link blankCallOf}, as a snippet of the editor whose blanks are gone through with the Tab key. */
export function callSnippetOf(called: string, parameters: readonly CalledParameter[]): string {
  // Names are identifiers and blanks are those of above: only the braces of `{}` mean something in a snippet.
  const given = requiredOf(parameters).map(
    ({ name, type }, index) => `${name}=\${${index + 1}:${BLANKS[type].replace('}', '\\}')}}`,
  );
  return `${called}(${given.join(', ')})`;
}

function requiredOf(parameters: readonly CalledParameter[]): CalledParameter[] {
  return parameters.filter(({ required }) => required);
}

/** What spans lines or ends with a comment gets brackets and lines of its own. */
function inOnePlace(expression: string): string {
  const isText = /^"(?:[^"\\]|\\.)*"$/u.test(expression);
  return !isText && /[\n\r#]/u.test(expression) ? `(\n${expression}\n)` : expression;
}
