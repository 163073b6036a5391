import { z } from 'zod';
import { ContainerFactsSchema } from '../facts.ts';

const number = z.number().int();
const amount = z.number().nullable();

/** How a process inside has ended. */
const EndedSchema = z.object({
  op: z.literal('ended'),
  id: number,
  code: number.nullable(),
  /** Such as `SIGKILL`. */
  signal: z.string().nullable(),
  outOfMemory: z.boolean(),
  /** Why there was none. */
  problem: z.string().nullable(),
});
export type Ended = z.infer<typeof EndedSchema>;

const UsageSchema = z.object({
  memory: amount,
  memoryLimit: amount,
  processorTime: amount,
  processors: amount,
  processes: amount,
});

/** The messages of a container; `src/python/container_init/main.py` is the other end. */
export const ReportSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('hello'), facts: ContainerFactsSchema }),
  EndedSchema,
  z.object({ op: z.literal('usage'), id: number, usage: UsageSchema }),
  /** As many bytes were taken by an interpreter, or by a connection of the tunnel. */
  z.object({ op: z.literal('taken'), id: number, bytes: number, tunnel: z.boolean().default(false) }),
  z.object({ op: z.literal('connect'), id: number }),
  z.object({ op: z.literal('disconnect'), id: number }),
]);
export type Report = z.infer<typeof ReportSchema>;
