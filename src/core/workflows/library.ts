import { inSlices, Slices } from '../common/slices.ts';
import { UsageError } from '../contract/errors.ts';
import type { VectorStore, WorkflowSource, WorkflowStore } from '../contract/storage.ts';
import { SearchIndex } from '../search/searchIndex.ts';
import type { Embedder } from '../search/semantic.ts';
import { type AnalysedParameter, analyseWorkflow, type WorkflowProblem } from './analysis.ts';
import { nameProblem } from './analysisNames.ts';
import { findUsages, type WorkflowUsage } from './libraryUsages.ts';

/** A workflow without its source. */
export interface WorkflowSummary {
  readonly name: string;
  readonly description: string;
  readonly parameters: readonly AnalysedParameter[];
  /** Those of severity `error` say why it cannot be run. */
  readonly problems: readonly WorkflowProblem[];
}

/** What a {@link WorkflowLibrary} is made of. */
export interface WorkflowLibraryOptions {
  readonly store: WorkflowStore;
  /** Where computed embeddings are kept; without it they are computed anew in each session. */
  readonly vectors?: VectorStore;
  /** Ranks by meaning as well, once it has read the workflows. */
  readonly embedder?: Embedder;
  /** For the log: one line each. */
  readonly log?: (line: string) => void;
}

/** For so long a search takes the workflows to be those of the search before. */
const FRESH_MS = 1000;

/** The workflows of a store with what their sources say, searchable. Nothing of them is run here. */
export class WorkflowLibrary {
  readonly #store: WorkflowStore;
  readonly #index: SearchIndex<Workflow>;
  /** By the store's own objects, which stay the same until their source changes. */
  readonly #analysed = new WeakMap<WorkflowSource, Workflow>();
  #indexedAt = Number.NEGATIVE_INFINITY;

  constructor({ store, ...search }: WorkflowLibraryOptions) {
    this.#store = store;
    this.#index = new SearchIndex<Workflow>({ ...search, weights: WEIGHTS, fieldsOf, meaningOf });
  }

  /** By name; those that cannot be run are among them, with their problems. */
  async list(): Promise<readonly WorkflowSummary[]> {
    return (await this.#all()).map(({ summary }) => summary);
  }

  /** One with its source, or undefined. */
  async get(name: string): Promise<(WorkflowSummary & { readonly source: string }) | undefined> {
    const found = await this.#store.get(name.normalize('NFKC'));
    return found && { ...this.#analyse(found).summary, source: found.source };
  }

  /** The best first, at most `limit`; an empty query finds nothing. */
  async search(query: string, limit: number): Promise<readonly WorkflowSummary[]> {
    if (performance.now() - this.#indexedAt > FRESH_MS) {
      const asked = performance.now();
      await this.#index.update(await this.#all());
      this.#indexedAt = asked;
    }
    const found = await this.#index.search(query, limit);
    return found.map(({ summary }) => summary);
  }

  /**
   * Keeps a workflow; one of that name is replaced.
   * @throws UsageError with line and column where it has an error
   */
  async save(name: string, source: string): Promise<WorkflowSummary> {
    const { description, parameters, problems } = analyseWorkflow(name, source);
    const error = problems.find(({ severity }) => severity === 'error');
    if (error) throw refusal(name, source, error);
    const normal = name.normalize('NFKC');
    await this.#changed(
      this.#store.save({
        name: normal,
        source,
        description,
        parameters: parameters.map(({ annotation: _, defaultSource: __, ...parameter }) => parameter),
      }),
    );
    return { name: normal, description, parameters, problems };
  }

  /** @throws CodeModeError `not-found`, `usage` where the new name is taken or cannot be one */
  async rename(name: string, newName: string): Promise<void> {
    const problem = nameProblem(newName);
    if (problem)
      throw new UsageError(`${problem[0]?.toUpperCase()}${problem.slice(1)}`, 'Choose another name.');
    await this.#changed(this.#store.rename(name.normalize('NFKC'), newName.normalize('NFKC')));
  }

  /** Whether there was one. */
  async delete(name: string): Promise<boolean> {
    return await this.#changed(this.#store.delete(name.normalize('NFKC')));
  }

  /** Where workflows name another one: `workflows.NAME`, `workflows.invoke("NAME")`, `workflows.get("NAME")`. */
  async usages(name: string): Promise<readonly WorkflowUsage[]> {
    const found: WorkflowUsage[] = [];
    await inSlices(await this.#store.list(), (workflow) => {
      found.push(...findUsages(workflow, name.normalize('NFKC')));
    });
    return found;
  }

  /** Absolute path of its file; undefined where the store is not made of files. */
  pathOf(name: string): string | undefined {
    return this.#store.pathOf(name);
  }

  /** Ends what the search does in the background. */
  dispose(): void {
    this.#index.dispose();
  }

  async #all(): Promise<readonly Workflow[]> {
    const all: Workflow[] = [];
    const slices = new Slices();
    for (const workflow of await this.#store.list()) {
      const known = this.#analysed.get(workflow);
      all.push(known ?? this.#analyse(workflow));
      if (!known && slices.isOver) await slices.next();
    }
    return all;
  }

  #analyse(workflow: WorkflowSource): Workflow {
    const known = this.#analysed.get(workflow);
    if (known) return known;
    const { description, ...analysis } = analyseWorkflow(workflow.name, workflow.source);
    const summary = {
      name: workflow.name,
      description: description || (workflow.description ?? ''),
      ...analysis,
    };
    const analysed = { id: workflow.name, source: workflow.source, summary };
    this.#analysed.set(workflow, analysed);
    return analysed;
  }

  async #changed<T>(change: Promise<T>): Promise<T> {
    try {
      return await change;
    } finally {
      this.#indexedAt = Number.NEGATIVE_INFINITY;
    }
  }
}

interface Workflow {
  readonly id: string;
  readonly source: string;
  readonly summary: WorkflowSummary;
}

const WEIGHTS = { name: 6, description: 4, parameters: 2, source: 1 };

function fieldsOf({ source, summary }: Workflow): Record<keyof typeof WEIGHTS, string> {
  return {
    name: summary.name,
    description: summary.description,
    parameters: summary.parameters.map(({ name, description }) => `${name} ${description}`).join('\n'),
    source,
  };
}

function meaningOf({ summary: { name, description, parameters } }: Workflow): string {
  const words = name.replaceAll('_', ' ');
  return [
    words,
    description,
    ...parameters.map((parameter) => `${parameter.name} ${parameter.description}`.trim()),
  ]
    .filter(Boolean)
    .join('\n');
}

function refusal(name: string, source: string, { message, start, code }: WorkflowProblem): UsageError {
  if (code === 'reserved-name') return new UsageError(message, 'Choose another name.');
  const before = source.slice(0, start).split(/\r\n|\n|\r/u);
  const place = `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  return new UsageError(`The workflow "${name}" has an error at ${place}: ${message}`, 'Nothing was saved.');
}
