import type { Json } from './execution.ts';

/** The type of a parameter or a result, in the words of JSON schema; `bytes` are bytes, `any` is whatever is given. */
export type ToolValueType =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'array'
  | 'object'
  | 'bytes'
  | 'any';

/** One parameter of a callable. Plain data. */
export interface ToolParameter {
  /** As Python code says it: a Python identifier that is no keyword. */
  readonly name: string;
  /** As the tool says it: `max-time` where Python has `max_time`. Python code may use either. */
  readonly originalName: string;
  readonly type: ToolValueType;
  readonly description: string;
  readonly required: boolean;
  /** What counts where it is not given; undefined: the tool decides. */
  readonly default?: Json;
  /** The JSON schema of the value: type of items, choices and so on. */
  readonly schema: { readonly [key: string]: Json };
}

/** One callable of a tool. Plain data. */
export interface ToolCallableInfo {
  /** As Python code says it: a Python identifier that is no keyword. */
  readonly name: string;
  /** As the tool says it: `get-sum` where Python has `get_sum`. Python code may use either. */
  readonly originalName: string;
  readonly description: string;
  readonly parameters: readonly ToolParameter[];
  /** What it gives; `any` where only the call shows it. */
  readonly returns: ToolValueType;
}

/** A tool as a list shows it (seed: dicts with `name`, `description`, `tags`). Plain data. */
export interface ToolInfo {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly callables: readonly ToolCallableInfo[];
  /** What `tools.NAME(...)` calls, named like the tool; null: the tool has only callables. */
  readonly direct: ToolCallableInfo | null;
  /** Why its callables are not known, such as a server that does not start; null: they are. */
  readonly problem: string | null;
}

/** What a tool does right now. */
export type ToolState =
  /** There is nothing to start, or it is started when it is first needed. */
  | 'ready'
  | 'starting'
  /** Its server runs. */
  | 'running'
  /** Its server could not be started or was lost; the next call tries again. */
  | 'failed';

/** How a tool is, for people. Plain data. */
export interface ToolHealth {
  readonly state: ToolState;
  /** What its server says it is, or why it failed and what to do; empty where there is nothing to say. */
  readonly detail: string;
}

/** A tool with how it is. Plain data. */
export interface ToolStatus extends ToolInfo {
  /** Of its definition: another one has another digest. An approval holds for one. */
  readonly digest: string;
  readonly health: ToolHealth;
  /** Whether it has a server that can be restarted, and a log. */
  readonly hasServer: boolean;
}

/** Which calls a person has to allow: all, those of an agent's runs, none. */
export type ToolApprovalPolicy = 'always' | 'agent' | 'never';

/** Who wants something run: a person, or an agent on its own. */
export type Initiator = 'person' | 'agent';

/** A call that a person is asked to allow. Plain data. */
export interface ApprovalRequest {
  readonly tool: string;
  readonly callable: string;
  readonly description: string;
  /** What would be run or called with these arguments: a command line, a server's command, a method and a URL. */
  readonly commandLine: string;
  /** The real ones; secrets are masked and long ones are cut, with a mark. */
  readonly arguments: Readonly<Record<string, Json>>;
}

/** What a person says to an {@link ApprovalRequest}: this call, all of this session, all of this workspace, none. */
export type ApprovalAnswer = 'once' | 'session' | 'workspace' | 'no';
