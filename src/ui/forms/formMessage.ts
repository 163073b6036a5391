import { z } from 'zod';

const Entries = z.record(z.string(), z.string().nullable());

/** What the page of a form tells. */
export const FormMessageSchema = z.discriminatedUnion('kind', [
  /** The page is there, and takes what was typed before. */
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('cancel') }),
  /** Something was changed: the page wants to know what is wrong with it. */
  z.object({ kind: z.literal('check'), entries: Entries }),
  z.object({ kind: z.literal('submit'), entries: Entries }),
]);
