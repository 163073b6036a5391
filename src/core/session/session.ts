import type { Event } from '../common/events.ts';
import type { Capability } from '../contract/capability.ts';
import type { ContainerControl } from '../contract/container.ts';
import type { Dependencies } from '../contract/dependencies.ts';
import type { CodeModeError } from '../contract/errors.ts';
import type { ExecutionResult, RunEvent, RunOptions, RunStatus, ToolCall } from '../contract/execution.ts';
import type { CapabilityReport, ExecutorState } from '../contract/executor.ts';
import type { CompletionResult, Inspection, Variable } from '../contract/introspection.ts';
import type { ApprovalRequest, Initiator } from '../contract/tools.ts';
import type { DepsSpec } from '../deps/depsSpec.ts';
import type { EmbeddingsSpec } from '../search/embeddingsSpec.ts';
import type { StorageSpec } from '../storage/storageSpec.ts';
import type { ToolsSpec } from '../tools/toolsSpec.ts';
import type { SessionTools } from './tools.ts';

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
  /** Where artifacts and workflows are kept; by default files of {@link baseFolder}. */
  readonly storage?: StorageSpec;
  /** What ranks searches by meaning; undefined: they are lexical alone. */
  readonly embeddings?: EmbeddingsSpec;
  /** How its code calls tools; by default as {@link ToolsSpec} says. */
  readonly tools?: ToolsSpec;
  /** Which packages its code wants, and where they come from; by default as {@link DepsSpec} says. */
  readonly deps?: DepsSpec;
  /** Seconds that a run may take where it says nothing itself; undefined or null: no limit. */
  readonly timeoutS?: number | null;
  /** How many characters of stdout and of stderr a result keeps; what streams is never cut. */
  readonly maxResultCharacters?: number;
  /** URI of the notebook whose own session it is. */
  readonly notebook?: string;
}

/** Whom a session is for, as people are told; changes where a notebook is renamed. */
export interface SessionLabel {
  readonly title: string;
  readonly notebook?: string;
}

/** What a session is and does right now. Plain data. */
export interface SessionInfo {
  readonly id: string;
  readonly title: string;
  /** URI of the notebook whose own session it is; null: of none. */
  readonly notebook: string | null;
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
  /** Counts up whenever the variables are gone: after a reset, a restart, the end of Python. */
  readonly clearings: number;
  /** Whether Python runs in a container: see {@link Session.container}. */
  readonly hasContainer: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Who has opened the session, in words for people: `VS Code (analysis)`; empty where it is not shared. */
  readonly clients: readonly string[];
  /** What it was made from. */
  readonly spec: SessionSpec;
}

/** What of a session's info changes with every run. */
export type SessionStatus = Pick<SessionInfo, 'state' | 'executionCount' | 'queued' | 'clearings'>;

/** How to run code in a session that others share. */
export interface SessionRunOptions extends Omit<RunOptions, 'onApproval'> {
  /**
   * At most 4,096 characters by which whoever starts the run finds it again among {@link Session.runs}, after a reload
   * of the window.
   */
  readonly tag?: string;
}

/** A call to a tool, and the run that made it. Plain data. */
export interface RunToolCall {
  readonly run: string;
  readonly call: ToolCall;
}

/** How to follow a run that somebody else, or the same window before its reload, has started. */
export type FollowOptions = Pick<RunOptions, 'onEvent' | 'onInput' | 'signal'>;

/** A call to a tool that a person is asked to allow, and whose it is. Plain data. */
export interface ApprovalQuestion extends ApprovalRequest {
  readonly session: string;
  /** The session's title. */
  readonly title: string;
  readonly initiator: Initiator;
  /** Who started the run, in words for people. */
  readonly startedBy: string;
}

