import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { CodeModeError } from '../contract/errors.ts';
import type { Embedder } from './semantic.ts';

const AnswerSchema = z.object({
  data: z.array(z.object({ index: z.number().int().nonnegative(), embedding: z.array(z.number()).min(1) })),
});

const TEXTS_AT_ONCE = 64;
/** Characters of one text: what the models that are in use read of it, and somewhat more. */
const MAX_TEXT_LENGTH = 8000;
const ATTEMPT_MS = 30_000;
const MAX_ATTEMPTS = 3;
const DEFAULT_RETRY_MS = 1000;
const MAX_RETRY_MS = 20_000;

/** Which model of which OpenAI-compatible API is asked. */
export interface EndpointEmbedderSpec {
  /** Up to and without `/embeddings`. */
  readonly url: string;
  readonly model: string;
}

/** Asks an OpenAI-compatible API. Its key goes into the header of the request alone. */
export class EndpointEmbedder implements Embedder {
  readonly #spec: EndpointEmbedderSpec;
  readonly #apiKey: () => Promise<string | undefined>;

  constructor(
    spec: EndpointEmbedderSpec,
    { apiKey }: { readonly apiKey?: () => Promise<string | undefined> } = {},
  ) {
    this.#spec = spec;
    this.#apiKey = apiKey ?? (async () => undefined);
  }

  async id(): Promise<string> {
    const { host, pathname } = this.#address();
    return `${this.#spec.model} at ${host}${pathname}`;
  }

  async embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    const address = this.#address();
    const vectors: Float32Array[] = [];
    for (let start = 0; start < texts.length; start += TEXTS_AT_ONCE) {
      const batch = texts.slice(start, start + TEXTS_AT_ONCE);
      vectors.push(...(await this.#embedBatch(address, batch, signal)));
    }
    return vectors;
  }

  #address(): URL {
    const { url } = this.#spec;
    const address = URL.canParse(url) ? new URL(url) : undefined;
    if (!address || !/^https?:$/.test(address.protocol) || address.username || address.password) {
      throw new CodeModeError('settings', 'The URL of the embeddings endpoint cannot be used.', {
        hint: 'Give an http: or https: URL without user and password, such as http://localhost:11434/v1.',
      });
    }
    address.pathname = `${address.pathname.replace(/\/+$/, '')}/embeddings`;
    return address;
  }

  async #embedBatch(address: URL, texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    const body = JSON.stringify({
      model: this.#spec.model,
      // An empty text is refused by some.
      input: texts.map((text) => text.slice(0, MAX_TEXT_LENGTH) || ' '),
      encoding_format: 'float',
    });
    for (let attempt = 1; ; attempt++) {
      const response = await this.#post(address, body, signal);
      if (response.ok) return vectorsOf(address, await readAnswer(address, response, signal), texts.length);
      await response.body?.cancel();
      const wait = waitAfter(response);
      if (wait === undefined || attempt === MAX_ATTEMPTS) {
        // What it answered may repeat the key.
        throw failure(address, `answered with ${response.status}`, hintFor(response.status));
      }
      await setTimeout(wait, undefined, { signal });
    }
  }

  async #post(address: URL, body: string, signal: AbortSignal): Promise<Response> {
    const key = await this.#apiKey();
    const headers = {
      'content-type': 'application/json',
      ...(key ? { authorization: `Bearer ${key}` } : {}),
    };
    try {
      return await fetch(address, {
        method: 'POST',
        headers,
        body,
        // The key is for this address only.
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]),
      });
    } catch (error) {
      signal.throwIfAborted();
      throw failure(address, reasonOf(error));
    }
  }
}

async function readAnswer(address: URL, response: Response, signal: AbortSignal): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    signal.throwIfAborted();
    throw failure(address, error instanceof SyntaxError ? 'did not answer with JSON' : reasonOf(error));
  }
}

function vectorsOf(address: URL, answer: unknown, count: number): Float32Array[] {
  const { data } = AnswerSchema.safeParse(answer).data ?? { data: [] };
  const vectors = new Array<Float32Array | undefined>(count).fill(undefined);
  for (const { index, embedding } of data) if (index < count) vectors[index] = Float32Array.from(embedding);
  const length = vectors[0]?.length;
  const whole = vectors.filter((vector) => vector !== undefined && vector.length === length);
  if (length === undefined || whole.length !== count) {
    throw failure(address, 'did not answer with one vector for each text');
  }
  return whole as Float32Array[];
}

/** How long to wait before the request is made again; undefined where that is no use, or would take too long. */
function waitAfter({ status, headers }: Response): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const header = headers.get('retry-after');
  if (header === null) return DEFAULT_RETRY_MS;
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return wait <= MAX_RETRY_MS ? Math.max(wait, 0) : undefined;
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'does not answer';
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return `cannot be reached${code}`;
}

function hintFor(status: number): string | undefined {
  if (status === 401 || status === 403) return 'Check the key of the embeddings endpoint.';
  return status === 404 ? 'Check the URL and the model of the embeddings endpoint.' : undefined;
}

function failure(
  address: URL,
  what: string,
  hint = 'Check that the embeddings endpoint runs.',
): CodeModeError {
  return new CodeModeError('settings', `The embeddings endpoint at ${address.host} ${what}.`, { hint });
}
