import { inSlices } from '../common/slices.ts';
import type { WorkflowSummary } from '../workflows/library.ts';
import { ANY, annotationOfType, union } from './annotations.ts';
import PACKAGE_WORKFLOWS from './package/workflows.pyi';
import { literal } from './pythonText.ts';
import { members, methodText, type StubParameter } from './signature.ts';
import { knownAnnotation } from './workflowAnnotation.ts';

/** What `workflows.NAME` means already. */
const OF_WORKFLOWS = new Set(['list', 'search', 'get', 'create', 'delete', 'invoke']);

/** What of a workflow a stub tells. */
export type StubWorkflow = Pick<WorkflowSummary, 'name' | 'description' | 'parameters' | 'problems'>;

/** The stub of `code_mode.workflows`: what every session has, and the workflows of this workspace that can be run. */
export async function workflowsStub(workflows: readonly StubWorkflow[]): Promise<string> {
  const usable = workflows.filter(({ problems }) => problems.every(({ severity }) => severity !== 'error'));
  const attributes: string[] = [];
  await inSlices(members(usable, OF_WORKFLOWS), ({ name, description, parameters }) => {
    const called = { name, description, parameters: parameters.map(parameterOf), returns: ANY };
    attributes.push(methodText({ ...called, decorator: '_workflow' }));
  });
  return `${[PACKAGE_WORKFLOWS.trimEnd(), ...attributes].join('\n\n')}\n`;
}

function parameterOf(parameter: StubWorkflow['parameters'][number]): StubParameter {
  const { name, type, description, required, default: fallback, annotation, defaultSource } = parameter;
  const known = knownAnnotation(annotation) ?? annotationOfType(type);
  // Python lets the default None stand beside a type that does not name it.
  const isNone = !required && defaultSource === 'None';
  // What is no literal came as its source.
  const isSource = fallback === defaultSource;
  return {
    name,
    description,
    annotation: isNone || /\bNone\b|\bOptional\b/u.test(annotation) ? union([known, 'None']) : known,
    fallback: required
      ? undefined
      : ((isSource || !fits(type, fallback) ? undefined : literal(fallback)) ?? '...'),
  };
}

function fits(type: StubWorkflow['parameters'][number]['type'], value: unknown): boolean {
  if (value === null || type === 'any') return true;
  return type === typeof value || (type === 'integer' && Number.isInteger(value));
}
