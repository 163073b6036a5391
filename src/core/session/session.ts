import type { Event } from '../common/events.ts';
import type { Capability } from '../contract/capability.ts';
import type { ExecutionResult, RunEvent, RunOptions } from '../contract/execution.ts';
import type { CapabilityReport, ExecutorState } from '../contract/executor.ts';
import type { CompletionResult, Inspection, Variable } from '../contract/introspection.ts';

/** What a session is made from. Plain data. */
export interface SessionSpec {
  /** Names the session for everyone who wants to join it: `workspace`, or a notebook's URI. */
  readonly id: string;
  /** For people: the workspace's or the notebook's name. */
  readonly title: string;
  /** The id of an executor of the registry. */
  readonly executor: string;
  /** What the settings say below `codeMode.<executor>.`, unchecked; see `ExecutorContext.settings`. */
  readonly executorSettings?: Readonly<Record<string, unknown>>;
  /** Absolute path of the folder whose code this is; undefined: none is open. */
  readonly workspaceFolder?: string;
  /** Absolute path that relative paths in the code start from; by default {@link workspaceFolder}. */
  readonly workingFolder?: string;
  /** Absolute path of the base folder; undefined: nothing is kept on disk. */
  readonly baseFolder?: string;
  /** Seconds that a run may take where it says nothing itself; undefined or null: no limit. */
  readonly timeoutS?: number | null;
  /** How many characters of stdout and of stderr a result keeps; what streams is never cut. */
  readonly maxResultCharacters?: number;
}

/** What a session is and does right now. Plain data. */
export interface SessionInfo {
  readonly id: string;
  readonly title: string;
  readonly executor: string;
  /** Such as `Pyodide 314.0.7, Python 3.14.2`; empty before the first start. */
  readonly interpreter: string;
  readonly state: ExecutorState;
  readonly capabilities: readonly Capability[];
  readonly capabilityReport: readonly CapabilityReport[];
  /** Counted per interpreter; 0 after a restart. */
  readonly executionCount: number;
  /** Runs that wait behind the one under way. */
  readonly queued: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/**
 * One live Python that people and agents share. Everything is asynchronous and everything that crosses is
 * plain data, so that a session can live in another process than those who use it.
 */
export interface Session extends AsyncDisposable {
  readonly id: string;
  /** The newest known state; {@link onDidChange} says when it changes. */
  readonly info: SessionInfo;
  readonly onDidChange: Event<SessionInfo>;
  /** A run of whoever shares the session has ended. */
  readonly onDidRun: Event<ExecutionResult>;
  /** Output of background work that belongs to no run's listener any more. */
  readonly onDidEmit: Event<RunEvent>;
  /** Fired once, when the session is closed by anyone. */
  readonly onDidClose: Event<void>;

  /** Starts the interpreter if it is not running yet; {@link run} does so by itself. */
  start(): Promise<void>;
  run(code: string, options?: RunOptions): Promise<ExecutionResult>;
  interrupt(): Promise<boolean>;
  reset(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
  complete(code: string, cursor: number): Promise<CompletionResult>;
  inspect(code: string, cursor: number): Promise<Inspection | null>;
  variables(): Promise<readonly Variable[]>;
}

/** Keeps the sessions of one base folder. Two forms: in this process, and attached to another. */
export interface SessionManager extends AsyncDisposable {
  readonly onDidChangeSessions: Event<void>;
  /**
   * The session with this id; made (not yet started) if there is none.
   * @throws SettingsError for an executor that does not exist
   */
  open(spec: SessionSpec): Promise<Session>;
  /** The live session with this id. */
  get(id: string): Session | undefined;
  list(): Promise<readonly SessionInfo[]>;
}
