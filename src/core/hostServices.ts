import { artifactCalls } from './artifacts/service.ts';
import type { HostCallHandlers } from './connection/hostCalls.ts';
import { CodeModeError } from './contract/errors.ts';
import type { StorageBackend } from './contract/storage.ts';
import { type ToolService, toolCalls } from './tools/service.ts';
import type { WorkflowLibrary } from './workflows/library.ts';
import { workflowCalls } from './workflows/service.ts';

/** What the namespaces of a session are answered from; `deps` is the executor's own. */
export interface HostServicesOptions {
  /** Keeps artifacts; without it they say that there is no base folder. */
  readonly storage?: StorageBackend | undefined;
  /** Keeps workflows; likewise. */
  readonly workflows?: WorkflowLibrary | undefined;
  /** Without it there are no tools. */
  readonly tools?: ToolService | undefined;
}

/** Answers every call that `tools`, `workflows` and `artifacts` make from Python. */
export function createHostServices({ storage, workflows, tools }: HostServicesOptions): HostCallHandlers {
  return {
    ...artifactCalls(() => required('Artifacts', storage)),
    ...workflowCalls(() => required('Workflows', workflows)),
    ...toolCalls(tools),
  };
}

function required<T>(what: string, store: T | undefined): T {
  if (store !== undefined) return store;
  throw new CodeModeError('storage', `${what} are kept in a base folder, and this session has none.`, {
    hint: 'Open a folder in VS Code, or start `code-mode` with --base DIR.',
  });
}
