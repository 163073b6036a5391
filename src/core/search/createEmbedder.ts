import type { EmbeddingsSpec } from './embeddingsSpec.ts';
import { EndpointEmbedder } from './endpointEmbedder.ts';
import { LocalEmbedder } from './localEmbedder.ts';
import type { Embedder } from './semantic.ts';

/** What an embedder is made with, beside its spec. */
export interface CreateEmbedderOptions {
  /** The key of the endpoint, asked for at each request; undefined: it needs none. */
  readonly apiKey?: () => Promise<string | undefined>;
  /** For the log: one line each. */
  readonly log?: (line: string) => void;
}

/** Makes the embedder that a spec names; nothing is read or asked before the first call. */
export function createEmbedder(spec: EmbeddingsSpec, options: CreateEmbedderOptions = {}): Embedder {
  return spec.type === 'endpoint' ? new EndpointEmbedder(spec, options) : new LocalEmbedder(spec.folder);
}
