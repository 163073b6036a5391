import { z } from 'zod';

/** Which model turns text into vectors for the search; plain data, without a key. */
export const EmbeddingsSpecSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('endpoint'),
    /** Of an OpenAI-compatible API, up to and without `/embeddings`. */
    url: z.string(),
    model: z.string(),
  }),
  z.object({
    type: z.literal('local'),
    /** Absolute path of a folder with a static embedding model (Model2Vec). */
    folder: z.string(),
  }),
]);
export type EmbeddingsSpec = z.infer<typeof EmbeddingsSpecSchema>;
