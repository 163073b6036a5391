import { z } from 'zod';
import { ALL_CAPABILITIES, type Capability } from '../../contract/capability.ts';
import { ErrorCodeSchema } from '../../contract/errors.ts';
import {
  ExecutionErrorSchema,
  type Json,
  type MimeBundle,
  RunStatusSchema,
} from '../../contract/execution.ts';
import type { ApprovalAnswer, ToolStatus } from '../../contract/tools.ts';
import { DepsSpecSchema } from '../../deps/depsSpec.ts';
import { EmbeddingsSpecSchema } from '../../search/embeddingsSpec.ts';
import { StorageSpecSchema } from '../../storage/storageSpec.ts';
import { ToolDescriptionSchema } from '../../tools/toolDescriptionSchema.ts';
import { ToolsSpecSchema } from '../../tools/toolsSpec.ts';
import type { SecretRequest } from '../secrets.ts';
import type { ApprovalQuestion, SessionInfo, SessionSpec, SessionStatus } from '../session.ts';
import type { ProvidedTool, ToolboxSpec } from '../tools.ts';
import { notification, request } from './definitions.ts';

/** Raised whenever the two ends would misunderstand each other. */
export const PROTOCOL_VERSION = 7;

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
  id: z.string(),
  tool: z.string(),
  callable: z.string(),
  arguments: z.record(z.string(), JsonSchema),
  startedAt: z.number(),
  durationMs: z.number().nullable(),
  resultBytes: z.number().nullable(),
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
  z.object({ kind: z.literal('omitted'), characters: z.number(), displays: z.number() }),
]);

const ExecutionResultSchema = z.object({
  status: RunStatusSchema,
  value: JsonSchema,
  valueIsRepr: z.boolean(),
  stdout: z.string(),
  stderr: z.string(),
  displays: z.array(DisplayOutputSchema),
  error: ExecutionErrorSchema.nullable(),
  executionTimeMs: z.number(),
  toolCalls: z.array(ToolCallSchema),
  toolCallsOmitted: z.number(),
  executor: z.string(),
  executionCount: z.number(),
  variablesSurvived: z.boolean(),
});

const CapabilitySchema = z.enum(ALL_CAPABILITIES as [Capability, ...Capability[]]);

const SessionSpecSchema = z.object({
  id: z.string().min(1).max(4096),
  title: z.string(),
  executor: z.string(),
  executorSettings: z.record(z.string(), z.unknown()).exactOptional(),
  workspaceFolder: z.string().exactOptional(),
  workingFolder: z.string().exactOptional(),
  baseFolder: z.string().exactOptional(),
  storage: StorageSpecSchema.exactOptional(),
  embeddings: EmbeddingsSpecSchema.exactOptional(),
  tools: ToolsSpecSchema.exactOptional(),
  deps: DepsSpecSchema.exactOptional(),
  timeoutS: z.number().nullable().exactOptional(),
  maxResultCharacters: z.number().exactOptional(),
  notebook: z.string().exactOptional(),
}) satisfies z.ZodType<SessionSpec>;

/** What changes with every run; the rest of a session's info crosses only when it has changed. */
const SessionStatusSchema = z.object({
  state: z.enum(['stopped', 'starting', 'idle', 'busy', 'dead']),
  executionCount: z.number(),
  queued: z.number(),
  clearings: z.number(),
}) satisfies z.ZodType<SessionStatus>;

const SessionInfoSchema = SessionStatusSchema.extend({
  id: z.string(),
  title: z.string(),
  notebook: z.string().nullable(),
  executor: z.string(),
  interpreter: z.string(),
  capabilities: z.array(CapabilitySchema),
  capabilityReport: z.array(
    z.object({ capability: CapabilitySchema, supported: z.boolean(), detail: z.string() }),
  ),
  hasContainer: z.boolean(),
  createdAt: z.number(),
  clients: z.array(z.string()),
  spec: SessionSpecSchema,
});

const InitiatorSchema = z.enum(['person', 'agent']);

const RunInfoSchema = z.object({
  id: z.string(),
  title: z.string(),
  initiator: InitiatorSchema,
  toolCallCount: z.number(),
  tag: z.string().nullable(),
  startedBy: z.string(),
  requestedAt: z.number(),
  endedAt: z.number().nullable(),
  status: RunStatusSchema.nullable(),
  executionCount: z.number(),
  isDelivered: z.boolean(),
});

