import type { WorkflowSummary } from '../../../core/workflows/library.ts';
import type { FieldValue, FormDescription } from '../../forms/formDescription.ts';
import { blankCallOf, callOf, callSnippetOf } from '../pythonCalls.ts';

type Callable = Pick<WorkflowSummary, 'name' | 'parameters'>;

/** The code that calls a workflow with values. */
export function callWith(name: string, values: readonly FieldValue[]): string {
  return callOf(`workflows.${name}`, values);
}

/** A call to be filled in: what is required has a blank of its type, the rest is left out. */
export function callWithBlanks({ name, parameters }: Callable): string {
  return blankCallOf(`workflows.${name}`, parameters);
}

/** As {@link callWithBlanks}, as a snippet of the editor whose blanks are gone through with the Tab key. */
export function callSnippet({ name, parameters }: Callable): string {
  return callSnippetOf(`workflows.${name}`, parameters);
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
