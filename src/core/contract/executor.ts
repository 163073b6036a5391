import type { Subscription } from '../common/events.ts';
import type { Capability } from './capability.ts';
import type { ContainerControl } from './container.ts';
import type { Dependencies, InstallResult, RemoveResult, UninstallResult } from './dependencies.ts';
import type { ExecutionResult, RunEvent, RunOptions } from './execution.ts';
import type { CompletionResult, Inspection, Variable } from './introspection.ts';
import type { StorageBackend } from './storage.ts';
import type { ToolInfo } from './tools.ts';

/** The state of an executor's interpreter. */
export type ExecutorState = 'stopped' | 'starting' | 'idle' | 'busy' | 'dead';

/** A fact about what this start keeps apart, or why not: shown in the status item and `code-mode capabilities`. */
export interface CapabilityReport {
  readonly capability: Capability;
  readonly supported: boolean;
  /** What was checked, or what is missing and how to get it. */
  readonly detail: string;
}

/**
 * A place where Python code runs: the seed's protocol. Every executor keeps this one contract and lists only
 * the capabilities that it can prove; `test/contract/` holds all of them to it.
 */
export interface Executor extends AsyncDisposable {
  readonly id: string;
  readonly state: ExecutorState;
  /** Such as `CPython 3.12.4`; empty before the first start. */
  readonly interpreter: string;
  /** Runs that wait behind the one under way. */
  readonly queued: number;
  /** Runs of this interpreter so far. */
  readonly executionCount: number;

  /**
   * Starts Python. Called once; a second call while started does nothing.
   * @throws StorageAccessError when handed an access descriptor in place of a backend
   */
  start(storage?: StorageBackend): Promise<void>;

  /**
   * Runs code after the runs before it. An exception in the code is a result, not a rejection.
   * @throws ClosedError after {@link close}
   */
  run(code: string, options?: RunOptions): Promise<ExecutionResult>;

  /** Raises KeyboardInterrupt in the code that runs now; false if nothing runs. Does not kill. */
  interrupt(): Promise<boolean>;

  /**
   * Clears the variables and keeps the namespaces. Whether imported modules stay is the executor's: it may start a fresh
   * interpreter.
   * @throws UnsupportedError without `reset`
   */
  reset(): Promise<void>;

  /**
   * Gives up a start that is under way, also what comes before it and may take long, such as fetching an image: whoever
   * waits for it hears that it was cancelled. Otherwise nothing happens.
   */
  cancelStart(): void;

  /** Ends the interpreter and starts a new one. Runs that are queued or under way end as `died`. */
  restart(): Promise<void>;

  /** Releases everything; a second call does nothing. */
  close(): Promise<void>;

  supports(capability: Capability): boolean;
  supportedCapabilities(): ReadonlySet<Capability>;
  /** All ten capabilities with the reason for each answer. */
  capabilityReport(): readonly CapabilityReport[];

  /** Completions at `cursor` (UTF-16 offset). Answered while idle; empty while code runs. */
  complete(code: string, cursor: number): Promise<CompletionResult>;
  inspect(code: string, cursor: number): Promise<Inspection | null>;
  variables(): Promise<readonly Variable[]>;

  /**
   * Bytes of memory that Python, and where it is a process all processes below it, take right now; undefined where
   * Python does not run or the system does not tell. Answered while code runs, which does not notice. For those that
   * ask every few seconds.
   */
  memory(): Promise<number | undefined>;

  /** The container that Python runs in; undefined: it runs in none. */
  readonly container: ContainerControl | undefined;

  /** Everything about its packages; the seed's seven methods are its short forms. */
  readonly dependencies: Dependencies;
  /** What the settings and `pyproject.toml` name. */
  getConfiguredDeps(): readonly string[];
  installDeps(packages: readonly string[]): Promise<InstallResult>;
  uninstallDeps(packages: readonly string[]): Promise<UninstallResult>;
  addDep(packageSpec: string): Promise<InstallResult>;
  removeDep(packageName: string): Promise<RemoveResult>;
  listDeps(): Promise<readonly string[]>;
  syncDeps(): Promise<InstallResult>;

  listTools(): Promise<readonly ToolInfo[]>;
  searchTools(query: string, limit?: number): Promise<readonly ToolInfo[]>;

  onDidChangeState(listener: (state: ExecutorState) => void): Subscription;
  /** Output that belongs to no run any more: background tasks of a run whose listener is gone. */
  onDidEmit(listener: (event: RunEvent) => void): Subscription;
}
