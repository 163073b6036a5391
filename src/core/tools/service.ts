import { z } from 'zod';
import { checkParams } from '../common/params.ts';
import type { CallingRun, HostCall, HostCallHandlers, HostReply } from '../connection/hostCalls.ts';
import { CodeModeError, ToolArgumentsError, UsageError } from '../contract/errors.ts';
import type { Json } from '../contract/execution.ts';
import type { ToolCallableInfo, ToolInfo } from '../contract/tools.ts';
import type { ApprovalStore } from './approvals/approvalStore.ts';
import { Approvals } from './approvals/approvals.ts';
import { checkArguments } from './arguments.ts';
import { TracedCall } from './callTrace.ts';
import { nearestWord } from './definition/suggestion.ts';
import { Limiter } from './limiter.ts';
import { maskCommonSecrets, presentArguments } from './masking.ts';
import type { Tool, ToolArgument, ToolOutcome, ToolPart } from './tool.ts';
import type { Toolbox } from './toolbox.ts';
import { TOOLS_DEFAULTS, type ToolsSpec } from './toolsSpec.ts';

/** What a {@link ToolService} is made with. */
export interface ToolServiceOptions {
  /** Gives the tools; asked at the first call, as nothing is read before. */
  readonly toolbox: () => Toolbox;
  readonly spec: ToolsSpec;
  readonly approvals: ApprovalStore | undefined;
  /** Takes the secrets out of a text that are known. */
  readonly mask: (text: string) => string;
  /** One line. */
  readonly log: (line: string) => void;
}

/** A call as Python makes it, not checked yet. */
export interface ToolCallOrder {
  readonly tool: string;
  /** Null: the tool itself. */
  readonly callable: string | null;
  readonly arguments: Readonly<Record<string, ToolArgument>>;
}

/** Who makes a call, and when it is to end. */
export interface ToolCallSurroundings {
  readonly signal: AbortSignal;
  readonly run?: CallingRun | undefined;
}

/** The tools of one session: checks a call, asks for it where it has to, makes it, and writes it down. */
export class ToolService {
  readonly #options: ToolServiceOptions;
  readonly #approvals: Approvals;
  readonly #limiter: Limiter;

  constructor(options: ToolServiceOptions) {
    this.#options = options;
    const { approval, maxParallelCalls } = { ...TOOLS_DEFAULTS, ...options.spec };
    this.#approvals = new Approvals({ policy: approval, store: options.approvals });
    this.#limiter = new Limiter(maxParallelCalls);
  }

  /** The names of all tools. Starts nothing. */
  names(): Promise<readonly string[]> {
    return this.#options.toolbox().names();
  }

  /** All tools, by name. */
  list(signal?: AbortSignal): Promise<readonly ToolInfo[]> {
    return this.#options.toolbox().list(signal);
  }

  /** One tool; undefined: there is none of that name. @throws CodeModeError where it is broken or can't be asked */
  async get(name: string, signal?: AbortSignal): Promise<ToolInfo | undefined> {
    try {
      return await this.#options.toolbox().info(name, signal);
    } catch (error) {
      if (CodeModeError.is(error, 'not-found')) return undefined;
      throw error;
    }
  }

  /** The tools that fit the query best, best first. */
  search(query: string, limit: number, signal?: AbortSignal): Promise<readonly ToolInfo[]> {
    return this.#options.toolbox().search(query, limit, signal);
  }

  /** @throws CodeModeError `not-found`, `tool-arguments`, `tool-refused`, `tool-failed`, `cancelled` */
  async call(order: ToolCallOrder, { signal, run }: ToolCallSurroundings): Promise<ToolOutcome> {
    const tool = await this.#options.toolbox().get(order.tool);
    const { name, digest } = tool.definition;
    const callable = callableOf(tool, tool.known ?? (await tool.describe(signal)), order.callable);
    const label = order.callable === null ? `tools.${name}` : `tools.${name}.${callable.name}`;
    const checked = checkArguments(label, callable, order.arguments);
    const mask = (text: string) => maskCommonSecrets(this.#options.mask(text));
    const shown = presentArguments(checked, callable, this.#options.mask);
    const trace = new TracedCall(run, name, callable.name, shown);
    try {
      const request = { callable, arguments: checked };
      await this.#approvals.require(
        { tool: name, callable: callable.name, digest },
        () => ({
          tool: name,
          callable: callable.name,
          description: callable.description,
          commandLine: mask(tool.commandLine(request)),
          arguments: shown,
        }),
        run,
        signal,
      );
      const outcome = await this.#limiter.run(signal, () =>
        tool.call({ ...request, signal, onProgress: (message) => run?.tellProgress(`${label}: ${message}`) }),
      );
      const { durationMs, resultBytes } = trace.succeed(outcome);
      this.#log(label, shown, `${durationMs?.toFixed(0)} ms, ${resultBytes} bytes`);
      return outcome;
    } catch (error) {
      const failure = signal.aborted && !CodeModeError.is(error) ? cancelled(label) : error;
      const message = mask(CodeModeError.describe(failure));
      const { durationMs } = trace.fail(message);
      this.#log(label, shown, `failed after ${durationMs?.toFixed(0)} ms: ${message.split('\n', 1)[0]}`);
      throw failure;
    }
  }