const ApprovalQuestionSchema = z.object({
  tool: z.string(),
  callable: z.string(),
  description: z.string(),
  commandLine: z.string(),
  arguments: z.record(z.string(), JsonSchema),
  session: z.string(),
  title: z.string(),
  initiator: InitiatorSchema,
  startedBy: z.string(),
}) satisfies z.ZodType<ApprovalQuestion>;

const ApprovalAnswerSchema = z.enum([
  'once',
  'session',
  'workspace',
  'no',
]) satisfies z.ZodType<ApprovalAnswer>;

const SecretRequestSchema = z.object({
  name: z.string(),
  title: z.string(),
  wasRefused: z.boolean(),
}) satisfies z.ZodType<SecretRequest>;

const ToolHealthSchema = z.object({
  state: z.enum(['ready', 'starting', 'running', 'failed']),
  detail: z.string(),
});

const ToolStatusSchema = ToolDescriptionSchema.extend({
  name: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  problem: z.string().nullable(),
  digest: z.string(),
  health: ToolHealthSchema,
  hasServer: z.boolean(),
}) satisfies z.ZodType<ToolStatus>;

/** Which tools: those of a workspace. */
const ToolboxSpecSchema = z.object({
  baseFolder: z.string().exactOptional(),
  storage: StorageSpecSchema.exactOptional(),
  workspaceFolder: z.string().exactOptional(),
  tools: ToolsSpecSchema.exactOptional(),
}) satisfies z.ZodType<ToolboxSpec>;

const OfTool = z.object({ toolbox: ToolboxSpecSchema, name: z.string() });

/** A tool that the client calls for the sessions. */
const ProvidedToolSchema = ToolDescriptionSchema.extend({
  name: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  provider: z.string(),
}) satisfies z.ZodType<Omit<ProvidedTool, 'call'>>;

const BytesSchema = z.instanceof(Uint8Array);
const ToolPartSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('json'), value: JsonSchema }),
  z.object({ type: z.enum(['utf8', 'jsonUtf8', 'bytes']), bytes: BytesSchema }),
]);
const ToolOutcomeSchema = z.union([ToolPartSchema, z.array(ToolPartSchema)]);

/** Who attaches. */
const ClientSchema = z.object({
  /** In words for people. */
  name: z.string().max(200),
  /** Of the extension or the command line. */
  version: z.string(),
  /** Whether it answers questions of code that others started. */
  answersOthers: z.boolean(),
  /** Whether it gives secrets that sessions need. */
  givesSecrets: z.boolean(),
  /** Whether it asks a person to allow calls to tools. */
  approvesTools: z.boolean(),
  /** Whether it opens the workspace's session for others, by its own settings. */
  opensWorkspace: z.boolean(),
  /** Whether it can be expected back soon when it goes, as a window that is reloaded. */
  comesBack: z.boolean(),
  workspaceFolder: z.string().exactOptional(),
  /** Seconds for which the host shall go on when nobody is attached. */
  keepAliveS: z.number().min(0).exactOptional(),
});
export type ClientDescription = z.infer<typeof ClientSchema>;

/** A part of a result's text that is too long for one message. */
const TextPieceSchema = z.object({
  stream: z.string(),
  kind: z.enum(['stdout', 'stderr']),
  text: z.string(),
});

/** The end of a run, with the events that were still under way and what the session does then. */
const EndSchema = z.object({
  events: z.array(RunEventSchema),
  result: ExecutionResultSchema,
  status: SessionStatusSchema,
});

/** A stream is what one client hears of one run; the client names it. */
const OfStream = { session: z.string(), stream: z.string().min(1).max(100), answersInput: z.boolean() };

const OfSession = z.object({ session: z.string() });
const AtCursor = z.object({ session: z.string(), code: z.string(), cursor: z.number() });
const Nothing = z.null();

/** What is wrong, in a form that crosses; the `data` of a JSON-RPC error. */
export const WireErrorSchema = z.object({
  code: ErrorCodeSchema,
  message: z.string(),
  hint: z.string().exactOptional(),
});

/**
 * The calls that a client makes. `hello` comes first; everything before it is refused. It is the one that every version
 * understands: of the client only the protocol and the token are looked at before the protocol is known to be the same.
 */
