import { z } from 'zod';
import { ALL_CAPABILITIES, type Capability } from '../../contract/capability.ts';
import { ErrorCodeSchema } from '../../contract/errors.ts';
import { type Json, type MimeBundle, RunStatusSchema } from '../../contract/execution.ts';

/** Raised whenever the two ends would misunderstand each other. */
export const PROTOCOL_VERSION = 2;

// What arrives was parsed from JSON, so that it is JSON needs no second look: a value may have 50 MB.
const JsonSchema = z.custom<Json>((value) => value !== undefined);

const BundleSchema = z.record(
  z.string(),
  z.custom<MimeBundle[string]>((value) => value !== undefined),
) satisfies z.ZodType<MimeBundle>;

const DisplayOutputSchema = z.object({
  data: BundleSchema,
  metadata: z.record(z.string(), JsonSchema),
  displayId: z.string().exactOptional(),
  isValue: z.boolean().exactOptional(),
});

const ToolCallSchema = z.object({
  tool: z.string(),
  callable: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  durationMs: z.number(),
  error: z.string().nullable(),
});

const InputRequestSchema = z.object({ prompt: z.string(), password: z.boolean() });

const RunEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['stdout', 'stderr']), text: z.string() }),
  z.object({ kind: z.literal('display'), output: DisplayOutputSchema }),
  z.object({ kind: z.literal('updateDisplay'), output: DisplayOutputSchema.required({ displayId: true }) }),
  z.object({ kind: z.literal('clearOutput'), wait: z.boolean() }),
  z.object({ kind: z.literal('inputRequest'), request: InputRequestSchema }),
  z.object({ kind: z.literal('toolCall'), call: ToolCallSchema }),
  z.object({ kind: z.literal('progress'), message: z.string() }),
]);

const ExecutionResultSchema = z.object({
  status: RunStatusSchema,
  value: JsonSchema,
  valueIsRepr: z.boolean(),
  stdout: z.string(),
  stderr: z.string(),
  displays: z.array(DisplayOutputSchema),
  error: z.object({ type: z.string(), message: z.string(), traceback: z.string() }).nullable(),
  executionTimeMs: z.number(),
  toolCalls: z.array(ToolCallSchema),
  executor: z.string(),
  executionCount: z.number(),
  variablesSurvived: z.boolean(),
});

const CapabilitySchema = z.enum(ALL_CAPABILITIES as [Capability, ...Capability[]]);

const SessionInfoSchema = z.object({
  id: z.string(),
  title: z.string(),
  executor: z.string(),
  interpreter: z.string(),
  state: z.enum(['stopped', 'starting', 'idle', 'busy', 'dead']),
  capabilities: z.array(CapabilitySchema),
  capabilityReport: z.array(
    z.object({ capability: CapabilitySchema, supported: z.boolean(), detail: z.string() }),
  ),
  executionCount: z.number(),
  queued: z.number(),
  createdAt: z.number(),
});

const SessionSpecSchema = z.object({
  id: z.string().min(1).max(4096),
  title: z.string(),
  executor: z.string(),
  baseFolder: z.string().exactOptional(),
  timeoutS: z.number().nullable().exactOptional(),
  maxResultCharacters: z.number().exactOptional(),
  executorSettings: z.record(z.string(), z.unknown()).exactOptional(),
  workspaceFolder: z.string().exactOptional(),
  workingFolder: z.string().exactOptional(),
});

const OfSession = z.object({ session: z.string() });
const AtCursor = z.object({ session: z.string(), code: z.string(), cursor: z.number() });
const Nothing = z.null();

/** What is wrong, in a form that crosses; the `data` of a JSON-RPC error. */
export const WireErrorSchema = z.object({
  code: ErrorCodeSchema,
  message: z.string(),
  hint: z.string().exactOptional(),
});

/** A call with an answer. Each side checks what it receives. */
export interface RequestDefinition<Params extends z.ZodType, Result extends z.ZodType> {
  readonly method: string;
  readonly params: Params;
  readonly result: Result;
}

/** A message without an answer. */
export interface NotificationDefinition<Params extends z.ZodType> {
  readonly method: string;
  readonly params: Params;
}

function request<Params extends z.ZodType, Result extends z.ZodType>(
  method: string,
  params: Params,
  result: Result,
): RequestDefinition<Params, Result> {
  return { method, params, result };
}

function notification<Params extends z.ZodType>(
  method: string,
  params: Params,
): NotificationDefinition<Params> {
  return { method, params };
}

/** The calls that a client makes. `hello` comes first; everything before it is refused. */
export const ToServer = {
  hello: request('hello', z.object({ protocol: z.number(), token: z.string() }), z.array(SessionInfoSchema)),
  list: request('sessions/list', z.object({}), z.array(SessionInfoSchema)),
  open: request('sessions/open', SessionSpecSchema, SessionInfoSchema),
  start: request('session/start', OfSession, Nothing),
  run: request(
    'session/run',
    z.object({
      session: z.string(),
      /** Chosen by the client; what streams while the code runs carries it. */
      run: z.string(),
      code: z.string(),
      timeoutS: z.number().nullable().exactOptional(),
      origin: z.object({ filename: z.string(), firstLine: z.number() }).exactOptional(),
      /** Whether the client answers `input()`. */
      answersInput: z.boolean(),
    }),
    ExecutionResultSchema,
  ),
  interrupt: request('session/interrupt', OfSession, z.boolean()),
  reset: request('session/reset', OfSession, Nothing),
  restart: request('session/restart', OfSession, Nothing),
  close: request('session/close', OfSession, Nothing),
  complete: request(
    'session/complete',
    AtCursor,
    z.object({
      start: z.number(),
      end: z.number(),
      items: z.array(
        z.object({
          text: z.string(),
          kind: z.enum(['module', 'class', 'function', 'keyword', 'variable', 'property']),
          detail: z.string(),
        }),
      ),
    }),
  ),
  inspect: request(
    'session/inspect',
    AtCursor,
    z
      .object({
        name: z.string(),
        type: z.string(),
        signature: z.string(),
        documentation: z.string(),
        value: z.string(),
      })
      .nullable(),
  ),
  variables: request(
    'session/variables',
    OfSession,
    z.array(z.object({ name: z.string(), type: z.string(), value: z.string(), size: z.string() })),
  ),
} as const;

/** What the server asks of the client that started a run. */
export const ToClient = {
  input: request('run/input', z.object({ run: z.string(), request: InputRequestSchema }), z.string()),
} as const;

/** What the server tells a client. */
export const Told = {
  sessions: notification('sessions/changed', z.array(SessionInfoSchema)),
  changed: notification('session/changed', SessionInfoSchema),
  ran: notification('session/ran', z.object({ session: z.string(), result: ExecutionResultSchema })),
  emitted: notification('session/emitted', z.object({ session: z.string(), event: RunEventSchema })),
  closed: notification('session/closed', OfSession),
  /** Several at once: a run may print a hundred thousand lines. */
  events: notification('run/events', z.object({ run: z.string(), events: z.array(RunEventSchema) })),
} as const;
