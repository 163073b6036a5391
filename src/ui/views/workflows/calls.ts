import type { WorkflowSummary } from '../../../core/workflows/library.ts';
import type { FieldType, FieldValue, FormDescription } from '../../forms/formDescription.ts';

type Callable = Pick<WorkflowSummary, 'name' | 'parameters'>;

/** What stands for a value that is to be filled in. */
const BLANKS: Readonly<Record<FieldType, string>> = {
  string: '""',
  integer: '0',
  number: '0.0',
  boolean: 'False',
  array: '[]',
  object: '{}',
  any: 'None',
};

/** The code that calls a workflow with values. */
export function callWith(name: string, values: readonly FieldValue[]): string {
  const given = values.map(({ name: parameter, python }) => `${parameter}=${inOnePlace(python)}`);
  return `workflows.${name}(${given.join(', ')})`;
}

/** A call to be filled in: what is required has a blank of its type, the rest is left out. */
export function callWithBlanks({ name, parameters }: Callable): string {
  const required = parameters.filter((parameter) => parameter.required);
  return `workflows.${name}(${required.map((one) => `${one.name}=${BLANKS[one.type]}`).join(', ')})`;
}

/** As {@link callWithBlanks}, as a snippet of the editor whose blanks are gone through with the Tab key. */
export function callSnippet({ name, parameters }: Callable): string {
  const required = parameters.filter((parameter) => parameter.required);
  // Names are identifiers and blanks are those of above: only the braces of `{}` mean something in a snippet.
  const given = required.map(
    ({ name: parameter, type }, index) => `${parameter}=\${${index + 1}:${BLANKS[type].replace('}', '\\}')}}`,
  );
  return `workflows.${name}(${given.join(', ')})`;
}

/** The form that asks for a workflow's parameters. */
export function formOf({ name, description, parameters }: WorkflowSummary): FormDescription {
  return {
    title: `Run ${name}`,
    description,
    submit: 'Run',
    fields: parameters.map((parameter) => ({
      name: parameter.name,
      type: parameter.type,
      description: parameter.description,
      required: parameter.required,
      default: parameter.defaultSource,
    })),
  };
}

/** What spans lines or ends with a comment gets brackets and lines of its own. */
function inOnePlace(expression: string): string {
  const isText = /^"(?:[^"\\]|\\.)*"$/u.test(expression);
  return !isText && /[\n\r#]/u.test(expression) ? `(\n${expression}\n)` : expression;
}