export const ToServer = {
  hello: request(
    'hello',
    z.looseObject({ protocol: z.number(), token: z.string(), client: z.unknown() }),
    z.object({ version: z.string(), sessions: z.array(SessionInfoSchema) }),
  ),
  /** Ends the host if it has no session and nobody else is attached, so that another version can take its place; else false. */
  endIfUnused: request('host/endIfUnused', z.object({}), z.boolean()),
  open: request('sessions/open', SessionSpecSchema, SessionInfoSchema),
  /** The session of a workspace folder, opened by a window of it where there is one. */
  openWorkspace: request(
    'sessions/openWorkspace',
    z.object({ workspaceFolder: z.string(), spec: SessionSpecSchema }),
    SessionInfoSchema,
  ),
  start: request('session/start', OfSession, Nothing),
  /** The run's id is that of its first stream. */
  run: request(
    'session/run',
    z.object({
      ...OfStream,
      code: z.string(),
      tag: z.string().max(4096).nullable(),
      initiator: InitiatorSchema.exactOptional(),
      timeoutS: z.number().nullable().exactOptional(),
      origin: z.object({ filename: z.string(), firstLine: z.number() }).exactOptional(),
    }),
    EndSchema,
  ),
  follow: request('session/follow', z.object({ ...OfStream, run: z.string() }), EndSchema),
  toolStatuses: request('tools/statuses', ToolboxSpecSchema, z.array(ToolStatusSchema)),
  describeTool: request('tools/describe', OfTool, ToolStatusSchema),
  restartTool: request('tools/restart', OfTool, Nothing),
  stopTool: request('tools/stop', OfTool, Nothing),
  toolLog: request('tools/log', OfTool, z.string()),
  forgetSecrets: request('tools/forgetSecrets', z.object({}), Nothing),
  provideTools: request('tools/provide', z.object({ tools: z.array(ProvidedToolSchema) }), Nothing),
  runs: request('session/runs', OfSession, z.array(RunInfoSchema)),
  toolCalls: request(
    'session/toolCalls',
    z.object({ session: z.string(), run: z.string() }),
    z.array(ToolCallSchema),
  ),
  cancel: request('session/cancel', z.object({ session: z.string(), run: z.string() }), z.boolean()),
  memory: request('session/memory', OfSession, z.number().nullable()),
  relabel: request(
    'session/relabel',
    z.object({ session: z.string(), title: z.string(), notebook: z.string().nullable() }),
    Nothing,
  ),
  interrupt: request('session/interrupt', OfSession, z.boolean()),
  cancelStart: request('session/cancelStart', OfSession, Nothing),
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

/** What the server asks of a client. */
export const ToClient = {
  /** Of who started or follows the run (`stream`), or of anybody (null). */
  input: request(
    'run/input',
    z.object({ stream: z.string().nullable(), session: z.string(), request: InputRequestSchema }),
    z.string(),
  ),
  openWorkspace: request('workspace/open', z.object({}), Nothing),
  secret: request('secret', SecretRequestSchema, z.string().nullable()),
  /** Of who provides the tool. */
  callTool: request(
    'tools/call',
    z.object({ tool: z.string(), callable: z.string(), arguments: z.record(z.string(), z.unknown()) }),
    ToolOutcomeSchema,
  ),
  approve: request('tools/approve', ApprovalQuestionSchema, ApprovalAnswerSchema),
} as const;

/** What the server tells its clients, all of them unless it is said otherwise. */
export const Told = {
  /** A session was opened, or more than its status has changed. */
  changed: notification('session/changed', SessionInfoSchema),
  status: notification('session/status', SessionStatusSchema.extend({ session: z.string() })),
  ran: notification('session/ran', z.object({ session: z.string(), run: RunInfoSchema })),
  calledTool: notification(
    'session/calledTool',
    z.object({ session: z.string(), run: z.string(), call: ToolCallSchema }),
  ),
  emitted: notification('session/emitted', z.object({ session: z.string(), event: RunEventSchema })),
  toolsChanged: notification('tools/changed', z.object({})),
  closed: notification('session/closed', OfSession),
  log: notification('log', z.object({ line: z.string() })),
  /** To the one whose stream it is. Several at once: a run may print a hundred thousand lines. */
  events: notification('run/events', z.object({ stream: z.string(), events: z.array(RunEventSchema) })),
  /** To the one whose stream it is, before the result: its text, piece by piece. */
  text: notification('run/text', TextPieceSchema),
} as const;

/** What a client tells the server. */
export const ToldServer = {
  keepAlive: notification('host/keepAlive', z.object({ seconds: z.number().min(0) })),
} as const;

/** Whether this is what a session does. */
export function hasStatus(info: SessionInfo, status: SessionStatus): boolean {
  return (Object.keys(status) as (keyof SessionStatus)[]).every((key) => info[key] === status[key]);
}

/** Checks how a client describes itself. @throws ZodError */
export function parseClient(description: unknown): ClientDescription {
  return ClientSchema.parse(description);
}
