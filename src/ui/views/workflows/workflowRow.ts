import type { WorkflowSummary } from '../../../core/workflows/library.ts';
import { codeBlock, escapeMarkdown } from '../markdown.ts';

/** A parameter of a workflow in the view, in words. */
export interface ParameterRow {
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
}

/** A workflow in the view, in words. Plain data. */
export interface WorkflowRow {
  readonly label: string;
  readonly description: string;
  /** Why it cannot be run; undefined where it can. */
  readonly problem: string | undefined;
  /** What the `when` clauses of its actions look at. */
  readonly context: 'workflow' | 'workflow broken';
  /** For those who hear it. */
  readonly spoken: string;
  readonly parameters: readonly ParameterRow[];
}

/** What parameters are told by. */
export type Parameters = WorkflowSummary['parameters'];

/** Puts a workflow into words. */
export function describeWorkflow(workflow: WorkflowSummary): WorkflowRow {
  const { name, description, parameters } = workflow;
  const problem = problemOf(workflow);
  const taken = parameters.length === 0 ? 'no parameters' : `parameters: ${listed(parameters)}`;
  return {
    label: name,
    description: problem ?? listed(parameters),
    problem,
    context: problem === undefined ? 'workflow' : 'workflow broken',
    spoken: [name, problem === undefined ? taken : `broken: ${problem}`, description]
      .filter(Boolean)
      .join(', '),
    parameters: parameters.map((parameter) => ({
      label: parameter.name,
      description: withDefault(typeOf(parameter), parameter),
      tooltip: parameter.description || `${parameter.name}: ${parameter.required ? 'required' : 'optional'}`,
    })),
  };
}

/** Why a workflow cannot be run; undefined where it can. */
export function problemOf({ problems }: Pick<WorkflowSummary, 'problems'>): string | undefined {
  return problems.find(({ severity }) => severity === 'error')?.message.replaceAll('`', '');
}

/** How it is called, as Python writes it: `greet(name: str, times: int = 1)`. */
export function signatureOf({ name, parameters }: Pick<WorkflowSummary, 'name' | 'parameters'>): string {
  return `${name}(${parameters.map(parameterText).join(', ')})`;
}

/** A parameter as Python writes it: `times: int = 1`. */
export function parameterText(parameter: Parameters[number]): string {
  const { name, annotation, required, defaultSource } = parameter;
  const typed = annotation === '' ? name : `${name}: ${annotation}`;
  if (required) return typed;
  return annotation === '' ? `${typed}=${defaultSource}` : `${typed} = ${defaultSource}`;
}

/** Markdown with all that there is to know: signature, description, parameters, why it is broken. */
export function workflowMarkdown(workflow: WorkflowSummary): string {
  const problem = problemOf(workflow);
  const parameters = workflow.parameters.filter(({ description }) => description !== '');
  return [
    codeBlock(signatureOf(workflow), 'python'),
    ...(problem === undefined ? [] : [`$(error) ${escapeMarkdown(problem)}`]),
    ...(workflow.description === '' ? [] : [escapeMarkdown(workflow.description)]),
    parameters.map(({ name, description }) => `- \`${name}\`: ${escapeMarkdown(description)}`).join('\n'),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function listed(parameters: Parameters): string {
  return parameters.map((parameter) => withDefault(parameter.name, parameter)).join(', ');
}

function withDefault(text: string, { required, defaultSource }: Parameters[number]): string {
  return required ? text : `${text} = ${defaultSource}`;
}

function typeOf({ annotation, type }: Parameters[number]): string {
  return annotation === '' ? type : annotation;
}
