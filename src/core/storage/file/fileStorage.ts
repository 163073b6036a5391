import { existsSync } from 'node:fs';
import path from 'node:path';
import type {
  ArtifactStore,
  FileStorageAccess,
  StorageBackend,
  WorkflowStore,
} from '../../contract/storage.ts';
import { FileArtifactStore } from './artifactStore.ts';
import { checkWorkspaceId } from './names.ts';
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
  readonly #root: string;

  /** @throws UsageError for a workspace id that cannot be one */
  constructor(options: FileStorageOptions) {
    const { baseFolder, workspaceId, log = () => undefined } = options;
    if (workspaceId !== undefined) checkWorkspaceId(workspaceId);
    this.#root = workspaceId === undefined ? baseFolder : path.join(baseFolder, 'workspaces', workspaceId);
    this.artifacts = new FileArtifactStore(path.join(this.#root, 'artifacts'), log);
    this.workflows = new FileWorkflowStore(path.join(this.#root, 'workflows'), log);
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
}