/** One run of a session. Plain data. */
export interface RunInfo {
  readonly id: string;
  /** The first line of the code that says something, at most 120 characters. */
  readonly title: string;
  readonly initiator: Initiator;
  /** Calls to tools so far. */
  readonly toolCallCount: number;
  /** What the one who started it said to find it again; null: nothing. */
  readonly tag: string | null;
  /** Who started it, in words for people. */
  readonly startedBy: string;
  /** Milliseconds since the epoch. */
  readonly requestedAt: number;
  /** Milliseconds since the epoch; null: it waits or runs. */
  readonly endedAt: number | null;
  /** How it ended; null: it has not, or it was refused. */
  readonly status: RunStatus | null;
  /** Its number, as in {@link ExecutionResult.executionCount}; 0 until it has ended. */
  readonly executionCount: number;
  /** Whether somebody has been given its result. */
  readonly isDelivered: boolean;
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
  /** A run of whoever shares the session has begun, or has ended. */
  readonly onDidRun: Event<RunInfo>;
  /** A run has called a tool, or such a call has ended. */
  readonly onDidCallTool: Event<RunToolCall>;
  /** Output of background work that belongs to no run's listener any more. */
  readonly onDidEmit: Event<RunEvent>;
  /** Fired once, when the session is closed by anyone, or is lost with the process that has it. */
  readonly onDidClose: Event<void>;
  /** The packages of its executor's environment; what others change in it outside of this session is not heard of. */
  readonly dependencies: Dependencies;
  /** The container that Python runs in; undefined: it runs in none. */
  readonly container: ContainerControl | undefined;

  /** Starts the interpreter if it is not running yet; {@link run} does so by itself. */
  start(): Promise<void>;
  run(code: string, options?: SessionRunOptions): Promise<ExecutionResult>;
  /** The runs that wait or run, and the newest that have ended, oldest first. */
  runs(): Promise<readonly RunInfo[]>;
  /**
   * Everything that a run has emitted so far, from its beginning, then what it goes on to emit, and its result. What
   * exceeds the session's bound is missing and marked (`omitted`). Aborting the signal ends the following, not the run.
   *
   * @throws CodeModeError `not-found` for a run that is not kept any more, `cancelled` where the signal was aborted
   */
  follow(run: string, options?: FollowOptions): Promise<ExecutionResult>;
  /** The calls to tools that a run has made so far, in order. @throws CodeModeError `not-found` */
  toolCalls(run: string): Promise<readonly ToolCall[]>;
  /** Cancels a run as its own signal does; false where it has ended. */
  cancel(run: string): Promise<boolean>;
  interrupt(): Promise<boolean>;
  /** Gives up a start that is under way, as fetching an image may be: whoever waits for it hears that. */
  cancelStart(): Promise<void>;
  reset(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
  complete(code: string, cursor: number): Promise<CompletionResult>;
  inspect(code: string, cursor: number): Promise<Inspection | null>;
  variables(): Promise<readonly Variable[]>;
  /** Bytes of memory that Python and what it started take; undefined where that can't be told. */
  memory(): Promise<number | undefined>;
  /** Says anew whom the session is for. */
  relabel(label: SessionLabel): Promise<void>;
}

/** Keeps the sessions of one base folder. Two forms: in this process, and attached to another. */
export interface SessionManager extends AsyncDisposable {
  /** The tools of the workspaces, for those who show them. */
  readonly tools: SessionTools;
  readonly onDidChangeSessions: Event<void>;
  /**
   * The session with this id; made (not yet started) if there is none.
   * @throws SettingsError for an executor that does not exist
   */
  open(spec: SessionSpec): Promise<Session>;
  /** The live session with this id. */
  get(id: string): Session | undefined;
  list(): Promise<readonly SessionInfo[]>;
  /** Fired once, where sessions were lost with the process that had them. */
  readonly onDidLose: Event<CodeModeError>;
}

/** The id of the session that the editor, the terminal and agents share in a workspace folder; of a window without one. */
export function workspaceSessionId(workspaceFolder: string | undefined): string {
  return workspaceFolder === undefined ? 'workspace' : `workspace:${workspaceFolder}`;
}
