import { z } from 'zod';
import type { ContainerReport, ContainerUsage } from '../../contract/container.ts';
import { notification, request } from './definitions.ts';

const ContainerReportSchema = z.object({
  engine: z.string().nullable(),
  image: z.string(),
  imageId: z.string().nullable(),
  container: z
    .object({
      id: z.string(),
      name: z.string(),
      startedAt: z.number(),
      shell: z.object({ file: z.string(), args: z.array(z.string()) }),
      limits: z.array(z.string()),
    })
    .nullable(),
  preparing: z.string().nullable(),
}) satisfies z.ZodType<ContainerReport>;

const ContainerUsageSchema = z.object({
  memory: z.number().nullable(),
  memoryLimit: z.number().nullable(),
  processorTime: z.number().nullable(),
  processors: z.number().nullable(),
  processes: z.number().nullable(),
}) satisfies z.ZodType<ContainerUsage>;

const OfSession = z.object({ session: z.string() });

/** What a client asks of the container of a session. */
export const ToContainer = {
  report: request('container/report', OfSession, ContainerReportSchema),
  usage: request('container/usage', OfSession, ContainerUsageSchema.nullable()),
  log: request('container/log', OfSession, z.string()),
  stop: request('container/stop', OfSession, z.null()),
  /** The client names the change; what is told of its progress has that name, as for packages. */
  rebuild: request('container/rebuild', OfSession.extend({ change: z.string().min(1).max(100) }), z.null()),
} as const;

/** What a client is told of the container of a session. */
export const ToldOfContainer = {
  changed: notification('container/changed', OfSession),
} as const;
