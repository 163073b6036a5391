import { z } from 'zod';
import { CodeModeError } from '../contract/errors.ts';
import { ExecutionErrorSchema, type Json } from '../contract/execution.ts';
import type { Frame } from './frames.ts';

/**
 * The messages that Python sends; `src/python/code_mode/{host,runner}.py` is the other end. What the host
 * sends is built in connection.ts.
 */
const json: z.ZodType<Json> = z.custom<Json>(() => true);
const record = z.record(z.string(), json);

const Ready = z.object({ type: z.literal('ready'), interpreter: z.string() });

/** What Python says of a run that has ended; the value itself stands beside it in the reply. */
export const RunReplySchema = z.object({
  status: z.enum(['ok', 'error', 'interrupted']),
  valueIsRepr: z.boolean(),
  error: ExecutionErrorSchema.nullable(),
  executionTimeMs: z.number(),
  executionCount: z.number(),
  /** The value's representations. */
  display: z.object({ data: record, binary: z.record(z.string(), z.number()), metadata: record }).nullable(),
});
export type RunReply = z.infer<typeof RunReplySchema>;

const Reply = z.object({
  type: z.literal('reply'),
  id: z.number(),
  result: z.unknown().optional(),
  /** The value of a run, or which of the buffers holds it as JSON where it is long. */
  value: json.optional(),
  valueBuffer: z.number().optional(),
  error: ExecutionErrorSchema.optional(),
});

const event = { type: z.literal('event'), run: z.number() };
const bundle = {
  data: record,
  binary: z.record(z.string(), z.number()),
  metadata: record,
  displayId: z.string().optional(),
};
const RunEventMessage = z.discriminatedUnion('kind', [
  z.object({ ...event, kind: z.enum(['stdout', 'stderr']) }),
  z.object({ ...event, kind: z.literal('display'), ...bundle, isValue: z.boolean().optional() }),
  z.object({ ...event, kind: z.literal('updateDisplay'), ...bundle, displayId: z.string() }),
  z.object({ ...event, kind: z.literal('clearOutput'), wait: z.boolean() }),
  z.object({ ...event, kind: z.literal('progress'), message: z.string() }),
]);
export type RunEventMessage = z.infer<typeof RunEventMessage>;

const Call = z.object({
  type: z.literal('call'),
  id: z.number(),
  run: z.number(),
  method: z.string(),
  params: z.record(z.string(), z.unknown()),
});
const Cancel = z.object({ type: z.literal('cancel'), id: z.number() });

const PythonMessageSchema = z.discriminatedUnion('type', [RunEventMessage, Reply, Call, Cancel, Ready]);
export type PythonMessage = z.infer<typeof PythonMessageSchema>;

/**
 * Makes the schemas ready, which the first parse of each would do otherwise: it takes milliseconds, for which there is
 * time while Python starts.
 */
export function prepareSchemas(): void {
  const outcome = { status: 'ok', valueIsRepr: false, error: null, executionTimeMs: 0, executionCount: 1 };
  const display = { data: { 'text/plain': '' }, binary: {}, metadata: {} };
  RunReplySchema.safeParse({ ...outcome, display });
  for (const message of [
    { type: 'ready', interpreter: '' },
    { type: 'reply', id: 1, result: {}, value: null },
    { type: 'event', run: 1, kind: 'stdout' },
  ]) {
    PythonMessageSchema.safeParse(message);
  }
}

/** Checks a frame that Python sent. @throws CodeModeError `protocol` */
export function parseMessage(frame: Frame): PythonMessage {
  const parsed = PythonMessageSchema.safeParse(frame.header);
  if (parsed.success) return parsed.data;
  throw new CodeModeError('protocol', 'Python sent a message that is not part of the protocol.', {
    cause: parsed.error,
  });
}
