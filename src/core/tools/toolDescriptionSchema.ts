import { z } from 'zod';
import type { ToolDescription } from './tool.ts';

const ParameterSchema = z.object({
  name: z.string(),
  originalName: z.string(),
  type: z.enum(['string', 'integer', 'number', 'boolean', 'array', 'object', 'bytes', 'any']),
  description: z.string(),
  required: z.boolean(),
  default: z.json().exactOptional(),
  schema: z.record(z.string(), z.json()),
});
const CallableSchema = z.object({
  name: z.string(),
  originalName: z.string(),
  description: z.string(),
  parameters: z.array(ParameterSchema),
  returns: ParameterSchema.shape.type,
});
/** What a tool can do, as it crosses to another process or is kept in a file. */
export const ToolDescriptionSchema = z.object({
  callables: z.array(CallableSchema),
  direct: CallableSchema.nullable(),
}) satisfies z.ZodType<ToolDescription>;
