import type { Event, Subscription } from '../common/events.ts';
import type { ToolStatus } from '../contract/tools.ts';
import type { ToolArgument, ToolDescription, ToolOutcome } from '../tools/tool.ts';
import type { SessionSpec } from './session.ts';

/** Which tools: those of a workspace. Plain data. */
export type ToolboxSpec = Pick<SessionSpec, 'baseFolder' | 'storage' | 'workspaceFolder' | 'tools'>;

/** A tool that another extension provides, in its own process. */
export interface ProvidedTool extends ToolDescription {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Who provides it, in words for people. */
  readonly provider: string;
  /** @param callable - one of {@link ToolDescription.callables}, by its name */
  call(
    callable: string,
    given: Readonly<Record<string, ToolArgument>>,
    signal: AbortSignal,
  ): Promise<ToolOutcome>;
}

/** The tools of workspaces as those who show them see them, beside sessions. */
export interface SessionTools {
  /** The health or the callables of a tool have changed. */
  readonly onDidChange: Event<void>;
  /** How the tools of a workspace are that sessions use, or somebody has asked for; none where nobody has. Starts nothing. */
  statuses(spec: ToolboxSpec): Promise<readonly ToolStatus[]>;
  /** One tool with what it can do; its server is started where nothing else knows. @throws CodeModeError */
  describe(spec: ToolboxSpec, name: string): Promise<ToolStatus>;
  /** Ends the server of a tool if it runs, and starts it. @throws CodeModeError */
  restart(spec: ToolboxSpec, name: string): Promise<void>;
  /** Ends the server of a tool if it runs. @throws CodeModeError */
  stop(spec: ToolboxSpec, name: string): Promise<void>;
  /** The newest of what the server of a tool said. @throws CodeModeError */
  log(spec: ToolboxSpec, name: string): Promise<string>;
  /** Secrets may have changed: they are asked for anew. */
  forgetSecrets(): Promise<void>;
  /** Gives the sessions these tools, in place of those that were given here before; until the subscription is disposed. */
  provide(tools: readonly ProvidedTool[]): Promise<Subscription>;
}
