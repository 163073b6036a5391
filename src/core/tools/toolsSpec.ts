import { z } from 'zod';

/** How the code of a session calls tools. Plain data. */
export const ToolsSpecSchema = z.object({
  /** Which calls a person has to allow; by default those of an agent's runs. */
  approval: z.enum(['always', 'agent', 'never']).exactOptional(),
  /** Calls that run at the same time; more wait. */
  maxParallelCalls: z.number().int().min(1).max(1000).exactOptional(),
  /** Bytes that one call may give. */
  maxResultBytes: z.number().int().min(1024).max(1_500_000_000).exactOptional(),
  /** The proxy for HTTP tools; by default what the environment says. */
  proxy: z.string().exactOptional(),
});
export type ToolsSpec = z.infer<typeof ToolsSpecSchema>;

/** What counts where a {@link ToolsSpec} says nothing. */
export const TOOLS_DEFAULTS = {
  approval: 'agent',
  maxParallelCalls: 16,
  maxResultBytes: 256 * 1024 * 1024,
} as const satisfies ToolsSpec;
