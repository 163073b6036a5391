import { artifactCalls } from './artifacts/service.ts';
import type { HostCallHandlers } from './connection/hostCalls.ts';
import { CodeModeError } from './contract/errors.ts';
import type { StorageBackend } from './contract/storage.ts';
import { DependencyService, dependencyCalls } from './deps/service.ts';
import { type ToolService, toolCalls } from './tools/service.ts';
import type { WorkflowLibrary } from './workflows/library.ts';
import { workflowCalls } from './workflows/service.ts';

/** What the four namespaces of a session are answered from. */
export interface HostServicesOptions {
  /** Keeps artifacts; without it they say that there is no base folder. */
  readonly storage?: StorageBackend | undefined;
  /** Keeps workflows; likewise. */
  readonly workflows?: WorkflowLibrary | undefined;
  /** Without it there are no tools. */
  readonly tools?: ToolService | undefined;
  /** Absolute path of the folder with `requirements.txt`. */
  readonly baseFolder?: string | undefined;
}

/** Answers every call that `tools`, `workflows`, `artifacts` and `deps` make from Python. */
export function createHostServices({
  storage,
  workflows,
  tools,
  baseFolder,
}: HostServicesOptions): HostCallHandlers {
  return {
    ...artifactCalls(() => required('Artifacts', storage)),
    ...workflowCalls(() => required('Workflows', workflows)),
    ...toolCalls(tools),
    ...dependencyCalls(new DependencyService(baseFolder)),
  };
}

function required<T>(what: string, store: T | undefined): T {
  if (store !== undefined) return store;
  throw new CodeModeError('storage', `${what} are kept in a base folder, and this session has none.`, {
    hint: 'Open a folder in VS Code, or start `code-mode` with --base DIR.',
  });
}
