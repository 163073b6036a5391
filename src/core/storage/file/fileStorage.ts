import { existsSync } from 'node:fs';
import path from 'node:path';
import type {
  ArtifactStore,
  FileStorageAccess,
  StorageBackend,
  VectorStore,
  WorkflowStore,
} from '../../contract/storage.ts';
import { checkWorkspaceId } from '../names.ts';
import { FileArtifactStore } from './artifactStore.ts';
import { FileVectorStore } from './vectorStore.ts';
import { FileWorkflowStore } from './workflowStore.ts';

/** Where a {@link FileStorage} is. */
export interface FileStorageOptions {
  /** Absolute path. Made on the first write, never by reading. */
  readonly baseFolder: string;
  /** Keeps a store of its own under `workspaces/{id}`. */
  readonly workspaceId?: string;
  /** For the log: one line each about what was repaired or skipped. */
  readonly log?: (line: string) => void;
}

/** A store of files in the layout of py-code-mode, which may use the same folder at the same time. */
export class FileStorage implements StorageBackend {
  readonly artifacts: ArtifactStore;
  readonly workflows: WorkflowStore;
  readonly vectors: VectorStore;
  readonly #artifacts: FileArtifactStore;
  readonly #root: string;

  /** @throws UsageError for a workspace id that cannot be one */
  constructor(options: FileStorageOptions) {
    const { baseFolder, workspaceId, log = () => undefined } = options;
    if (workspaceId !== undefined) checkWorkspaceId(workspaceId);
    this.#root = workspaceId === undefined ? baseFolder : path.join(baseFolder, 'workspaces', workspaceId);
    this.#artifacts = new FileArtifactStore(path.join(this.#root, 'artifacts'), log);
    this.artifacts = this.#artifacts;
    this.workflows = new FileWorkflowStore(this.#root, log);
    this.vectors = new FileVectorStore(path.join(this.#root, 'vectors'), log);
  }

  getSerializableAccess(): FileStorageAccess {
    const vectors = path.join(this.#root, 'vectors');
    return {
      type: 'file',
      workflows_path: path.join(this.#root, 'workflows'),
      artifacts_path: path.join(this.#root, 'artifacts'),
      vectors_path: existsSync(vectors) ? vectors : null,
      root_path: this.#root,
    };
  }

  /** Closes readers and writers of artifacts that are still open. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#artifacts[Symbol.asyncDispose]();
  }
}
