import { z } from 'zod';
import { checkParams } from '../common/params.ts';
import type { HostCallHandlers } from '../connection/hostCalls.ts';
import type { Json } from '../contract/execution.ts';
import type { WorkflowSource, WorkflowStore } from '../contract/storage.ts';

const NameParams = z.object({ name: z.string() });
const SaveParams = NameParams.extend({ source: z.string() });

/**
 * What `workflows` in Python calls. Only sources cross: Python parses them and runs them where the session is.
 * @param store asked for at each call, so that it may throw where a session has none
 */
export function workflowCalls(store: () => WorkflowStore): HostCallHandlers {
  return {
    'workflows.list': async () => ({ result: (await store().list()).map(asJson) }),
    'workflows.get': async ({ method, params }) => {
      const { name } = checkParams(NameParams, method, params);
      const found = await store().get(name);
      return { result: found ? asJson(found) : null };
    },
    'workflows.save': async ({ method, params }) => {
      const { name, source } = checkParams(SaveParams, method, params);
      await store().save(name, source);
      return { result: null };
    },
    'workflows.delete': async ({ method, params }) => {
      const { name } = checkParams(NameParams, method, params);
      return { result: await store().delete(name) };
    },
  };
}

function asJson(workflow: WorkflowSource): Json {
  return { name: workflow.name, source: workflow.source };
}
