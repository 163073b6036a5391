import { z } from 'zod';
import { checkParams } from '../common/params.ts';
import type { HostCallHandlers } from '../connection/hostCalls.ts';
import type { Json } from '../contract/execution.ts';
import type { WorkflowLibrary, WorkflowSummary } from './library.ts';

const NameParams = z.object({ name: z.string() });
const SaveParams = NameParams.extend({ source: z.string() });
const SearchParams = z.object({ query: z.string(), limit: z.number().int().positive() });

/**
 * What `workflows` in Python calls: what there is and what it takes is found here, by parsing; Python runs it.
 * @param library asked for at each call, so that it may throw where a session has none
 */
export function workflowCalls(library: () => WorkflowLibrary): HostCallHandlers {
  return {
    'workflows.list': async () => ({ result: (await library().list()).map(asJson) }),
    'workflows.search': async ({ method, params }) => {
      const { query, limit } = checkParams(SearchParams, method, params);
      return { result: (await library().search(query, limit)).map(asJson) };
    },
    'workflows.get': async ({ method, params }) => {
      const { name } = checkParams(NameParams, method, params);
      const found = await library().get(name);
      return { result: found ? { ...asJson(found), source: found.source } : null };
    },
    'workflows.save': async ({ method, params }) => {
      const { name, source } = checkParams(SaveParams, method, params);
      return { result: asJson(await library().save(name, source)) };
    },
    'workflows.delete': async ({ method, params }) => {
      const { name } = checkParams(NameParams, method, params);
      return { result: await library().delete(name) };
    },
  };
}

/** A default goes as its source: Python tells 1.0 from 1 and a tuple from a list, which JSON does not. */
function asJson({
  name,
  description,
  parameters,
  problems,
}: WorkflowSummary): Readonly<Record<string, Json>> {
  const error = problems.find(({ severity }) => severity === 'error');
  return {
    name,
    description,
    parameters: parameters.map(({ defaultSource, ...parameter }) => ({
      name: parameter.name,
      type: parameter.type,
      description: parameter.description,
      required: parameter.required,
      default_source: defaultSource,
    })),
    problem: error?.message ?? null,
  };
}
