import { pythonLiteral } from '../../../core/tools/pythonWords.ts';
import type { FieldValue, FormDescription } from '../../forms/formDescription.ts';
import { blankCallOf, callOf, callSnippetOf } from '../pythonCalls.ts';
import { calledAs, type Target } from './toolRow.ts';

/** The code that calls a tool with values. */
export function callWith(target: Target, values: readonly FieldValue[]): string {
  return callOf(calledAs(target), values);
}

/** A call to be filled in: what is required has a blank of its type, the rest is left out. */
export function callWithBlanks(target: Target): string {
  return blankCallOf(calledAs(target), target.callable.parameters);
}

/** As {@link callWithBlanks}, as a snippet of the editor whose blanks are gone through with the Tab key. */
export function callSnippet(target: Target): string {
  return callSnippetOf(calledAs(target), target.callable.parameters);
}

/** The form that asks for the parameters of a callable. */
export function formOf(target: Target): FormDescription {
  const { tool, callable } = target;
  return {
    title: `Try ${calledAs(target)}`,
    description: callable.description || (tool.status?.description ?? ''),
    submit: 'Run',
    fields: callable.parameters.map(({ name, type, description, required, default: value, schema }) => ({
      name,
      // Bytes are written as Python writes them: b"…".
      type: type === 'bytes' ? 'any' : type,
      description: [
        description,
        Array.isArray(schema.enum) && type !== 'string'
          ? `One of ${schema.enum.map(pythonLiteral).join(', ')}.`
          : '',
      ]
        .filter(Boolean)
        .join(' '),
      required,
      default: value === undefined ? '' : pythonLiteral(value),
      ...(Array.isArray(schema.enum) && type === 'string' ? { choices: schema.enum.map(String) } : {}),
    })),
  };
}
