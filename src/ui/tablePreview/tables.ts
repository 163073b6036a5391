// What the preview of tables needs once there is one to show. It is built as a file of its own (see esbuild.mjs):
// import it as `await import('./tables.ts')` only.
import { z } from 'zod';
import type { PageRequest } from './messages.ts';

export { openFile } from '../files/openFile.ts';
export { openTable } from './readers/openTable.ts';

const PageRequestSchema: z.ZodType<PageRequest> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('load') }),
  z.object({
    type: z.literal('rows'),
    version: z.int(),
    from: z.int().nonnegative(),
    count: z.int().positive().max(1_000),
  }),
  z.object({ type: z.literal('openAsText') }),
]);

/** @throws ZodError for what no page of ours sends */
export function parsePageRequest(message: unknown): PageRequest {
  return PageRequestSchema.parse(message);
}
