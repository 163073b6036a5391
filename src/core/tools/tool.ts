import type { z } from 'zod';
import type { Event } from '../common/events.ts';
import type { Json } from '../contract/execution.ts';
import type { ToolCallableInfo, ToolHealth } from '../contract/tools.ts';

/** What the definition of every tool has, whatever its kind. */
export interface CommonConfig {
  /** A Python identifier that is no keyword. */
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
}

/** A tool as its file, or its entry in Redis, defines it. Plain data. */
export interface ToolDefinition<Config extends CommonConfig = CommonConfig> {
  readonly name: string;
  /** The adapter's: `cli`, `mcp`, `http`. */
  readonly type: string;
  readonly config: Config;
  /** SHA-256 of the configuration, in hexadecimal: another definition has another one. */
  readonly digest: string;
  /** Absolute path of its file; undefined: it is kept elsewhere. */
  readonly file?: string;
}

/** What a definition has wrong. Plain data. */
export interface ToolProblem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** Where, as keys and indexes into the YAML; empty: the whole. */
  readonly path: readonly (string | number)[];
}

/** What is called, with arguments that were checked. */
export interface ToolCallRequest {
  /** One of those that the tool describes; its {@link ToolDescription.direct} one for `tools.NAME(...)`. */
  readonly callable: ToolCallableInfo;
  /** By {@link ToolParameter.originalName}. Those that were not given are missing; defaults are the tool's to apply. */
  readonly arguments: Readonly<Record<string, ToolArgument>>;
  /** Aborted when the run is interrupted or ends: the call and all that it started is then to end. */
  readonly signal: AbortSignal;
  /** What a long call says of how far it is, in words for people. */
  readonly onProgress: (message: string) => void;
}

/** JSON, or bytes, or (for a parameter of type `array`) a list with bytes in it. */
export type ToolArgument = Json | Uint8Array | readonly (Json | Uint8Array)[];

/** One piece of what a call gives. */
export type ToolPart =
  | { readonly type: 'text'; readonly text: string }
  /** Text that is UTF-8 already: not decoded on its way to Python. */
  | { readonly type: 'utf8'; readonly bytes: Uint8Array }
  | { readonly type: 'json'; readonly value: Json }
  /** JSON that is UTF-8 text already: not parsed on its way to Python, where long integers keep their digits. */
  | { readonly type: 'jsonUtf8'; readonly bytes: Uint8Array }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array };

/** What a call gives: one value, or several, which Python sees as a list. */
export type ToolOutcome = ToolPart | readonly ToolPart[];

/** What a tool can do. */
export interface ToolDescription {
  readonly callables: readonly ToolCallableInfo[];
  /** What `tools.NAME(...)` calls, named like the tool; null: the tool has only callables. */
  readonly direct: ToolCallableInfo | null;
}

/** A tool that can be called, by whichever session of the workspace. */
export interface Tool extends AsyncDisposable {
  readonly definition: ToolDefinition;
  readonly health: ToolHealth;
  /** Its health or its callables have changed. */
  readonly onDidChange: Event<void>;
  /**
   * What it can do; a server is started where nothing else knows. Called often: what is known is given at once.
   * @throws CodeModeError `tool-failed` where its server can't be asked
   */
  describe(signal?: AbortSignal): Promise<ToolDescription>;
  /** As {@link describe}, where nothing needs to be started for it; undefined otherwise. */
  readonly known: ToolDescription | undefined;
  /** What a call would run, for the person who is asked to allow it: a command line, a method and a URL. No secrets. */
  commandLine(request: Pick<ToolCallRequest, 'callable' | 'arguments'>): string;
  /**
   * @throws ToolFailedError, ToolArgumentsError
   */
  call(request: ToolCallRequest): Promise<ToolOutcome>;
  /** The server behind it, where there is one. */
  readonly server?: ToolServer;
  /** Ends what it has started. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server that belongs to a tool: started when it is first needed. */
export interface ToolServer {
  /** Ends it if it runs, and starts it. @throws ToolFailedError */
  restart(): Promise<void>;
  /** Ends it if it runs; the next call starts it again. */
  stop(): Promise<void>;
  /** The newest of what it said on standard error, and what became of it; at most 256 KiB. No secrets. */
  log(): string;
}

/** What the surroundings give a tool. */
export interface ToolServices {
  /** Absolute path where programs run; undefined: the home folder of the person. */
  readonly workingFolder: string | undefined;
  /** One line, without secrets. */
  readonly log: (line: string) => void;
  /**
   * `text` with every `${NAME}` filled from the environment or from the person's secrets.
   * @throws CodeModeError `settings` that names what has no value
   */
  readonly fill: (text: string) => Promise<string>;
  /** `text` with every secret that {@link fill} has given so far replaced by a mask: for errors and logs. */
  readonly mask: (text: string) => string;
  /** Bytes of output or of an answer that a call may give; what is more is cut, or is an error where it can't be cut. */
  readonly maxResultBytes: number;
  /** Keeps what servers said they can do, from one start to the next. */
  readonly descriptions: DescriptionCache;
  /** Proxy for HTTP, as the person has set it; undefined: what the environment says. */
  readonly proxy: string | undefined;
  /** Of the extension. */
  readonly version: string;
}

/** Keeps what servers said they can do, by the digest of their definition. Never fails: what it can't keep is asked again. */
export interface DescriptionCache {
  get(digest: string): ToolDescription | undefined;
  set(digest: string, description: ToolDescription): void;
}

/** A kind of tools: how their files are written, and how they are called. One folder each, wired in `adapters/index.ts`. */
export interface ToolAdapter<Config extends CommonConfig = CommonConfig> {
  /** What `type:` says in the file. */
  readonly type: string;
  /** The whole file: its {@link CommonConfig} as well. Its descriptions become the JSON schema that editors complete by. */
  readonly schema: z.ZodType<Config>;
  /** What the schema can't say, such as a recipe that names a parameter which there is not. */
  check(config: Config): readonly ToolProblem[];
  /** Starts nothing and reads nothing. */
  create(definition: ToolDefinition<Config>, services: ToolServices): Tool;
}
