import * as vscode from 'vscode';
import type { ArtifactInfo, StoreContent } from '../../core/contract/storage.ts';
import type { WorkflowSummary } from '../../core/workflows/library.ts';
import type { WorkspaceStore } from '../store/workspaceStore.ts';

/** Whoever types waits no longer than this for a store that is far away. */
const ANSWER_MS = 700;

/** What the store holds, by name, as it was when it last changed: typing asks no store. */
export class StoreCatalog implements vscode.Disposable {
  readonly #store: WorkspaceStore;
  readonly #changes: vscode.Disposable;
  #workflows: Promise<ReadonlyMap<string, WorkflowSummary>> | undefined;
  #artifacts: Promise<ReadonlyMap<string, ArtifactInfo>> | undefined;

  constructor(store: WorkspaceStore) {
    this.#store = store;
    this.#changes = store.onDidChange((changed) => this.#forget(changed));
  }

  /** Nothing where the store cannot be read, or takes too long: then the next one may have more. */
  workflows(): Promise<ReadonlyMap<string, WorkflowSummary>> {
    this.#workflows ??= this.#read('workflows', async () => (await this.#store.workflows()).list());
    return inTime(this.#workflows);
  }

  /** As {@link workflows}. */
  artifacts(): Promise<ReadonlyMap<string, ArtifactInfo>> {
    this.#artifacts ??= this.#read('artifacts', async () => (await this.#store.artifacts()).list());
    return inTime(this.#artifacts);
  }

  /** Bytes of an artifact's content; undefined where that is not known. */
  async sizeOf(artifact: string): Promise<number | undefined> {
    const sizes = this.#store.artifacts().then((artifacts) => artifacts.sizes([artifact]));
    return (await inTime(sizes.catch(() => new Map<string, number>()))).get(artifact);
  }

  dispose(): void {
    this.#changes.dispose();
  }

  async #read<T extends { readonly name: string }>(
    kind: StoreContent,
    list: () => Promise<readonly T[]>,
  ): Promise<ReadonlyMap<string, T>> {
    // Before it is trusted a workspace has no store, and that is no change of it.
    if (!vscode.workspace.isTrusted) return new Map();
    try {
      return new Map((await list()).map((entry) => [entry.name, entry]));
    } catch {
      // A list that cannot be had is no error for someone who types.
      this.#forget(kind);
      return new Map();
    }
  }

  #forget(kind: StoreContent): void {
    if (kind === 'workflows') this.#workflows = undefined;
    else this.#artifacts = undefined;
  }
}

/** What a question gives, or nothing where that takes too long. */
async function inTime<V>(question: Promise<ReadonlyMap<string, V>>): Promise<ReadonlyMap<string, V>> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<ReadonlyMap<string, V>>((resolve) => {
    timer = setTimeout(() => resolve(new Map()), ANSWER_MS);
  });
  try {
    return await Promise.race([question, over]);
  } finally {
    clearTimeout(timer);
  }
}
