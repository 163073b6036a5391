import { z } from 'zod';

const OfWorkspace = {
  /** Keeps a store of its own for a team or project: `workspaces/{id}`, or `{prefix}:ws:{id}`. */
  workspaceId: z.string().exactOptional(),
};

/** Which store a session has. Plain data, without a password. */
export const StorageSpecSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('file'),
    /** Absolute path. */
    baseFolder: z.string(),
    ...OfWorkspace,
  }),
  z.object({
    type: z.literal('redis'),
    /** `redis://` or `rediss://`, with a user and a database where they are needed. */
    url: z.string(),
    /** What every key begins with. */
    prefix: z.string(),
    ...OfWorkspace,
  }),
]);
export type StorageSpec = z.infer<typeof StorageSpecSchema>;
