import { CodeModeError } from '../../../contract/errors.ts';
import type { WorkflowSource } from '../../../contract/storage.ts';
import { analyseWorkflow } from '../../../workflows/analysis.ts';
import type { TransferStore } from '../transferStore.ts';
import { compareMaps, type Shelf } from './shelf.ts';

export const workflowShelf: Shelf = {
  async compare(source, target) {
    const [ours, theirs] = await Promise.all([byName(source), byName(target)]);
    return compareMaps(ours, theirs, isSame, ({ name, source: text }) => problemOf(name, text));
  },

  async copier(from, to) {
    return async (name) => {
      const workflow = await from.workflows.get(name);
      if (workflow === undefined) {
        throw new CodeModeError('not-found', `The workflow "${name}" is not there any more.`);
      }
      const { description, parameters } = analyseWorkflow(name, workflow.source);
      await to.workflows.save({
        name,
        source: workflow.source,
        // One that was given with the source is not in it: a folder keeps none, and must not take away the target's.
        description:
          workflow.description ?? (description || ((await to.workflows.get(name))?.description ?? '')),
        parameters,
      });
    };
  },

  delete: (name, from) => from.workflows.delete(name),
};

async function byName(store: TransferStore): Promise<ReadonlyMap<string, WorkflowSource>> {
  return new Map((await store.workflows.list()).map((workflow) => [workflow.name, workflow]));
}

function isSame(a: WorkflowSource, b: WorkflowSource): boolean {
  const bothDescribed = a.description !== undefined && b.description !== undefined;
  return a.source === b.source && (!bothDescribed || a.description === b.description);
}

/** What is no workflow in Python's eyes would only be skipped by whoever uses the target. */
function problemOf(name: string, source: string): string | undefined {
  return analyseWorkflow(name, source).problems.find(({ severity }) => severity === 'error')?.message;
}