  #log(label: string, shown: Readonly<Record<string, Json>>, what: string): void {
    const text = JSON.stringify(shown);
    this.#options.log(`${label} ${text.length > 200 ? `${text.slice(0, 200)}…` : text}: ${what}`);
  }
}

function cancelled(label: string): CodeModeError {
  return new CodeModeError('cancelled', `The call of ${label} was given up, for the run was stopped.`);
}

/** @throws ToolArgumentsError that names those there are */
function callableOf(
  { definition: { name } }: Tool,
  { callables, direct }: { callables: readonly ToolCallableInfo[]; direct: ToolCallableInfo | null },
  wanted: string | null,
): ToolCallableInfo {
  const found =
    wanted === null
      ? direct
      : (callables.find((callable) => callable.name === wanted) ??
        callables.find(({ originalName }) => originalName === wanted));
  if (found) return found;
  const names = callables.map((callable) => callable.name);
  const similar = wanted === null ? undefined : nearestWord(wanted, names);
  const what =
    wanted === null ? `tools.${name} can't be called itself` : `tools.${name} has no callable "${wanted}"`;
  throw new ToolArgumentsError(
    `${what}${similar === undefined ? '' : ` (did you mean "${similar}"?)`}. It has ${names.join(', ') || 'none'}.`,
  );
}

const Nothing = z.object({});
const GetParams = z.object({ name: z.string() });
const SearchParams = z.object({ query: z.string(), limit: z.number().int().positive() });
const CallParams = z.object({
  tool: z.string(),
  callable: z.string().nullable(),
  // They come from JSON.
  arguments: z.record(
    z.string(),
    z.custom<Json>((value) => value !== undefined),
  ),
  /** Where in the arguments the buffers belong. */
  bytes: z.array(z.array(z.union([z.string(), z.number().int().min(0)])).min(1)).default([]),
});

/** What `tools` in Python calls. @param tools - undefined: there are none */
export function toolCalls(tools: ToolService | undefined): HostCallHandlers {
  return {
    'tools.names': async ({ method, params }) => {
      checkParams(Nothing, method, params);
      return { result: [...((await tools?.names()) ?? [])] };
    },
    'tools.list': async ({ signal }) => ({ result: asJson((await tools?.list(signal)) ?? []) }),
    'tools.get': async ({ method, params, signal }) => {
      const { name } = checkParams(GetParams, method, params);
      return { result: asJson((await tools?.get(name, signal)) ?? null) };
    },
    'tools.search': async ({ method, params, signal }) => {
      const { query, limit } = checkParams(SearchParams, method, params);
      return { result: asJson((await tools?.search(query, limit, signal)) ?? []) };
    },
    'tools.call': async (call) => {
      const { tool, callable, arguments: given, bytes } = checkParams(CallParams, call.method, call.params);
      if (!tools) throw new CodeModeError('not-found', `There is no tool "${tool}": this session has none.`);
      const order = { tool, callable, arguments: withBytes(given, bytes, call.buffers) };
      return replyOf(await tools.call(order, call));
    },
  };
}

/** What the contract has is plain data. */
function asJson(value: readonly ToolInfo[] | ToolInfo | null): Json {
  return value as unknown as Json;
}

/** The arguments with the buffers where they belong. @throws UsageError */
function withBytes(
  given: Record<string, Json>,
  paths: readonly (readonly (string | number)[])[],
  buffers: HostCall['buffers'],
): Record<string, ToolArgument> {
  if (paths.length !== buffers.length) throw new UsageError('tools.call has other buffers than it says.');
  const root: Record<string, unknown> = given;
  for (const [index, path] of paths.entries()) {
    let place: unknown = root;
    for (const key of path.slice(0, -1))
      place = Object.hasOwn(Object(place), key) ? (place as never)[key] : undefined;
    const last = path.at(-1);
    if (typeof place !== 'object' || place === null || last === undefined || !Object.hasOwn(place, last)) {
      throw new UsageError('tools.call names no argument for one of its buffers.');
    }
    Object.assign(place, { [last]: buffers[index] });
  }
  return root as Record<string, ToolArgument>;
}

/** Bytes cross as bytes. */
function replyOf(outcome: ToolOutcome): HostReply {
  const buffers: Uint8Array[] = [];
  const plain = (part: ToolPart): Json => {
    if (part.type === 'text' || part.type === 'json') return part as Json & ToolPart;
    buffers.push(part.bytes);
    return { type: part.type, buffer: buffers.length - 1 };
  };
  const result = 'type' in outcome ? plain(outcome) : { type: 'list', items: outcome.map(plain) };
  return { result, buffers };
}
